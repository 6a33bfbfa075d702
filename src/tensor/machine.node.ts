/** How much memory the machine has left, in Node. In a browser bundle machine.browser.ts takes the place of this file. */
import { freemem } from "node:os";

/** Bytes that may still be taken: what the system can provide (Linux: MemAvailable), or what a container leaves where that is less. */
export function availableMemory(): number | undefined {
  const limit = process.constrainedMemory(); // 0, or more than any machine has: no limit
  const left = limit > 0 && limit < Number.MAX_SAFE_INTEGER ? limit - process.memoryUsage.rss() : Infinity;
  return Math.max(0, Math.min(freemem(), left));
}
