/** Broadcasting undone: the derivative of a stretched operand. */
import { sameShape, type Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";

/**
 * Sums `dy` down to `shape`, from which it was broadcast: an element that was used many times gets the sum of the derivatives of
 * its uses. Where nothing was stretched, `dy` itself.
 */
export function sumTo(dy: Tensor, shape: Shape): Tensor {
  if (sameShape(dy.shape, shape)) return dy;
  const added = dy.rank - shape.length;
  const stretched = dy.shape.flatMap((extent, axis) =>
    axis < added || (shape[axis - added] === 1 && extent !== 1) ? [axis] : [],
  );
  const summed = stretched.length === 0 ? dy : dy.engine.reduce("sum", dy, stretched, true);
  return summed.reshape(shape);
}
