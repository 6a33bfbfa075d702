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
    const order = engine.tensor(
      Float32Array.from({ length: size }, (_, i) => i),
      [size],
    );
    /** Of every element (row) and every other (column): [N, N] */
    const compared = (name: "greater" | "equal", of: Tensor): Tensor =>
      engine.binary(name, of.reshape([size, 1]), of.reshape([1, size]));
    const before = engine.binary("multiply", compared("equal", x), compared("greater", order));
    const place = engine.reduce("sum", engine.binary("add", compared("greater", x), before), [1], false); // [N]
    return engine.binary("equal", place, engine.full([1], (size - 1) >> 1));
  });
}

/** The element where `is` is 1, whatever the others are.  [N], [N] → [] */
export function selected(x: Tensor, is: Tensor): Tensor {
  const { engine, shape } = x;
  return engine.reduce("sum", engine.select(is, x, engine.full(shape, 0)), [0], false);
}
