/**
 * Batch norm (Ioffe and Szegedy 2015) and layer norm (Ba et al. 2016): x̂ = (x − mean) / √(variance + ε), y = weight · x̂ + bias.
 *
 * The derivative of both: with g = weight · dy, dx = (g − mean(g) − x̂ · mean(g · x̂)) / √(variance + ε). The two means are what no
 * change of x can do, since x̂ always has mean 0 and variance 1. Each is one kernel.
 */
import type { Engine } from "../../tensor/engine.js";
import { formatShape, sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { operation } from "../operation.js";
import { constant, type Variable } from "../variable.js";
import { multiply, subtract } from "./arithmetic.js";
import { between } from "./sampleValues.js";

/** Statistics that batch norm carries from batch to batch; updated in place. */
export interface RunningStatistics {
  /** [C] */
  readonly mean: Tensor;
  /** [C], unbiased */
  readonly variance: Tensor;
}

export interface BatchNormSettings {
  readonly epsilon: number;
  readonly running: RunningStatistics;
  /** Weight of the batch in the new running statistics. */
  readonly momentum: number;
  /** true: normalise by the batch's statistics and update the running ones; false: normalise by the running ones. */
  readonly training: boolean;
}

function checkChannels(name: string, x: Tensor, vectors: readonly Tensor[]): void {
  if (x.rank < 2 || !vectors.every((vector) => sameShape(vector.shape, [x.shape[1]]))) {
    throw new Error(
      `${name}: takes [B, C, …] and one number for each of the C channels; ` +
        `given ${formatShape(x.shape)} with ${vectors.map((vector) => formatShape(vector.shape)).join(" and ")}.`,
    );
  }
}

// ── batch norm, training ────────────────────────────────────────────────────────────────────────────────────────────

interface BatchOptions {
  readonly epsilon: number;
  readonly momentum?: number;
  readonly running?: RunningStatistics;
}

/** running ← (1 − m) · running + m · batch, with the variance unbiased as PyTorch stores it: n / (n − 1). */
function updateRunning(engine: Engine, mean: Tensor, variance: Tensor, count: number, options: BatchOptions): void {
  const { running, momentum = 0.1 } = options;
  if (!running) return;
  engine.blend(running.mean, 1 - momentum, mean, momentum);
  engine.blend(running.variance, 1 - momentum, variance, (momentum * count) / (count - 1));
}

export const batchNormOperation = operation<
  [Tensor, Tensor, Tensor],
  BatchOptions,
  { readonly mean: Tensor; readonly inverseDeviation: Tensor }
>({
  name: "batchNorm",
  signature: "[B, C, …], [C], [C] → [B, C, …]",
  check([x, weight, bias]) {
    checkChannels("batchNorm", x, [weight, bias]);
    const count = x.size / x.shape[1];
    if (!(count > 1)) {
      throw new Error(
        `batchNorm: training needs more than one value per channel, as one value has no variance; ` +
          `given ${count} in ${formatShape(x.shape)}.`,
      );
    }
  },
  forward(engine, [x, weight, bias], options) {
    const { y, mean, variance, inverseDeviation } = engine.batchNorm(x, weight, bias, options.epsilon);
    updateRunning(engine, mean, variance, x.size / x.shape[1], options);
    return { y, saved: { mean, inverseDeviation } };
  },
  backward(dy, { engine, inputs: [x, weight], saved: { mean, inverseDeviation } }) {
    const { dx, dweight, dbias } = engine.batchNormGradient(dy, x, weight, mean, inverseDeviation);
    return [dx, dweight, dbias];
  },
  samples: [
    { inputs: [{ shape: [4, 3] }, { shape: [3] }, { shape: [3] }], options: { epsilon: 1e-5 } },
    { inputs: [{ shape: [2, 3, 3, 5] }, { shape: [3] }, { shape: [3] }], options: { epsilon: 1e-5 } },
    { inputs: [{ shape: [1, 1, 2, 1] }, { shape: [1] }, { shape: [1] }], options: { epsilon: 0.1 } },
    { inputs: [{ shape: [3, 17, 1] }, { shape: [17] }, { shape: [17] }], options: { epsilon: 2e-5 } },
  ],
  linearIn: [1, 2],
});

// ── batch norm, evaluation ──────────────────────────────────────────────────────────────────────────────────────────

export const scaleChannelsOperation = operation<[Tensor, Tensor, Tensor]>({
  name: "scaleChannels",
  signature: "[B, C, …], [C], [C] → [B, C, …]",
  check: ([x, scale, shift]) => checkChannels("scaleChannels", x, [scale, shift]),
  forward: (engine, [x, scale, shift]) => ({ y: engine.scaleChannels(x, scale, shift) }),
  backward(dy, { engine, inputs: [x, scale, shift], needs }) {
    const others = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis])); // all axes but the channels
    return [
      needs[0] ? engine.scaleChannels(dy, scale, engine.full(shift.shape, 0)) : undefined,
      needs[1] ? engine.reduce("sum", engine.binary("multiply", dy, x), others, false) : undefined,
      needs[2] ? engine.reduce("sum", dy, others, false) : undefined,
    ];
  },
  samples: [
    { inputs: [{ shape: [4, 3] }, { shape: [3] }, { shape: [3] }], options: undefined },
    { inputs: [{ shape: [2, 3, 1, 5] }, { shape: [3] }, { shape: [3] }], options: undefined },
    { inputs: [{ shape: [1, 1, 1] }, { shape: [1] }, { shape: [1] }], options: undefined },
  ],
  linearIn: "all",
});

