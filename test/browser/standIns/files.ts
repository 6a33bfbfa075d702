/** Of node:fs, node:path and node:url what properties use to say where they stand. A page has no folders: paths are relative to begin with. */

export const path = { relative: (_folder: string, file: string): string => file };
export { path as default };

export function fileURLToPath(url: URL): string {
  return url.pathname;
}

export function appendFileSync(): void {
  throw new Error("a page has no files");
}
