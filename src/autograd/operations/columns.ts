/** Columns of a matrix by number: what the random selection of embedding dimensions reads (Unicom). */
import type { Engine } from "../../tensor/engine.js";
import { formatShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { operation } from "../operation.js";
import type { Variable } from "../variable.js";
import { checkRows } from "./checkIndex.js";

export const gatherColumnsOperation = operation<[Tensor], { readonly index: Int32Array }>({
  name: "gatherColumns",
  signature: "[N, M] → [N, F]",
  check([x], { index }) {
    if (x.rank !== 2)
      throw new Error(`gatherColumns: works on the columns of a matrix; given ${formatShape(x.shape)}.`);
    checkRows("gatherColumns", index, x.shape[1], "column");
  },
  forward: (engine, [x], { index }) => ({ y: turned(engine, x, (rows) => engine.gatherRows(rows, index)) }),
  // a column that nobody read gets zeros, one that was read several times the sum
  backward: (dy, { engine, inputs: [x], options: { index } }) => [
    turned(engine, dy, (rows) => engine.scatterAddRows(rows, index, x.shape[1])),
  ],
  samples: [
    { inputs: [{ shape: [3, 5] }], options: { index: Int32Array.of(4, 0, 2) } },
    { inputs: [{ shape: [2, 4] }], options: { index: Int32Array.of(1, 1, 3, 0, 1) } },
    { inputs: [{ shape: [4, 1] }], options: { index: Int32Array.of(0) } },
  ],
  linearIn: [0],
});

/** Columns are the rows of the transpose. */
function turned(engine: Engine, x: Tensor, ofRows: (rows: Tensor) => Tensor): Tensor {
  return engine.permute(ofRows(engine.permute(x, [1, 0])), [1, 0]);
}

/** The columns of x with these numbers, in this order, repeats allowed. x: [N, M], index: F → [N, F] */
export function gatherColumns(x: Variable, index: Int32Array): Variable {
  return gatherColumnsOperation([x], { index });
}
