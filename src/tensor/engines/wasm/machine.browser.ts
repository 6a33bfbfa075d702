/** A browser says nothing of its memory and collects garbage when it likes. Takes the place of machine.node.ts in a bundle. */

export function availableMemory(): number | undefined {
  return undefined;
}

export function collectGarbage(): void {
  // memories that nobody holds go when the browser collects
}
