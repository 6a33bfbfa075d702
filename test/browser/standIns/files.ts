/** Of node:fs what properties use to report what they tried. */

export function appendFileSync(): void {
  throw new Error("a page has no files");
}
