/** What the families of operations need of the engine: new tensors, computed later by a kernel. */
import type { Shape } from "../../shape.js";
import type { Tensor } from "../../tensor.js";
import type { Grid } from "./device.js";
import type { Kernel } from "./kernel.js";
import type { ProductSize } from "./workgroupProduct.js";

export interface Context {
  /** Whether a kernel may return four neighbouring cells at once. */
  readonly fours: boolean;
  tensor(data: ArrayLike<number>, shape: Shape): Tensor;
  full(shape: Shape, value: number): Tensor;
  /** A tensor of this shape, its elements the cells of the grid. Where it has none, nothing runs. */
  launch(kernel: Kernel, shape: Shape, grid: Grid, inputs: readonly Tensor[], scalars?: readonly number[]): Tensor;
  /** The matrix product in WGSL, where the engine was opened with it. */
  readonly product?: (shape: Shape, a: Tensor, b: Tensor, size: ProductSize) => Tensor;
  /** The same elements for another tensor: its own are given up. */
  assign(target: Tensor, source: Tensor): void;
  /** Before an operation of several parts, of which all or none are to run. @throws Error unless so many may still be queued. */
  reserve(name: string, operations: number): void;
  /** What is made inside, but the result, is released at the end. */
  scope<T>(body: () => T): T;
}

/** Whole numbers from here on are not all float32, and arrays hold nothing else. */
const FIRST_INEXACT = 2 ** 24;

/** Row numbers and labels on the device, for as long as `body` takes to call. @throws Error if float32 cannot hold one exactly. */
export function withIndex(context: Context, index: Int32Array, body: (index: Tensor) => Tensor): Tensor {
  const largest = index.reduce((most, row) => Math.max(most, row), 0);
  if (largest >= FIRST_INEXACT) {
    throw new Error(
      `gpu: row and column numbers are kept in float32, which is exact below ${FIRST_INEXACT}; given ${largest}. ` +
        `The wasm engine has no such limit.`,
    );
  }
  const numbers = context.tensor(index, [index.length]);
  try {
    return body(numbers);
  } finally {
    numbers.dispose();
  }
}
