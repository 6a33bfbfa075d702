/** Writing a file whole or not at all: to a temporary name, flushed, renamed. */
import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from "node:fs";
import { removeQuietly } from "./removeQuietly.node.js";
import { temporaryName } from "./temporaryName.node.js";
import { reasonOf } from "./reasonOf.node.js";

/** A reader finds the old content or the new one. Throws a sentence that names the file; the old one is then as it was. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const temporary = temporaryName(path);
  try {
    const file = openSync(temporary, "w");
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    removeQuietly(temporary);
    throw new Error(`${path}: could not be written (${reasonOf(error)}); what was there before is untouched.`, {
      cause: error,
    });
  }
}
