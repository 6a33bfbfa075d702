/**
 * Collects garbage now, on the thread that calls. A wasm memory goes back to the system when the last object that holds it is collected,
 * which on an idle thread is never; the engine holds a few objects only, so V8 sees no reason to hurry.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect;

export function collectGarbage() {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc");
    setFlagsFromString("--no-expose-gc");
  }
  collect();
}
