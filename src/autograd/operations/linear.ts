/** The fully connected layer: y = x · wᵀ + bias. */
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { operation } from "../operation.js";
import type { Variable } from "../variable.js";
import { asRows } from "./asRows.js";

export const linearOperation = operation<readonly [Tensor, Tensor] | readonly [Tensor, Tensor, Tensor]>({
  name: "linear",
  signature: "[…, I] · [O, I]ᵀ + [O] → […, O]",
  check([x, weight, bias]) {
    const inner = x.shape[x.rank - 1];
    const biasFits = bias === undefined || sameShape(bias.shape, [weight.shape[0]]);
    if (x.rank === 0 || weight.rank !== 2 || weight.shape[1] !== inner || !biasFits) {
      throw new Error(
        `linear: the last axis of the input (${inner}) must be the second of the weight [out, in], and the bias [out]; ` +
          `given ${formatShape(x.shape)}, weight ${formatShape(weight.shape)}` +
          `${bias ? `, bias ${formatShape(bias.shape)}` : ""}.`,
      );
    }
  },
  forward(engine, [x, weight, bias]) {
    const product = engine.matmul(asRows(x), weight, false, true); // [N, I] · [O, I]ᵀ → [N, O]
    const y = bias ? engine.binary("add", product, bias) : product;
    return { y: y.reshape([...x.shape.slice(0, -1), weight.shape[0]]) };
  },
  backward(dy, { engine, inputs: [x, weight, bias], needs }) {
    const dyRows = asRows(dy); // [N, O]
    return [
      needs[0] ? engine.matmul(dyRows, weight, false, false).reshape(x.shape) : undefined, // [N, O] · [O, I] → [N, I]
      needs[1] ? engine.matmul(dyRows, asRows(x), true, false) : undefined, // [N, O]ᵀ · [N, I] → [O, I]
      bias && needs[2] ? engine.reduce("sum", dyRows, [0], false) : undefined, // [O]
    ];
  },
  samples: [
    { inputs: [{ shape: [4, 3] }, { shape: [5, 3] }, { shape: [5] }], options: undefined },
    { inputs: [{ shape: [4, 3] }, { shape: [5, 3] }], options: undefined },
    { inputs: [{ shape: [2, 3, 7] }, { shape: [1, 7] }, { shape: [1] }], options: undefined },
    { inputs: [{ shape: [7] }, { shape: [2, 7] }, { shape: [2] }], options: undefined },
  ],
  linearIn: "all",
});

/** x · weightᵀ + bias.  x: […, in], weight: [out, in], bias: [out] → […, out] */
export function linear(x: Variable, weight: Variable, bias?: Variable): Variable {
  return linearOperation(bias ? [x, weight, bias] : [x, weight], undefined);
}
