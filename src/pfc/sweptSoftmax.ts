/**
 * The loss of Partial FC as one operation on the table of centers: cosines, margin, softmax and both gradients, without gathered rows
 * and without a gradient of their size. `PartialFC` has the same loss written out as formulas; tests hold the two to each other.
 *
 *     L = −1/N Σ_n log p_n,   p_n = exp(z_n) / (exp(z_n) + Σ_j≠y exp(s · cos θ_nj)),   z_n = s · (cos θ_ny, with its margin)
 *
 *     dL/dcos θ_nj = s · p_nj / N                  wrong classes
 *     dL/dcos θ_ny = (p_n − 1) / N · dz_n/dcos θ_ny  the right one; the margin's own formula gives its slope
 *
 * Cosines are held within [−1, 1], and this is not differentiated: of unit vectors none is beyond, whatever rounding says.
 *
 * Over ranks, or over parts of a table, the same three numbers a row travel as in `softmaxCrossEntropy`.
 */
import { customOp, isRecording, Variable } from "../autograd/index.js";
import type { RowParameter } from "../nn/rowParameter.js";
import type { Communicator } from "../ranks/communicator.js";
import type { CosineSweep, SweepStatistics } from "../tensor/cosineSweep.js";
import type { Engine } from "../tensor/engine.js";
import type { Tensor } from "../tensor/tensor.js";
import type { CenterSimilarities } from "./centerSimilarities.js";
import type { Margin } from "./margins/margin.js";
import type { SuppliedNumbers } from "./margins/suppliedMargin.js";
import { exactLogarithm, logarithmOf } from "./softmaxCrossEntropy.js";
import { sweptMargin, type SweptMarginOptions } from "./sweptMargin.js";

export interface SweptSoftmaxOptions {
  readonly sweep: CosineSweep;
  /** What its first pass found. */
  readonly statistics: SweepStatistics;
  readonly margin: Pick<Margin, "scale" | "logits">;
  /** Place of each row's class in the sweep, −1 where another rank owns it: [N]. */
  readonly labels: Int32Array;
  readonly communicator: Communicator;
  /** false: the loss of a row may exceed −log(1e-30); see `softmaxCrossEntropy`. */
  readonly bounded: boolean;
}

interface Saved {
  /** log Σ_j exp z_nj over all ranks: [N] */
  readonly logSum: Tensor;
  /** dz_n/dcos θ_ny, 0 where another rank owns the class: [N] */
  readonly slope: Tensor;
  /** p_n: [N] */
  readonly probability: Tensor;
}

/**
 * x̂ of all ranks, and a leaf that stands for the centers on the tape (`RowParameter.sweep`): their gradient is in the sweep.
 *
 * It has no samples: it is nothing without a table.
 */
export const sweptSoftmaxOperation = customOp<[Tensor, Tensor], SweptSoftmaxOptions, Saved>({
  name: "sweptSoftmax",
  signature: "[N, F], [1] → []",
  forward(engine, _inputs, { statistics: { largest, total, target }, margin, labels, communicator, bounded }) {
    const { logit, slope } = targetLogits(engine, target, margin, labels);
    const highest = communicator.allReduce(engine.binary("maximum", largest, logit), "maximum"); // [N]
    const wrong = engine.binary("multiply", total, exponential(engine, largest, highest)); // [N]
    const right = exponential(engine, logit, highest); // [N], 0 where another rank owns the class
    const sum = communicator.allReduce(engine.binary("add", wrong, right), "sum"); // [N]
    const probability = communicator.allReduce(engine.binary("divide", right, sum), "sum"); // [N]
    const logSum = engine.binary("add", highest, engine.unary("log", sum)); // [N]
    const logarithm = bounded
      ? logarithmOf(probability)
      : exactLogarithm(communicator.allReduce(logit, "maximum"), highest, sum); // [N]
    const loss = engine.reduce("mean", logarithm, [0], false); // []
    return { y: engine.affine(loss, -1, 0), saved: { logSum, slope, probability } };
  },
  backward(dy, { engine, inputs: [x], saved: { logSum, slope, probability }, options: { sweep, margin } }) {
    const share = engine.affine(dy, 1 / x.shape[0], 0); // []
    const pull = engine.binary("multiply", engine.affine(probability, 1, -1), share); // [N]: (p − 1)/N
    const dx = sweep.backward(logSum, engine.binary("multiply", pull, slope), engine.affine(share, margin.scale, 0));
    return [dx, engine.full([1], 0)];
  },
  samples: [],
});

/** exp(z − highest).  [N], [N] → [N] */
function exponential(engine: Engine, z: Tensor, highest: Tensor): Tensor {
  return engine.unary("exp", engine.binary("subtract", z, highest));
}

/** z and dz/dcos θ of the right classes, by the margin's formula; −∞ and 0 where another rank owns the class.  [N] → [N], [N] */
function targetLogits(
  engine: Engine,
  target: Tensor,
  margin: Pick<Margin, "logits">,
  labels: Int32Array,
): { readonly logit: Tensor; readonly slope: Tensor } {
  const [samples] = target.shape;
  const column = labels.map((label) => (label === -1 ? -1 : 0)); // each row has one cosine, that of its class
  const cosine = new Variable(target.reshape([samples, 1]), isRecording()); // of the scope: not kept, even if the margin throws
  const logits = margin.logits(cosine, column); // [N, 1]
  const owned = engine.tensor(
    Float32Array.from(column, (place) => place + 1),
    [samples],
  ); // 1 or 0
  const absent = engine.full([samples], -Infinity);
  const logit = engine.select(owned, logits.tensor.reshape([samples]), absent);
  if (!isRecording()) return { logit, slope: engine.full([samples], 0) };
  logits.backward(engine.full([samples, 1], 1)); // every logit depends on its own cosine only
  const slope = engine.binary("multiply", cosine.grad!.reshape([samples]), owned);
  cosine.zeroGrad();
  return { logit, slope };
}

/** What a sweep found, for the caller. */
export interface SweptLoss {
  readonly loss: Variable;
  /** What the rows are nearest to among this rank's centers, for whoever asks. */
  readonly nearest: () => CenterSimilarities;
  /** Where the margin was supplied for this batch. */
  readonly supplied?: SuppliedNumbers;
}

export interface SweptOptions extends SweptMarginOptions {
  readonly filter: number;
  readonly keepCosines: boolean;
  readonly bounded: boolean;
}

/**
 * The mean margin softmax loss of unit rows x over sampled rows of the centers, the same number on every rank.
 *
 * @param x x̂ of all ranks: [N, E], or [N, F] of the selected dimensions
 * @param index the sampled classes, ascending
 * @param labels place of each row's class in `index`, or −1: [N]
 */
export function sweptSoftmax(
  x: Variable,
  centers: RowParameter,
  index: Int32Array,
  labels: Int32Array,
  options: SweptOptions,
): SweptLoss {
  const { filter, communicator, bounded, columns } = options;
  const keep = options.keepCosines && isRecording(); // without a tape there is no second pass
  const { scale, at } = sweptMargin(x.tensor, centers, index, labels, options);
  const request = { x: x.tensor, columns, index, labels, scale, filter, keep };
  return centers.sweep(request, (sweep, stand) => {
    const statistics = sweep.statistics();
    const { logits, supplied } = at(statistics);
    const settings = { sweep, statistics, margin: { scale, logits }, labels, communicator, bounded };
    const loss = sweptSoftmaxOperation([x, stand], settings);
    const { target: own, largest } = statistics; // [N] each
    return { loss, nearest: () => ({ own, nearest: own.engine.affine(largest, 1 / scale, 0) }), supplied };
  });
}
