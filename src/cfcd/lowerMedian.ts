/** The lower of the two middle values, found on the engine: no read, and no sorting kernel. */
import type { Tensor } from "../tensor/tensor.js";

/**
 * 1 at the element of number ⌊(N − 1)/2⌋ in ascending order, else 0; of equal ones the earlier comes first.  [N] → [N]
 *
 * An element's number is how many are smaller, or equal and before it: N² comparisons.
 */
export function lowerMedian(x: Tensor): Tensor {
  const { engine, size } = x;
  return engine.scope(() => {
    const [own, other] = [x.reshape([size, 1]), x.reshape([1, size])];
    const smaller = engine.binary("greater", own, other); // [N, N]
    const before = engine.binary(
      "multiply",
      engine.binary("equal", own, other),
      engine.tensor(earlier(size), [size, size]),
    );
    const place = engine.reduce("sum", engine.binary("add", smaller, before), [1], false); // [N]
    return engine.binary("equal", place, engine.full([1], (size - 1) >> 1));
  });
}

/** 1 where the column comes before the row: [N, N] */
function earlier(size: number): Float32Array {
  return Float32Array.from({ length: size * size }, (_, i) => Number(i % size < Math.floor(i / size)));
}

/** The element where `is` is 1, whatever the others are.  [N], [N] → [] */
export function selected(x: Tensor, is: Tensor): Tensor {
  const { engine, shape } = x;
  return engine.reduce("sum", engine.select(is, x, engine.full(shape, 0)), [0], false);
}