/** scale[c] · x + shift[c].  x: [B, C, …]; scale, shift: [C] */
export function scaleChannels(x: Variable, scale: Variable, shift: Variable): Variable {
  return scaleChannelsOperation([x, scale, shift], undefined);
}

/** Batch norm with given statistics is one factor and one summand a channel: y = (w/σ) · x + (b − (w/σ) · mean). */
function normalizeByRunning(x: Variable, weight: Variable, bias: Variable, options: BatchNormSettings): Variable {
  const { running, epsilon } = options;
  const { engine } = x.tensor;
  const inverseDeviation = engine.scope(() =>
    engine.unary("reciprocal", engine.unary("sqrt", engine.affine(running.variance, 1, epsilon))),
  ); // [C]
  const scale = multiply(weight, constant(inverseDeviation)); // [C]
  return scaleChannels(x, scale, subtract(bias, multiply(scale, constant(running.mean))));
}

/**
 * Batch norm over all axes but the second.  x: [B, C, …]; weight, bias: [C] → [B, C, …]
 *
 * In training a batch needs more than one value per channel, and `running` is updated in place.
 */
export function batchNorm(x: Variable, weight: Variable, bias: Variable, options: BatchNormSettings): Variable {
  checkChannels("batchNorm", x.tensor, [options.running.mean, options.running.variance]);
  return options.training
    ? batchNormOperation([x, weight, bias], options)
    : normalizeByRunning(x, weight, bias, options);
}

// ── layer norm ──────────────────────────────────────────────────────────────────────────────────────────────────────

export const layerNormOperation = operation<
  [Tensor, Tensor, Tensor],
  { readonly epsilon: number },
  { readonly mean: Tensor; readonly inverseDeviation: Tensor }
>({
  name: "layerNorm",
  signature: "[…, M], [M], [M] → […, M]",
  check([x, weight, bias]) {
    const columns = x.shape.slice(-1);
    if (x.rank === 0 || !sameShape(weight.shape, columns) || !sameShape(bias.shape, columns)) {
      throw new Error(
        `layerNorm: weight and bias must have the extent of the last axis; given ${formatShape(x.shape)} ` +
          `with ${formatShape(weight.shape)} and ${formatShape(bias.shape)}.`,
      );
    }
  },
  forward(engine, [x, weight, bias], { epsilon }) {
    const { y, mean, inverseDeviation } = engine.layerNorm(x, weight, bias, epsilon);
    return { y, saved: { mean, inverseDeviation } };
  },
  backward(dy, { engine, inputs: [x, weight], saved: { mean, inverseDeviation } }) {
    const { dx, dweight, dbias } = engine.layerNormGradient(dy, x, weight, mean, inverseDeviation);
    return [dx, dweight, dbias];
  },
  samples: [
    { inputs: [{ shape: [4, 5] }, { shape: [5] }, { shape: [5] }], options: { epsilon: 1e-5 } },
    {
      inputs: [{ shape: [2, 3, 7] }, { shape: [7], values: between(-1, 1) }, { shape: [7] }],
      options: { epsilon: 0.1 },
    },
    { inputs: [{ shape: [1, 2] }, { shape: [2] }, { shape: [2] }], options: { epsilon: 0.1 } },
    { inputs: [{ shape: [9] }, { shape: [9] }, { shape: [9] }], options: { epsilon: 1e-5 } },
  ],
  linearIn: [1, 2],
});

/** Layer norm over the last axis.  x: […, M]; weight, bias: [M] → […, M] */
export function layerNorm(x: Variable, weight: Variable, bias: Variable, epsilon = 1e-5): Variable {
  return layerNormOperation([x, weight, bias], { epsilon });
}
