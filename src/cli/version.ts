/** The version of this package, from its package.json: two folders above, in the repository as in the published package. */
import { readFileSync } from "node:fs";

export function version(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
