/** Names of files that are still being written: hidden, beside the file they will become, one for each process. */
import { basename, dirname, join } from "node:path";

/** `checkpoints/.last.safetensors.4242.partial` for `checkpoints/last.safetensors`. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.partial`);
}

/** Whether a name is that of a file left behind by a process that was killed while it wrote. */
export function isTemporaryName(name: string): boolean {
  return /^\..+\.partial$/.test(name);
}
