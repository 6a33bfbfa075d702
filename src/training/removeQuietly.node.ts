/** Removing a file that nobody needs any more, on a disk that may fail here as well: what brought us here is the failure to tell of. */
import { rmSync } from "node:fs";

/** What stays is harmless: half-written files are cleared, and claims lapse, when a run is claimed next. */
export function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // see above
  }
}
