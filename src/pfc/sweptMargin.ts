/**
 * The margin of a sweep (`sweptSoftmax.ts`). Its scale is part of the first pass and has to be a number before; the rest is known after it.
 *
 * Where a supplier makes the margin (`suppliedMargin.ts`) the cosines of the rows with their own classes, from which it has the scale, are
 * computed apart: N rows are gathered. ln B is in what the first pass finds.
 */
import { gatherColumns, noGrad, normalizeRows, type Variable } from "../autograd/index.js";
import type { RowParameter } from "../nn/rowParameter.js";
import type { Communicator } from "../ranks/communicator.js";
import type { SweepStatistics } from "../tensor/cosineSweep.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Margin } from "./margins/margin.js";
import {
  isSupplier,
  logSumOfRanks,
  sampledShare,
  suppliedLogits,
  type MarginSupplier,
  type SuppliedNumbers,
} from "./margins/suppliedMargin.js";

export interface SweptMarginOptions {
  readonly margin: Margin | MarginSupplier;
  readonly communicator: Communicator;
  /** The selected dimensions, F; default: all of them. */
  readonly columns?: Int32Array;
}

export interface SweptMargin {
  readonly scale: number;
  /** What the first pass has left to say. */
  readonly at: (statistics: SweepStatistics) => {
    readonly logits: Margin["logits"];
    readonly supplied?: SuppliedNumbers;
  };
}

/** Parameters as of `sweptSoftmax`. @throws Error if the scale is supplied on an engine that computes later than it is called. */
export function sweptMargin(
  x: Tensor,
  centers: RowParameter,
  index: Int32Array,
  labels: Int32Array,
  options: SweptMarginOptions,
): SweptMargin {
  const { margin, communicator } = options;
  if (!isSupplier(margin)) {
    return { scale: margin.scale, at: () => ({ logits: (cosine, column) => margin.logits(cosine, column) }) };
  }
  const share = sampledShare(index.length, centers.rows, communicator);
  const supply = margin.supply(ownCosines(x, centers, index, labels, options), share);
  return {
    scale: numberOf(supply.scale),
    at: ({ largest, total }) => {
      const { scale, median } = supply;
      const supplied = { scale, median, margin: supply.margin(logSumOfRanks(largest, total, communicator)) };
      const logits = (cosine: Variable, column: Int32Array) => suppliedLogits(cosine, column, supplied);
      return { logits, supplied };
    },
  };
}

/** cos θ of the rows with their own classes, before there is a sweep: over all ranks, of which one has a row's class.  x: [N, F] → [N] */
function ownCosines(
  x: Tensor,
  centers: RowParameter,
  index: Int32Array,
  labels: Int32Array,
  { columns, communicator }: SweptMarginOptions,
): Tensor {
  const { engine } = x;
  return engine.scope(() => {
    if (labels.every((label) => label === -1)) return communicator.allReduce(engine.full([labels.length], 0), "sum"); // a rank may have no class
    const rows = noGrad(() => centers.gather(labels.map((label) => (label === -1 ? 0 : index[label])))); // [N, E]
    const unit = normalizeRows(columns ? gatherColumns(rows, columns) : rows).tensor; // [N, F]
    const cosine = engine.reduce("sum", engine.binary("multiply", x, unit), [1], false); // [N]
    const owned = engine.tensor(
      Float32Array.from(labels, (label) => Number(label !== -1)),
      [labels.length],
    );
    return communicator.allReduce(engine.binary("multiply", engine.clamp(cosine, -1, 1), owned), "sum");
  });
}

/** @throws Error on an engine that computes later than it is called. */
function numberOf(scale: Tensor): number {
  if (scale.engine.kind === "gpu") {
    throw new Error(
      `PartialFC: a margin that is supplied for every batch needs, on the path "fused", an engine that computes at once, which ` +
        `${scale.engine.name} is not: take path: "formula".`,
    );
  }
  return scale.dataSync()[0];
}
