/**
 * Whether operations are recorded on the tape. Recording is on; `noGrad(() => …)` turns it off for a synchronous body.
 *
 * The one piece of module state in the library: it is the dynamic extent of a call, restored even when the body throws.
 */
let suspended = 0;

/** false inside `noGrad`. */
export function isRecording(): boolean {
  return suspended === 0;
}

/** Runs `body` without recording: its results have no history. A body that returns a promise is an error. */
export function noGrad<T>(body: () => T): T {
  suspended++;
  try {
    const result = body();
    if (result instanceof Promise) {
      result.catch(() => undefined);
      throw new Error("noGrad: the callback returned a promise; compute inside noGrad, and await after it.");
    }
    return result;
  } finally {
    suspended--;
  }
}
