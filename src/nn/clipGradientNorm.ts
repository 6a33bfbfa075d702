/**
 * Clipping of gradients to a global norm (Pascanu et al. 2013): g ← g · min(1, maximum / (norm + 1e-6)).
 *
 * The factor is computed on the engine and never read, so that a queued engine need not wait; whoever wants the norm awaits it.
 */
import type { Variable } from "../autograd/variable.js";
import type { Tensor } from "../tensor/tensor.js";

/**
 * Scales all gradients of these parameters together; those without one are skipped. Returns the norm before clipping, a scalar.
 * `maximum` may be Infinity: the norm alone.
 */
export function clipGradientNorm(parameters: readonly { readonly variable: Variable }[], maximum: number): Tensor {
  if (!(maximum > 0)) throw new Error(`clipGradientNorm: the largest norm must be above 0; given ${maximum}.`);
  if (parameters.length === 0) throw new Error("clipGradientNorm: there is no parameter to clip.");
  const { engine } = parameters[0].variable.tensor;
  const variables = parameters.map(({ variable }) => variable).filter(({ grad }) => grad !== undefined);
  return engine.scope(() => {
    const squares = variables.map(({ grad }) => sumOfSquares(grad!)); // each []
    const norm = engine.unary(
      "sqrt",
      squares.reduce((total, square) => engine.binary("add", total, square), engine.full([], 0)),
    );
    if (maximum === Infinity) return norm;
    const ratio = engine.affine(engine.unary("reciprocal", engine.affine(norm, 1, 1e-6)), maximum, 0);
    const factor = engine.clamp(ratio, 0, 1); // []
    for (const variable of variables) {
      // a new tensor, not in place: no kernel writes a product over its operand
      const scaled = engine.keep(engine.binary("multiply", variable.grad!, factor));
      variable.zeroGrad();
      variable.grad = scaled;
    }
    return norm;
  });
}

function sumOfSquares(gradient: Tensor): Tensor {
  const { engine } = gradient;
  const axes = gradient.shape.map((_, axis) => axis);
  return engine.reduce("sum", engine.unary("square", gradient), axes, false);
}
