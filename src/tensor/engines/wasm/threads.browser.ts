/** The wasm engine in a browser has one thread: the one that calls it. Takes the place of threads.node.ts in a bundle. */
import type { WorkerData, Workers } from "./workers.js";

const REASON = "a page's main thread may not block, so it cannot wait for other threads";

export function defaultThreads(): { readonly threads: number; readonly reason?: string } {
  return { threads: 1, reason: REASON };
}

/** A browser has relaxed SIMD or has it not. */
export function enableRelaxedSimd(): boolean {
  return false;
}

/** A browser collects when it likes. */
export function collectGarbage(): void {}

export async function startWorkers(count: number, _dataFor: (thread: number) => WorkerData): Promise<Workers> {
  throw new Error(`wasm engine: ${count + 1} threads were asked for, but in a browser there is one: ${REASON}.`);
}
