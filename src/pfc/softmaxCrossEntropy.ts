/**
 * Softmax cross-entropy over classes that are spread over ranks, as Partial FC computes it (An et al. 2022).
 *
 * Every rank has the logits of its own classes for the whole batch. Three numbers a row travel, never a logit: the largest logit,
 * the sum of exponentials, and the probability of the right class, which exactly one rank knows.
 *
 *     a_i = max_j z_ij          over all ranks
 *     e_i = Σ_j exp(z_ij − a_i)  over all ranks
 *     p_ij = exp(z_ij − a_i) / e_i
 *     L = −1/N Σ_i log p_iy
 *
 * The value of a row never exceeds −log(1e-30) = 69.0776, as in the public code; a training run that reports exactly this number has
 * labels that match no class. The derivative knows no such bound. `bounded: false` is the formula to the letter, a_i + log e_i − z_iy, as
 * CR-FIQA's public code has it.
 */
import { customOp, type Variable } from "../autograd/index.js";
import { alone } from "../ranks/alone.js";
import type { Communicator } from "../ranks/communicator.js";
import type { Engine } from "../tensor/engine.js";
import { formatShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** Smallest probability whose logarithm is taken. */
export const SMALLEST_PROBABILITY = 1e-30;

export interface SoftmaxCrossEntropyOptions {
  readonly labels: Int32Array;
  readonly communicator: Communicator;
  /** Default true. */
  readonly bounded?: boolean;
}

interface Saved {
  /** exp(z − a): [N, S] */
  readonly exponential: Tensor;
  /** e: [N, 1] */
  readonly total: Tensor;
}

export const softmaxCrossEntropyOperation = customOp<[Tensor], SoftmaxCrossEntropyOptions, Saved>({
  name: "softmaxCrossEntropy",
  signature: "[N, S] of every rank → []",
  check([z], { labels }) {
    if (z.rank !== 2 || z.shape[0] !== labels.length) {
      throw new Error(
        `softmaxCrossEntropy: needs a matrix with one row a label; given logits ${formatShape(z.shape)} and ${labels.length} labels.`,
      );
    }
  },
  forward(engine, [z], { labels, communicator, bounded = true }) {
    const highest = communicator.allReduce(engine.reduce("maximum", z, [1], true), "maximum"); // [N, 1]
    const exponential = engine.unary("exp", engine.binary("subtract", z, highest)); // [N, S]
    const total = communicator.allReduce(engine.reduce("sum", exponential, [1], true), "sum"); // [N, 1]
    const logarithm = bounded
      ? logarithmOf(communicator.allReduce(picked(engine, exponential, labels, total), "sum"))
      : exactLogarithm(communicator.allReduce(engine.pick(z, labels), "sum"), highest, total); // [N]
    const loss = engine.reduce("mean", logarithm, [0], false); // []
    return { y: engine.affine(loss, -1, 0), saved: { exponential, total } };
  },
  // dL/dz = (p − onehot(y))/N: every class is pushed down by its probability, the right one pulled up by what it lacks.
  // A rank needs nothing from the others here: e already holds the sum over all.
  backward(dy, { engine, inputs: [z], saved: { exponential, total }, options: { labels } }) {
    const [rows, columns] = z.shape;
    const share = engine.affine(dy, 1 / rows, 0); // []
    const pulled = engine.place(engine.broadcastTo(share, [rows]), labels, columns); // [N, S]
    const dz = engine.binary("multiply", exponential, engine.binary("divide", share, total)); // [N, S]: p/N, in one product
    engine.blend(dz, 1, pulled, -1);
    return [dz];
  },
  samples: [
    { inputs: [{ shape: [4, 6] }], options: { labels: Int32Array.of(0, 5, 2, 2), communicator: alone } },
    { inputs: [{ shape: [1, 1] }], options: { labels: Int32Array.of(0), communicator: alone } },
    { inputs: [{ shape: [3, 5] }], options: { labels: Int32Array.of(4, 0, 2), communicator: alone, bounded: false } },
    { inputs: [{ shape: [5, 33] }], options: { labels: Int32Array.of(32, 0, 7, 31, 16), communicator: alone } },
  ],
});

/** p of the right classes, 0 where another rank owns them.  [N, S], [N, 1] → [N] */
function picked(engine: Engine, exponential: Tensor, labels: Int32Array, total: Tensor): Tensor {
  return engine.binary("divide", engine.pick(exponential, labels), total.reshape([-1]));
}

/** log p, of probabilities below the smallest that of the smallest.  [N] → [N] */
export function logarithmOf(probability: Tensor): Tensor {
  const { engine } = probability;
  return engine.unary("log", engine.binary("maximum", probability, engine.full([1], SMALLEST_PROBABILITY)));
}

/** log p = z − a − log e, however small p is.  [N] → [N] */
export function exactLogarithm(logit: Tensor, highest: Tensor, total: Tensor): Tensor {
  const { engine } = logit;
  const lowered = engine.binary("subtract", logit, highest.reshape([-1])); // [N]
  return engine.binary("subtract", lowered, engine.unary("log", total.reshape([-1])));
}

/**
 * Mean cross-entropy of a batch, the same number on every rank.
 *
 * @param logits this rank's classes: [N, S]
 * @param labels this rank's column of each row, or −1 where another rank owns the class: [N]
 * @returns scalar
 */
export function softmaxCrossEntropy(
  logits: Variable,
  labels: Int32Array,
  communicator: Communicator = alone,
  { bounded }: { readonly bounded?: boolean } = {},
): Variable {
  return softmaxCrossEntropyOperation([logits], { labels, communicator, bounded });
}
