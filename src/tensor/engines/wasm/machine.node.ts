/** What the wasm engine asks of the machine, in Node. In a browser bundle machine.browser.ts takes the place of this file. */
import { freemem } from "node:os";
import { collectGarbage as collect } from "./collectGarbage.mjs";

/** Bytes that may still be taken: what the system has left, or the limit of the container where that is less. */
export function availableMemory(): number | undefined {
  const limit = process.constrainedMemory?.() ?? 0; // 0 or beyond 2^53: no limit
  const left = limit > 0 && limit < Number.MAX_SAFE_INTEGER ? limit - process.memoryUsage.rss() : Infinity;
  return Math.max(0, Math.min(freemem(), left));
}

/** Gives memories that nobody holds any longer back to the system now. */
export function collectGarbage(): void {
  collect();
}
