/** Where a command may write a file: a new one, or one that it has written before. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** @throws Error where the folder is not there, or the file is and `isOurs` does not know its text; `what` is what it would hold */
export function checkPlace(flag: string, path: string, what: string, isOurs: (text: string) => boolean): void {
  if (!existsSync(dirname(resolve(path)))) {
    throw new Error(`${flag}: the folder of ${path} does not exist.`);
  }
  if (!existsSync(path)) return;
  if (!statSync(path).isFile() || !isOurs(readFileSync(path, "utf8"))) {
    throw new Error(`${path} is there already and holds no ${what}; name another file with ${flag}.`);
  }
}
