/**
 * Collects garbage now, on the thread that calls. A wasm memory goes back to the system when the last object that holds it is collected,
 * which on an idle thread is never; the engine holds a few objects only, so V8 sees no reason to hurry.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect;

export function collectGarbage() {
  if (collect === undefined) {
    // The flag is one for all threads: another that has its function may take it back before the context here is made
    while (collect === undefined) {
      setFlagsFromString("--expose-gc");
      collect = runInNewContext("globalThis.gc");
    }
    setFlagsFromString("--no-expose-gc");
  }
  collect();
}
