/** Losses: softmax cross-entropy with integer labels, and smooth L1. */
import type { Engine } from "../../tensor/engine.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { operation, type Sample } from "../operation.js";
import type { Variable } from "../variable.js";
import { logSoftmaxOf } from "./logSoftmaxOf.js";

export type Reduction = "mean" | "sum" | "none";

export interface CrossEntropyOptions {
  /** "mean" divides by the sum of the labels' class weights (the number of rows where no weights are given). */
  readonly reduction?: Reduction;
  /** Share ε of the target spread evenly over all classes (Szegedy et al. 2016, section 7). */
  readonly smoothing?: number;
  /** Rows with this label count nothing. */
  readonly ignoreIndex?: number;
  /** One weight a class; default 1. */
  readonly weight?: readonly number[];
}

interface LabelledOptions extends CrossEntropyOptions {
  readonly labels: Int32Array;
}

/** The target distribution of row i: `hard[i]` at column[i], and `soft[i] · weight[c]` at every class c. */
interface Targets {
  /** −1 in ignored rows. */
  readonly column: Int32Array;
  readonly hard: Tensor; // [N]
  readonly soft: Tensor; // [N, 1]
  readonly weight: Tensor; // [M]
  /** Σ_c of the target: hard + soft · Σ weight.  [N, 1] */
  readonly total: Tensor;
  /** What a row's loss is divided by: 1 but for the mean. */
  readonly divisor: number;
}

function targetsOf(engine: Engine, classes: number, options: LabelledOptions): Targets {
  const { labels, smoothing = 0, ignoreIndex, reduction = "mean" } = options;
  const weight = options.weight ?? new Array<number>(classes).fill(1);
  const counts = Array.from(labels, (label) => label !== ignoreIndex);
  const hard = Array.from(labels, (label, row) => (counts[row] ? (1 - smoothing) * weight[label] : 0));
  const soft = counts.map((counted) => (counted ? smoothing / classes : 0));
  const weights = weight.reduce((sum, value) => sum + value, 0);
  return {
    column: labels.map((label, row) => (counts[row] ? label : -1)),
    hard: engine.tensor(hard, [labels.length]),
    soft: engine.tensor(soft, [labels.length, 1]),
    weight: engine.tensor(weight, [classes]),
    total: engine.tensor(
      hard.map((value, row) => value + soft[row] * weights),
      [labels.length, 1],
    ),
    divisor: reduction === "mean" ? sumOf(labels, (label, row) => (counts[row] ? weight[label] : 0)) : 1,
  };
}

function sumOf(labels: Int32Array, value: (label: number, row: number) => number): number {
  return labels.reduce((sum, label, row) => sum + value(label, row), 0);
}

export const crossEntropyOperation = operation<[Tensor], LabelledOptions, { readonly logProbability: Tensor }>({
  name: "crossEntropy",
  signature: "[N, M] → [] (or [N] unreduced)",
  check([logits], { labels, smoothing = 0, ignoreIndex, weight }) {
    const [rows, classes] = logits.shape;
    if (logits.rank !== 2 || labels.length !== rows) {
      throw new Error(
        `crossEntropy: logits must be [N, M] with one label a row; ` +
          `given ${formatShape(logits.shape)} and ${labels.length} labels.`,
      );
    }
    const wrong = labels.findIndex((label) => label !== ignoreIndex && (label < 0 || label >= classes));
    if (wrong >= 0) {
      throw new Error(
        `crossEntropy: labels must lie in [0, ${classes}); the label of row ${wrong} is ${labels[wrong]}.`,
      );
    }
    if (!(smoothing >= 0 && smoothing <= 1)) {
      throw new Error(`crossEntropy: smoothing is a share in [0, 1]; given ${smoothing}.`);
    }
    if (weight && weight.length !== classes) {
      throw new Error(`crossEntropy: needs one weight for each of the ${classes} classes; given ${weight.length}.`);
    }
  },
  // loss_i = −Σ_c target_ic · log p_ic
  forward(engine, [logits], options) {
    const logProbability = logSoftmaxOf(engine, logits); // [N, M]
    const { column, hard, soft, weight, divisor } = targetsOf(engine, logits.shape[1], options);
    let sums = engine.binary("multiply", hard, engine.pick(logProbability, column)); // [N]
    if (options.smoothing) {
      const weighted = engine.reduce("sum", engine.binary("multiply", logProbability, weight), [1], false); // [N]
      sums = engine.binary("add", sums, engine.binary("multiply", soft.reshape([-1]), weighted));
    }
    const total = options.reduction === "none" ? sums : engine.reduce("sum", sums, [0], false);
    return { y: engine.affine(total, -1 / divisor, 0), saved: { logProbability } };
  },
  // dlogits_i = (p_i · Σ target_i − target_i) · dloss_i: the distance of two distributions where the target sums to 1
  backward(dy, { engine, inputs: [logits], saved: { logProbability }, options }) {
    const [rows, classes] = logits.shape;
    const { column, hard, soft, weight, total, divisor } = targetsOf(engine, classes, options);
    const predicted = engine.binary("multiply", engine.unary("exp", logProbability), total); // [N, M]
    let distance = engine.binary("subtract", predicted, engine.place(hard, column, classes));
    if (options.smoothing) distance = engine.binary("subtract", distance, engine.binary("multiply", soft, weight));
    const perRow = engine.affine(dy.reshape(dy.size === rows && dy.rank === 1 ? [rows, 1] : [1, 1]), 1 / divisor, 0);
    return [engine.binary("multiply", distance, perRow)];
  },
  samples: crossEntropySamples(),
});

