/** How many bytes this process may still take: what the system has free, or what its container leaves, whichever is less. */
import { freemem, totalmem } from "node:os";

export function availableMemory(): number {
  const limit = (process as { constrainedMemory?: () => number }).constrainedMemory?.() ?? 0; // 0 or enormous: none
  const free = freemem();
  return limit > 0 && limit < totalmem() ? Math.min(free, Math.max(0, limit - process.memoryUsage().rss)) : free;
}
