/**
 * Batch norm in training over the batches of all ranks, as if they were one (Ioffe and Szegedy 2015, algorithm 1, with N = K·B).
 *
 *     μ = mean x, σ² = mean (x − μ)²     over the values of a channel on all ranks
 *     x̂ = (x − μ)/√(σ² + ε), y = weight · x̂ + bias
 *
 * Without it every rank normalises by other numbers, and K ranks cannot equal one. Besides the number of values three small vectors travel: the sums for μ, then those
 * for σ² (about the common mean: a sum of squares alone would lose the digits of a small deviation), and the two sums of the derivative.
 */
import { customOp, type RunningStatistics, type Variable } from "../../autograd/index.js";
import { alone } from "../../ranks/alone.js";
import type { Communicator } from "../../ranks/communicator.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";

export interface SynchronizedBatchNormOptions {
  readonly epsilon: number;
  readonly communicator: Communicator;
  /** Updated in place where given: running ← (1 − m) · running + m · batch, with the unbiased variance of all N values. */
  readonly running?: RunningStatistics;
  /** m, default 0.1. */
  readonly momentum?: number;
}

export const synchronizedBatchNormOperation = customOp<
  [Tensor, Tensor, Tensor],
  SynchronizedBatchNormOptions,
  { readonly normalized: Tensor; readonly inverseDeviation: Tensor }
>({
  name: "synchronizedBatchNorm",
  signature: "[B, C, …] of every rank, [C], [C] → [B, C, …]",
  check([x, weight, bias], { communicator: { size } }) {
    if (x.rank < 2 || !sameShape(weight.shape, [x.shape[1]]) || !sameShape(bias.shape, [x.shape[1]])) {
      throw new Error(
        `synchronizedBatchNorm: takes [B, C, …] and one number for each of the C channels; ` +
          `given ${formatShape(x.shape)} with ${formatShape(weight.shape)} and ${formatShape(bias.shape)}.`,
      );
    }
    if (x.size === 0 || valuesOf(x) * size < 2) {
      throw new Error(
        `synchronizedBatchNorm: training needs more than one value per channel, as one value has no variance; ` +
          `given ${formatShape(x.shape)} on each of ${size} ranks.`,
      );
    }
  },
  forward(engine, [x, weight, bias], { epsilon, communicator, running, momentum = 0.1 }) {
    checkEqualBatches(x, communicator);
    const count = valuesOf(x) * communicator.size; // N values a channel
    const meanOf = (values: Tensor): Tensor => {
      const own = engine.reduce("sum", values, othersThanChannels(x), false); // [C]
      return engine.affine(communicator.allReduce(own, "sum"), 1 / count, 0); // [C]
    };
    const ones = engine.full(weight.shape, 1); // [C]
    const zeros = engine.full(weight.shape, 0); // [C]
    const mean = meanOf(x); // [C]
    const centered = engine.scaleChannels(x, ones, engine.unary("negate", mean)); // [B, C, …]
    const variance = meanOf(engine.unary("square", centered)); // [C]
    const inverseDeviation = engine.unary("reciprocal", engine.unary("sqrt", engine.affine(variance, 1, epsilon))); // [C]
    if (running) {
      engine.blend(running.mean, 1 - momentum, mean, momentum);
      engine.blend(running.variance, 1 - momentum, variance, (momentum * count) / (count - 1));
    }
    const normalized = engine.scaleChannels(centered, inverseDeviation, zeros); // [B, C, …]
    return { y: engine.scaleChannels(normalized, weight, bias), saved: { normalized, inverseDeviation } };
  },
  // dx = weight/√(σ² + ε) · (dy − mean(dy) − x̂ · mean(dy · x̂)): every x moves μ and σ² for the values of all ranks, hence means over all.
  // dweight and dbias are this rank's share, as that of every other parameter.
  backward(
    dy,
    { engine, inputs: [x, weight, bias], saved: { normalized, inverseDeviation }, options: { communicator } },
  ) {
    const [channels] = weight.shape;
    const count = valuesOf(x) * communicator.size;
    const others = othersThanChannels(x);
    const dbias = engine.reduce("sum", dy, others, false); // [C]
    const dweight = engine.reduce("sum", engine.binary("multiply", dy, normalized), others, false); // [C]
    const sums = communicator.allReduce(engine.concatenate([dbias, dweight], 0), "sum"); // [2C]
    const meanDy = engine.affine(engine.slice(sums, 0, 0, channels), -1 / count, 0); // [C], negated
    const meanDyNormalized = engine.affine(engine.slice(sums, 0, channels, 2 * channels), -1 / count, 0); // [C], negated
    const free = engine.binary("add", dy, engine.scaleChannels(normalized, meanDyNormalized, meanDy)); // [B, C, …]
    const slope = engine.binary("multiply", weight, inverseDeviation); // [C]
    return [engine.scaleChannels(free, slope, engine.full(bias.shape, 0)), dweight, dbias];
  },
  samples: [
    { inputs: [{ shape: [4, 3] }, { shape: [3] }, { shape: [3] }], options: { epsilon: 1e-5, communicator: alone } },
    {
      inputs: [{ shape: [2, 3, 3, 5] }, { shape: [3] }, { shape: [3] }],
      options: { epsilon: 1e-5, communicator: alone },
    },
    {
      inputs: [{ shape: [1, 1, 2, 1] }, { shape: [1] }, { shape: [1] }],
      options: { epsilon: 0.1, communicator: alone },
    },
  ],
  linearIn: [1, 2],
});

/** x: [B, C, …] of this rank, with the same B on every rank; weight, bias: [C], the same on every rank → [B, C, …] */
export function synchronizedBatchNorm(
  x: Variable,
  weight: Variable,
  bias: Variable,
  options: SynchronizedBatchNormOptions,
): Variable {
  return synchronizedBatchNormOperation([x, weight, bias], options);
}

/** The sums that travel are [C] whatever the batch: nothing else would notice ranks with batches of unequal size. */
function checkEqualBatches(x: Tensor, communicator: Communicator): void {
  const counts = communicator.allGatherIntegers(Int32Array.of(valuesOf(x)));
  if (counts.some((count) => count !== counts[0])) {
    throw new Error(
      `synchronizedBatchNorm: every rank needs the same number of values per channel; given ${counts.join(", ")} on ranks 0, 1, ….`,
    );
  }
}

/** How many values a channel has on one rank. */
function valuesOf(x: Tensor): number {
  return x.size / x.shape[1];
}

function othersThanChannels(x: Tensor): number[] {
  return x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
}
