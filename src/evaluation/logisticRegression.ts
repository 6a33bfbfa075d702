/**
 * Multinomial logistic regression with an L2 penalty, in scikit-learn's parameters: minimises C · Σ cross-entropy + ½‖W‖².
 *
 * logits = W x + b, [classes, E] and [classes]; the bias has no penalty. Divided by C · N, which moves no minimum, the objective is a
 * mean, so that one tolerance suits sets of any size. It is convex, and strictly so but for one constant added to all biases, along which
 * the gradient is zero: from zero the biases keep the sum zero. Two classes have two rows of weights, as in scikit-learn's `multinomial` (its
 * default for two classes, one row, penalises twice as much).
 *
 * Both products of an evaluation, logits and gradient, are the tiled one of `productTile.ts`, 256 samples at a time: 10,000 samples of 128
 * features and 100 classes took 0.19 s of one busy thread of an EPYC server.
 */
import { lbfgs, type LbfgsOptions, type LbfgsResult } from "./lbfgs.js";
import type { EmbeddingRows } from "./normalizeRows.js";
import { addProductTile, columnsOf, wholeFours } from "./productTile.js";

export interface LogisticProblem {
  /** [N, E] */
  readonly features: EmbeddingRows;
  /** E */
  readonly embedding: number;
  /** 0 … classes − 1: [N] */
  readonly targets: Int32Array;
  readonly classes: number;
  /** scikit-learn's C > 0: the inverse of the penalty's strength. */
  readonly inversePenalty: number;
}

export interface LogisticModel {
  /** [classes, E] */
  readonly weights: Float64Array;
  /** [classes] */
  readonly bias: Float64Array;
  readonly fit: Omit<LbfgsResult, "x">;
}

/** Samples that are computed together: their features and both tables fit the second-level cache. */
const CHUNK = 256;

/** Weights and biases from zero. Throws unless C is positive. */
export function logisticRegression(problem: LogisticProblem, options?: LbfgsOptions): LogisticModel {
  const { embedding, classes, inversePenalty } = problem;
  if (!(inversePenalty > 0) || inversePenalty === Infinity) {
    throw new Error(`logisticRegression: C is a positive number, given ${inversePenalty}.`);
  }
  const objective = new LogisticObjective(problem);
  const { x, ...fit } = lbfgs((at, gradient) => objective.evaluate(at, gradient), objective.zeros(), options);
  const row = (label: number): Float64Array => x.subarray(label * objective.width, (label + 1) * objective.width);
  const weights = new Float64Array(classes * embedding);
  for (let label = 0; label < classes; label++) weights.set(row(label).subarray(0, embedding), label * embedding);
  return { weights, bias: Float64Array.from({ length: classes }, (_, label) => row(label)[embedding]), fit };
}

/**
 * Value and gradient of C·N's share of the objective. Parameters are [rows, width]: E weights, then the bias, which meets a constant feature 1;
 * both sides are filled up with zeros to multiples of four, and the gradient there is zero.
 */
export class LogisticObjective {
  readonly rows: number;
  readonly width: number;
  /** [256, width] and its columns [width, 256], chunk after chunk; the last is filled up with zeros. */
  readonly #samples: Float64Array[] = [];
  readonly #columns: Float64Array[] = [];
  /** [rows, 256], softmax − target */
  readonly #residuals: Float64Array;

  constructor(readonly problem: LogisticProblem) {
    const { features, embedding, targets, classes } = problem;
    this.rows = wholeFours(classes);
    this.width = wholeFours(embedding + 1);
    this.#residuals = new Float64Array(this.rows * CHUNK);
    for (let start = 0; start < targets.length; start += CHUNK) {
      const samples = new Float64Array(CHUNK * this.width);
      for (let i = start; i < Math.min(targets.length, start + CHUNK); i++) {
        const to = (i - start) * this.width;
        samples.set(features.subarray(i * embedding, (i + 1) * embedding), to);
        samples[to + embedding] = 1;
      }
      this.#samples.push(samples);
      this.#columns.push(columnsOf(samples, this.width, 0, CHUNK, CHUNK));
    }
  }

  zeros(): Float64Array {
    return new Float64Array(this.rows * this.width);
  }

  /** f(parameters); its gradient is written to `gradient`. Both are [rows, width]. */
  evaluate(parameters: Float64Array, gradient: Float64Array): number {
    const { targets, inversePenalty } = this.problem;
    const { rows, width } = this;
    const count = targets.length;
    gradient.fill(0);
    const weights = { values: parameters, from: 0, count: rows };
    let crossEntropy = 0;
    this.#samples.forEach((values, chunk) => {
      const start = chunk * CHUNK;
      const filled = Math.min(CHUNK, count - start);
      const residuals = this.#residuals.fill(0);
      // [rows, width] · [256, width]ᵀ → logits [rows, 256]
      addProductTile(weights, { values, from: 0, count: wholeFours(filled) }, width, residuals, 0, CHUNK);
      crossEntropy += this.#softmaxLess(targets.subarray(start, start + filled));
      // [rows, 256] · [width, 256]ᵀ → [rows, width]
      const columns = { values: this.#columns[chunk], from: 0, count: width };
      addProductTile({ values: residuals, from: 0, count: rows }, columns, CHUNK, gradient, 0, width);
    });
    const decay = 1 / (inversePenalty * count);
    for (let i = 0; i < gradient.length; i++) gradient[i] /= count;
    return crossEntropy / count + this.#addPenalty(parameters, gradient, decay);
  }

  /** Turns the logits of a chunk's samples, [rows, 256], into softmax − target; returns their cross-entropies' sum. */
  #softmaxLess(targets: Int32Array): number {
    const table = this.#residuals;
    const count = targets.length;
    const ends = this.problem.classes * CHUNK;
    // class by class, as the table lies
    const largest = new Float64Array(count).fill(-Infinity);
    for (let row = 0; row < ends; row += CHUNK) {
      for (let i = 0; i < count; i++) if (table[row + i] > largest[i]) largest[i] = table[row + i];
    }
    let crossEntropy = 0;
    targets.forEach((target, i) => (crossEntropy += largest[i] - table[target * CHUNK + i]));
    const total = new Float64Array(count);
    for (let row = 0; row < ends; row += CHUNK) {
      for (let i = 0; i < count; i++) {
        const exponential = Math.exp(table[row + i] - largest[i]);
        table[row + i] = exponential;
        total[i] += exponential;
      }
    }
    for (let row = 0; row < ends; row += CHUNK) for (let i = 0; i < count; i++) table[row + i] /= total[i];
    targets.forEach((target, i) => {
      table[target * CHUNK + i] -= 1;
      crossEntropy += Math.log(total[i]);
    });
    return crossEntropy;
  }

  /** ½ · decay · ‖W‖², biases left out; its gradient is added. */
  #addPenalty(parameters: Float64Array, gradient: Float64Array, decay: number): number {
    const { embedding, classes } = this.problem;
    let squares = 0;
    for (let label = 0; label < classes; label++) {
      for (let i = label * this.width; i < label * this.width + embedding; i++) {
        squares += parameters[i] ** 2;
        gradient[i] += decay * parameters[i];
      }
    }
    return (decay * squares) / 2;
  }
}
