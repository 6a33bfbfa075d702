/** What the wrappers of kernels need: new tensors, their addresses, and the threads. */
import { formatShape, type Shape } from "../../shape.js";
import type { Storage, Tensor } from "../../tensor.js";
import type { Heap } from "./heap.js";
import type { Runtime } from "./runtime.js";

/** A block of the heap. */
export class WasmStorage implements Storage {
  references = 0;
  constructor(readonly pointer: number) {}
}

/** A memory and the kernels on it: the engine's own, or a bank (bank.ts). */
export interface Place extends Runtime {
  readonly heap: Heap;
}

export interface Context extends Place {
  /** A tensor whose elements are not set. */
  make(shape: Shape): Tensor;
}

/** Address of the elements. Throws where the tensor was released or belongs to another engine. */
export function pointerOf(context: Context, tensor: Tensor, operation: string): number {
  tensor.assertLive(operation);
  const { engine }: { engine: object } = tensor;
  if (engine !== context || !(tensor.storage instanceof WasmStorage)) {
    throw new Error(
      `${operation}: the tensor of shape ${formatShape(tensor.shape)} is on the engine "${tensor.engine.name}", not on this one.`,
    );
  }
  return tensor.storage.pointer;
}

/** Elements of a work item of flat kernels: BLOCK in kernels/common.ts. */
const BLOCK = 4096;

export function blocksOf(size: number): number {
  return Math.ceil(size / BLOCK);
}

/** Runs `body` with so many bytes of working memory. */
export function withBlock<T>(place: Place, bytes: number, body: (pointer: number) => T): T {
  const pointer = place.allocate(bytes);
  try {
    return body(pointer);
  } finally {
    place.release(pointer);
  }
}

/** Runs `body` with a table of integers in the heap. */
export function withTable<T>(place: Place, table: ArrayLike<number>, body: (pointer: number) => T): T {
  return withBlock(place, table.length * 4, (pointer) => {
    place.heap.integers.set(table, pointer / 4);
    return body(pointer);
  });
}
