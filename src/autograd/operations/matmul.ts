/** The matrix product, alone or in batches. */
import { formatShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { operation } from "../operation.js";
import type { Variable } from "../variable.js";

export interface MatmulOptions {
  /** The operand is stored transposed: a is [K, M], b is [N, K]. */
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

export const matmulOperation = operation<[Tensor, Tensor], MatmulOptions>({
  name: "matmul",
  signature: "[M, K] · [K, N] → [M, N], or batches [G, M, K] · [G, K, N] → [G, M, N]",
  check([a, b], { transposeA = false, transposeB = false }) {
    const inner = a.shape.at(transposeA ? -2 : -1);
    const other = b.shape.at(transposeB ? -1 : -2);
    const ranks = a.rank === b.rank && (a.rank === 2 || (a.rank === 3 && a.shape[0] === b.shape[0]));
    if (!ranks || inner !== other) {
      throw new Error(
        `matmul: the inner extents ${inner} and ${other} must be equal and both operands matrices (or equal batches of them); ` +
          `given ${formatShape(a.shape)}${transposeA ? " transposed" : ""} and ${formatShape(b.shape)}${transposeB ? " transposed" : ""}.`,
      );
    }
  },
  forward: (engine, [a, b], { transposeA = false, transposeB = false }) => ({
    y: engine.matmul(a, b, transposeA, transposeB),
  }),
  // y = a·b: every y_mn meets row m of a and column n of b, so da = dy·bᵀ and db = aᵀ·dy (and both transposed where the operand is)
  backward(dy, { engine, inputs: [a, b], options: { transposeA = false, transposeB = false }, needs }) {
    return [
      needs[0]
        ? transposeA
          ? engine.matmul(b, dy, transposeB, true)
          : engine.matmul(dy, b, false, !transposeB)
        : undefined,
      needs[1]
        ? transposeB
          ? engine.matmul(dy, a, true, transposeA)
          : engine.matmul(a, dy, !transposeA, false)
        : undefined,
    ];
  },
  samples: [
    { inputs: [{ shape: [3, 4] }, { shape: [4, 5] }], options: {} },
    { inputs: [{ shape: [4, 3] }, { shape: [4, 5] }], options: { transposeA: true } },
    { inputs: [{ shape: [3, 4] }, { shape: [5, 4] }], options: { transposeB: true } },
    { inputs: [{ shape: [4, 3] }, { shape: [5, 4] }], options: { transposeA: true, transposeB: true } },
    { inputs: [{ shape: [2, 3, 4] }, { shape: [2, 4, 5] }], options: {} },
    { inputs: [{ shape: [1, 1] }, { shape: [1, 1] }], options: {} },
    { inputs: [{ shape: [17, 33] }, { shape: [33, 19] }], options: {} },
  ],
  linearIn: "all",
});

/** a · b.  a: [M, K], b: [K, N] → [M, N]; or [G, M, K] and [G, K, N] → [G, M, N]. */
export function matmul(a: Variable, b: Variable, options: MatmulOptions = {}): Variable {
  return matmulOperation([a, b], options);
}
