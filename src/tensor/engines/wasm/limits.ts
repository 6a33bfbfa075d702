/**
 * What this machine can give to the wasm engine: arithmetic from registers, bandwidth of memory, and how soon all threads are at work.
 *
 * Stands beside the engine and is no part of its contract: a benchmark runs these calls between the kernels that it measures.
 */
import type { Tensor } from "../../tensor.js";
import { pointerOf } from "./context.js";
import type { WasmEngine } from "./wasmEngine.js";

/** Floats of each of three arrays: 48 MiB, together well beyond a last-level cache of 32 MiB. */
const ELEMENTS = 12 * 2 ** 20;
/** Bytes of them, which are held until `dispose`. */
export const LIMIT_BYTES = 3 * 4 * ELEMENTS;
/** Floats of a work item: 64 KiB. */
const BLOCK = 16_384;
/** Items a thread, and iterations of each: about 4 milliseconds a thread. */
const ITEMS = 16;
const ITERATIONS = 65_536;
/** Operations of one iteration: 12 chains of four lanes, a multiplication and an addition each. */
const OPERATIONS = 12 * 4 * 2;
/** Looks of a thread that waits for the others: some seconds. */
const PATIENCE = 2 ** 30;

export interface LimitCalls {
  readonly multiplyAdd: { readonly operations: number; run(): void };
  /** y = x and z = x + y / 2. Bytes: read once, written once; a processor that reads lines before it writes them moves more. */
  readonly copy: { readonly bytes: number; run(): void };
  readonly triad: { readonly bytes: number; run(): void };
  /** Until every thread works on an item of its own, and back. One thread: undefined. */
  readonly dispatch: { run(): void } | undefined;
  dispose(): void;
}

/** The calls, with arrays of their own on the engine's heap. */
export function limitCalls(engine: WasmEngine): LimitCalls {
  const { threads } = engine;
  const arrays = [1, 2, 3].map((value) => engine.keep(engine.full([ELEMENTS], value)));
  const [x, y, z] = arrays.map((array) => pointerOf(engine, array, "limits"));
  const sums = engine.keep(engine.full([4 * ITEMS * threads], 0));
  const counter = engine.keep(engine.full([1], 0));
  const blocks = ELEMENTS / BLOCK;
  const items = ITEMS * threads;
  const operations = items * ITERATIONS * OPERATIONS;
  return {
    multiplyAdd: {
      operations,
      run: () => engine.run("multiplyAddLimit", items, [pointerOf(engine, sums, "limits"), ITERATIONS], operations),
    },
    copy: { bytes: 2 * 4 * ELEMENTS, run: () => engine.run("copyLimit", blocks, [x, y, BLOCK], ELEMENTS) },
    triad: { bytes: LIMIT_BYTES, run: () => engine.run("triadLimit", blocks, [x, y, z, BLOCK], ELEMENTS) },
    dispatch: threads === 1 ? undefined : { run: () => meet(engine, counter) },
    dispose: () => {
      for (const tensor of [...arrays, sums, counter]) tensor.dispose();
    },
  };
}

/** @throws Error if a thread did not come. */
function meet(engine: WasmEngine, counter: Tensor): void {
  const { threads } = engine;
  const pointer = pointerOf(engine, counter, "limits");
  engine.heap.integers[pointer / 4] = 0;
  engine.run("meet", threads, [pointer, threads, PATIENCE], Infinity);
  const came = engine.heap.integers[pointer / 4];
  if (came !== threads) throw new Error(`wasm engine: of ${threads} threads not all came to work on a kernel.`);
}
