/**
 * Linear probe: how well do classes separate linearly in features that stay as they are?
 *
 * The protocol of CLIP (Radford et al. 2021, appendix A.3) and Unicom: multinomial logistic regression on un-normalised features by L-BFGS, at most 1000
 * iterations, C from a sweep on a validation part; top-1 on the test part, and the mean over classes for unbalanced sets. After the sweep nothing
 * is trained anew: the winner was fitted to the training part alone.
 */
import { logisticRegression, type LogisticModel } from "./logisticRegression.js";
import type { LbfgsOptions } from "./lbfgs.js";
import { checkedLabels, countRows, rowDot, type EmbeddingRows } from "./normalizeRows.js";
import type { LabelledRows } from "./retrievalTask.js";

export interface LinearProbeOptions {
  readonly train: LabelledRows;
  readonly test: LabelledRows;
  /** E */
  readonly embedding: number;
  /** scikit-learn's C, the inverse of the penalty's strength, or several of which the validation part chooses; default 1. */
  readonly inversePenalty?: number | readonly number[];
  /** Judges each C by its top-1; of equal ones the first given wins. */
  readonly validation?: LabelledRows;
  /** Brings every feature to mean 0 and standard deviation 1 over the training part; default false. */
  readonly standardize?: boolean;
  /** Iterations (1000) and tolerance (1e-5, of the objective divided by C · N) of the fit. */
  readonly fit?: LbfgsOptions;
}

export interface LinearProbeResult {
  /** Share of test images whose class has the largest logit, of equal logits the lower class; in [0, 1]. */
  readonly top1: number;
  /** That share within each class of the test part, averaged over these. */
  readonly meanPerClass: number;
  /** Test images of classes that the training part lacks: they count as wrong. */
  readonly unknown: number;
  readonly classes: number;
  readonly inversePenalty: number;
  /** Of every C, in the order given; empty without a validation part. */
  readonly sweep: readonly { readonly inversePenalty: number; readonly top1: number }[];
  /** How the fit that is reported ended. */
  readonly fit: LogisticModel["fit"];
}

/** Throws for features or labels that do not fit, fewer than two classes in training, and several Cs without a validation part. */
export function linearProbe(options: LinearProbeOptions): LinearProbeResult {
  const { train, test, embedding, inversePenalty = 1, validation, standardize = false } = options;
  const candidates = typeof inversePenalty === "number" ? [inversePenalty] : inversePenalty;
  if (candidates.length === 0 || (candidates.length > 1 && !validation)) {
    throw new Error(
      `linearProbe: one C is fitted, or several are judged by a validation part; given ${candidates.length} and ${validation ? "a" : "no"} validation part.`,
    );
  }
  const labels = labelsOf("train", train, embedding);
  const testLabels = labelsOf("test", test, embedding);
  const validationLabels = validation && labelsOf("validation", validation, embedding);
  const classes = Int32Array.from(new Set(labels)).sort();
  if (classes.length < 2) {
    throw new Error(`linearProbe: the training part needs two classes or more, given ${labels.length} rows of one.`);
  }
  const place = new Map(Array.from(classes, (label, i) => [label, i]));
  const prepare = standardize ? standardization(train.embeddings, embedding) : (rows: EmbeddingRows) => rows;
  const problem = {
    ...{ features: prepare(train.embeddings), embedding, classes: classes.length },
    targets: labels.map((label) => place.get(label)!),
  };
  const predict = (model: LogisticModel, part: LabelledRows): Int32Array =>
    predictedClasses(model, prepare(part.embeddings), embedding).map((target) => classes[target]);
  const fits = candidates.map((candidate) => {
    const model = logisticRegression({ ...problem, inversePenalty: candidate }, { tolerance: 1e-5, ...options.fit });
    const top1 = validation ? shareOfEqual(predict(model, validation), validationLabels!) : 0;
    return { inversePenalty: candidate, model, top1 };
  });
  const chosen = fits.reduce((best, next) => (next.top1 > best.top1 ? next : best));
  const predicted = predict(chosen.model, test);
  return {
    top1: shareOfEqual(predicted, testLabels),
    meanPerClass: meanPerClass(predicted, testLabels),
    unknown: testLabels.filter((label) => !place.has(label)).length,
    classes: classes.length,
    inversePenalty: chosen.inversePenalty,
    sweep: validation ? fits.map(({ inversePenalty, top1 }) => ({ inversePenalty, top1 })) : [],
    fit: chosen.model.fit,
  };
}

function labelsOf(part: string, { embeddings, labels }: LabelledRows, embedding: number): Int32Array {
  return checkedLabels(labels, countRows(embeddings, embedding), `labels of the ${part} part`);
}

/** x ↦ (x − mean) / deviation with both from these rows, feature by feature; a constant feature becomes zero. */
function standardization(rows: EmbeddingRows, embedding: number): (rows: EmbeddingRows) => Float64Array {
  const count = rows.length / embedding;
  const mean = new Float64Array(embedding);
  const variance = new Float64Array(embedding);
  rows.forEach((value, i) => (mean[i % embedding] += value / count));
  rows.forEach((value, i) => (variance[i % embedding] += (value - mean[i % embedding]) ** 2 / count));
  // the mean of equal values is off by rounding, and so is their deviation
  const isConstant = variance.map((value, e) => (Math.sqrt(value) <= 1e-12 * Math.abs(mean[e]) ? 1 : 0));
  return (given) =>
    Float64Array.from(given, (value, i) => {
      const e = i % embedding;
      return isConstant[e] ? 0 : (value - mean[e]) / Math.sqrt(variance[e]);
    });
}

/** The class of the largest logit of each row, of equal logits the lower. [N] */
function predictedClasses({ weights, bias }: LogisticModel, rows: EmbeddingRows, embedding: number): Int32Array {
  return Int32Array.from({ length: rows.length / embedding }, (_, row) => {
    let [best, bestLogit] = [0, -Infinity];
    for (let label = 0; label < bias.length; label++) {
      const logit = rowDot(rows, embedding, row, label, weights) + bias[label];
      if (logit > bestLogit) [best, bestLogit] = [label, logit];
    }
    return best;
  });
}

function shareOfEqual(predicted: Int32Array, labels: Int32Array): number {
  return labels.filter((label, i) => label === predicted[i]).length / labels.length;
}

function meanPerClass(predicted: Int32Array, labels: Int32Array): number {
  const counts = new Map<number, { right: number; all: number }>();
  labels.forEach((label, i) => {
    const count = counts.get(label) ?? { right: 0, all: 0 };
    counts.set(label, { right: count.right + (predicted[i] === label ? 1 : 0), all: count.all + 1 });
  });
  return [...counts.values()].reduce((sum, { right, all }) => sum + right / all, 0) / counts.size;
}