function crossEntropySamples(): Sample<LabelledOptions>[] {
  const labels = Int32Array.of(2, 0, 4, 2);
  const inputs = [{ shape: [4, 5] }];
  return [
    { inputs, options: { labels } },
    { inputs, options: { labels, reduction: "sum" } },
    { inputs, options: { labels, reduction: "none", smoothing: 0.2 } },
    { inputs, options: { labels: Int32Array.of(2, -100, 4, -100), ignoreIndex: -100, smoothing: 0.1 } },
    { inputs, options: { labels, weight: [0.5, 1, 2, 0, 1.5], smoothing: 0.1 } },
    { inputs: [{ shape: [1, 1] }], options: { labels: Int32Array.of(0) } },
  ];
}

/** −log softmax(logits)[label].  logits: [N, M] → [] (or [N] with reduction "none") */
export function crossEntropy(logits: Variable, labels: Int32Array, options: CrossEntropyOptions = {}): Variable {
  return crossEntropyOperation([logits], { ...options, labels });
}

export const smoothL1Operation = operation<[Tensor, Tensor], { readonly beta: number }>({
  name: "smoothL1",
  signature: "x, target → [], mean over elements",
  check([x, target], { beta }) {
    if (!sameShape(x.shape, target.shape)) {
      throw new Error(
        `smoothL1: x and target must have one shape; given ${formatShape(x.shape)} and ${formatShape(target.shape)}.`,
      );
    }
    if (!(beta > 0)) throw new Error(`smoothL1: beta must be positive; given ${beta}.`);
  },
  // with q = clamp(d, −β, β): q (d − q/2) / β is d²/2β within β, and |d| − β/2 beyond
  forward(engine, [x, target], { beta }) {
    const difference = engine.binary("subtract", x, target);
    const bounded = engine.clamp(difference, -beta, beta);
    const rest = engine.binary("subtract", difference, engine.affine(bounded, 0.5, 0));
    const losses = engine.affine(engine.binary("multiply", bounded, rest), 1 / beta, 0);
    const axes = x.shape.map((_, axis) => axis);
    return { y: engine.reduce("mean", losses, axes, false) };
  },
  // the slope of each element is q/β: the difference, held within ±1
  backward(dy, { engine, inputs: [x, target], options: { beta } }) {
    const bounded = engine.clamp(engine.binary("subtract", x, target), -beta, beta);
    const dx = engine.binary("multiply", engine.affine(bounded, 1 / (beta * x.size), 0), dy);
    return [dx, engine.unary("negate", dx)];
  },
  samples: [
    { inputs: [{ shape: [3, 4] }, { shape: [3, 4] }], options: { beta: 1 } },
    { inputs: [{ shape: [7] }, { shape: [7] }], options: { beta: 0.1 } },
    { inputs: [{ shape: [] }, { shape: [] }], options: { beta: 1 } },
  ],
});

/** Huber's loss divided by beta, mean over elements: quadratic within beta of the target, linear beyond. */
export function smoothL1(x: Variable, target: Variable, beta = 1): Variable {
  return smoothL1Operation([x, target], { beta });
}
