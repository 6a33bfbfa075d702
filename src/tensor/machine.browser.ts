/** A browser does not say how much memory is left. Takes the place of machine.node.ts in a bundle. */

export function availableMemory(): number | undefined {
  return undefined;
}
