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
    const number = engine.tensor(Float32Array.from({ length: size }, (_, i) => i), [size]); // prettier-ignore
    const exceeds = (values: Tensor): Tensor =>
      engine.binary("greater", values.reshape([size, 1]), values.reshape([1, size])); // [N, N]
    const equal = engine.binary("equal", x.reshape([size, 1]), x.reshape([1, size]));
    const before = engine.binary("add", exceeds(x), engine.binary("multiply", equal, exceeds(number)));
    const place = engine.reduce("sum", before, [1], false); // [N]
    return engine.binary("equal", place, engine.full([1], (size - 1) >> 1));
  });
}

/** The element where `is` is 1, whatever the others are.  [N], [N] → [] */
export function selected(x: Tensor, is: Tensor): Tensor {
  const { engine, shape } = x;
  return engine.reduce("sum", engine.select(is, x, engine.full(shape, 0)), [0], false);
}
