/**
 * Inter-class filtering (Partial FC, An et al. 2022): wrong classes that are suspiciously near are left alone.
 *
 * A negative center with cos θ > τ is likely to be another name of the same person (or a wrong label). Its cosine is set to 0, so
 * it is neither pushed away nor masked: exp(0) stays in the softmax's denominator, as in the public code. The threshold has to
 * stand above what chance gives: cosines of random directions spread by 1/√E, so τ = 0.4 is 9 deviations at E = 512 and 2.3 at 32.
 */
import { constant, multiply, type Variable } from "../../autograd/index.js";

/**
 * cosine · [cosine ≤ τ or own class].  cosine: [N, S], labels: [N] columns, or −1 (then every entry of the row may be filtered).
 * Applied before the margin. A threshold of 0 is off.
 */
export function interclassFilter(cosine: Variable, labels: Int32Array, threshold: number): Variable {
  if (threshold === 0) return cosine;
  const { engine, shape } = cosine.tensor;
  const kept = engine.scope(() => {
    const above = engine.binary("greater", cosine.tensor, engine.full([1], threshold)); // [N, S]
    const spared = engine.place(engine.pick(above, labels), labels, shape[1]); // [N, S]: the target, if it is above
    return engine.binary("add", engine.affine(above, -1, 1), spared); // [N, S]
  });
  // whether an entry is kept is a constant: dy · kept, nothing where nothing is kept
  return multiply(cosine, constant(kept));
}
