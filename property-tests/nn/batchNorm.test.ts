/** Batch norm (Ioffe and Szegedy 2015): what it makes of a batch, what it remembers, and what its gradients cannot do. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { constant, parameter, type Variable } from "../../src/autograd/index.js";
import { BatchNorm1d, BatchNorm2d, evaluating, training, type BatchNormOptions } from "../../src/nn/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { channelBatches, channelBatchSequences, type ChannelBatch } from "../arbitraries/channelBatches.js";
import { between, moderate } from "../arbitraries/numbers.js";
import { permutations } from "../arbitraries/shapes.js";
import { assertWithin } from "../operations/close.js";
import { engines, roundingOf } from "../engines.js";
import { dot } from "../operations/linearity.js";
import { property } from "../property.js";
import { channelsOf, slackOf } from "./groupStatistics.js";
import { UNDERFLOW } from "./underflow.js";

const epsilons = fc.constantFrom(1e-5, 1e-3, 0.5);

/** The layer that takes tensors of this rank. */
function layerFor(engine: Engine, { shape }: ChannelBatch, options: BatchNormOptions) {
  const Kind = shape.length === 4 ? BatchNorm2d : BatchNorm1d;
  return new Kind(shape[1], options).allocate(engine, 0);
}

/** Runs `body` with a layer and the batch as a variable; nothing is left behind. */
function withLayer<T>(
  engine: Engine,
  batch: ChannelBatch,
  options: BatchNormOptions,
  body: (layer: BatchNorm1d | BatchNorm2d, x: Variable) => T,
): T {
  return engine.scope(() => {
    const layer = layerFor(engine, batch, options);
    const x = parameter(engine.tensor(batch.values, batch.shape));
    const result = body(layer, x);
    for (const { variable } of layer.parameters()) variable.zeroGrad();
    x.zeroGrad();
    x.tensor.dispose();
    layer.dispose();
    return result;
  });
}

/** The batch normalised by its own statistics, weight 1 and bias 0. */
function normalized(engine: Engine, batch: ChannelBatch, epsilon: number): Float32Array | Float64Array {
  return withLayer(engine, batch, { epsilon }, (layer, x) => layer.forward(x, training(0)).dataSync());
}

describe("batch norm in training", () => {
  property(
    "brings every channel to mean 0 and variance v / (v + ε), constant channels to 0",
    [channelBatches(), epsilons],
    (batch, epsilon) => {
      const before = channelsOf(batch.values, batch.shape);
      for (const engine of engines) {
        const after = channelsOf(normalized(engine, batch, epsilon), batch.shape);
        for (const [channel, group] of before.entries()) {
          const slack = slackOf(engine, group, epsilon);
          const expected = group.variance / (group.variance + epsilon);
          const what = `${engine.name}, channel ${channel}`;
          assertWithin([after[channel].mean], [0], [slack], `${what}: mean`);
          // Σ (y + δ)² with Σ y² ≤ n
          assertWithin([after[channel].variance], [expected], [2 * slack + slack ** 2], `${what}: variance`);
        }
      }
    },
  );

  property(
    "gives the same for a·x + b with a²·ε in place of ε, mirrored where a < 0",
    [channelBatches(), fc.constantFrom(-8, -1, -0.5, 0.25, 2, 16), between(-4, 4), epsilons],
    (batch, a, b, epsilon) => {
      const moved = { shape: batch.shape, values: batch.values.map((value) => Math.fround(a * value + b)) };
      for (const engine of engines) {
        const first = channelsOf(normalized(engine, batch, epsilon), batch.shape);
        const second = channelsOf(normalized(engine, moved, a * a * epsilon), batch.shape);
        const [before, after] = [batch, moved].map(({ values, shape }) => channelsOf(values, shape));
        for (const [channel, { values }] of first.entries()) {
          // a·x + b is itself rounded to float32, on every engine
          const largest = Math.max(...after[channel].values.map(Math.abs));
          const input = (4 * 2 ** -24 * largest) / Math.sqrt(after[channel].variance + a * a * epsilon);
          const count = values.length;
          const slack = slackOf(engine, before[channel], epsilon) + slackOf(engine, after[channel], a * a * epsilon);
          const expected = values.map((value) => Math.sign(a) * value);
          assertWithin(
            second[channel].values,
            expected,
            expected.map(() => slack + count * input),
            `${engine.name}, channel ${channel}`,
          );
        }
      }
    },
  );

  property(
    "does not care about the order of the images",
    [channelBatches().chain((batch) => fc.tuple(fc.constant(batch), permutations(batch.shape[0]))), epsilons],
    ([batch, order], epsilon) => {
      const size = batch.values.length / order.length;
      const shuffle = <T>(values: readonly T[]): T[] =>
        order.flatMap((image) => values.slice(image * size, (image + 1) * size));
      const shuffled = { shape: batch.shape, values: shuffle(batch.values) };
      for (const engine of engines) {
        const slack = Math.max(
          ...channelsOf(batch.values, batch.shape).map((group) => slackOf(engine, group, epsilon)),
        );
        const expected = shuffle([...normalized(engine, batch, epsilon)]);
        assertWithin(
          normalized(engine, shuffled, epsilon),
          expected,
          expected.map(() => 2 * slack),
          engine.name,
        );
      }
    },
  );

  property(
    "has gradients that sum to 0 in every channel, and of whose part along x̂ only ε / (v + ε) is left",
    [
      channelBatches().chain((batch) =>
        fc.tuple(
          fc.constant(batch),
          fc.array(moderate(), { minLength: batch.values.length, maxLength: batch.values.length }),
        ),
      ),
      epsilons,
    ],
    ([batch, dy], epsilon) => {
      const before = channelsOf(batch.values, batch.shape);
      const seeds = channelsOf(dy, batch.shape);
      for (const engine of engines) {
        const dx = withLayer(engine, batch, { epsilon }, (layer, x) => {
          layer.forward(x, training(0)).backward(engine.tensor(dy, batch.shape));
          return x.grad!.dataSync();
        });
        for (const [channel, { values }] of channelsOf(dx, batch.shape).entries()) {
          const group = before[channel];
          const deviation = Math.sqrt(group.variance + epsilon);
          const unit = group.values.map((value) => (value - group.mean) / deviation);
          const count = values.length;
          // dx is linear in dy, and twice a factor x̂ stands before it: their slack weighs by the size of dy
          const size = (Math.max(...seeds[channel].values.map(Math.abs)) * Math.sqrt(count)) / deviation;
          const slack = 3 * count * size * slackOf(engine, group, epsilon) + UNDERFLOW;
          const what = `${engine.name}, channel ${channel}`;
          assertWithin([values.reduce((sum, x) => sum + x, 0)], [0], [slack], `${what}: sum`);
          const left = (dot(seeds[channel].values, unit) / deviation) * (epsilon / (group.variance + epsilon));
          assertWithin([dot(values, unit)], [left], [slack * Math.sqrt(count)], `${what}: along x̂`);
        }
      }
    },
  );
});

describe("running statistics", () => {
  const momenta = fc.oneof(fc.constantFrom(0, 0.1, 1), between(0, 1));

  property(
    "move by the momentum towards mean and unbiased variance of each batch; momentum 1 keeps the last one only",
    [channelBatchSequences(4), momenta],
    (batches, momentum) => {
      for (const engine of engines) {
        const layer = layerFor(engine, batches[0], { momentum });
        for (const { values, shape } of batches) {
          engine.scope(() => layer.forward(constant(engine.tensor(values, shape)), training(0)));
        }
        const expected = channelsOf(batches[0].values, batches[0].shape).map((_, channel) => {
          let [mean, variance] = [0, 1];
          for (const { values, shape } of batches) {
            const group = channelsOf(values, shape)[channel];
            const count = group.values.length;
            mean = (1 - momentum) * mean + momentum * group.mean;
            variance = (1 - momentum) * variance + ((momentum * count) / (count - 1)) * group.variance;
          }
          return { mean, variance };
        });
        // a mean and a variance of at most 96 numbers within ±6, rounded as in slackOf, and four blends
        const allowed = expected.map(() => 4 * roundingOf(engine) * 100 * 100);
        const { running_mean: mean, running_var: variance } = layer;
        assertWithin(
          mean.tensor.dataSync(),
          expected.map((group) => group.mean),
          allowed,
          `${engine.name}: mean`,
        );
        assertWithin(
          variance.tensor.dataSync(),
          expected.map((group) => group.variance),
          allowed.map((bound) => 36 * bound),
          `${engine.name}: variance`,
        );
        layer.dispose();
      }
    },
  );

  property(
    "are what evaluation normalises by, each number by itself, and it never changes them",
    [channelBatchSequences(2), epsilons],
    (batches, epsilon) => {
      const [batch] = batches;
      for (const engine of engines) {
        withLayer(engine, batch, { epsilon, momentum: 0.5 }, (layer, x) => {
          for (const { values, shape } of batches) layer.forward(constant(engine.tensor(values, shape)), training(0));
          const before = [...layer.stateDictionary()].map(([name, tensor]) => [name, tensor.dataSync()] as const);
          const [mean, variance] = [layer.running_mean, layer.running_var].map(({ tensor }) => [...tensor.dataSync()]);
          const inner = batch.values.length / batch.shape[0] / batch.shape[1];
          const y = layer.forward(x, evaluating).dataSync();
          const deviation = variance.map((value) => Math.sqrt(value + epsilon));
          const channels = batch.values.map((_, element) => Math.floor(element / inner) % batch.shape[1]);
          const expected = batch.values.map((value, i) => (value - mean[channels[i]]) / deviation[channels[i]]);
          // one factor and one summand a channel, so x/σ and mean/σ round by themselves
          const sizes = batch.values.map((value, i) => Math.abs(value) + Math.abs(mean[channels[i]]));
          const allowed = sizes.map((size, i) => (8 * roundingOf(engine) * size) / deviation[channels[i]] + UNDERFLOW);
          assertWithin(y, expected, allowed, engine.name);
          const after = [...layer.stateDictionary()].map(([name, tensor]) => [name, tensor.dataSync()] as const);
          assert.deepEqual(after, before, engine.name);
        });
      }
    },
  );
});

describe("scale and shift", () => {
  property(
    "act on the normalised batch, and their gradients are Σ dy·x̂ and Σ dy; a frozen scale is no parameter to train",
    [channelBatches(), between(-2, 2), between(-2, 2), fc.boolean()],
    (batch, scale, shift, frozenScale) => {
      for (const engine of engines) {
        const plain = [...normalized(engine, batch, 1e-3)];
        withLayer(engine, batch, { epsilon: 1e-3, frozenScale }, (layer, x) => {
          const channels = batch.shape[1];
          const full = (value: number) => ({ shape: [channels], data: new Array<number>(channels).fill(value) });
          const { running_mean: mean, running_var: variance } = layer;
          const kept = {
            running_mean: { shape: [channels], data: mean.tensor.dataSync() },
            running_var: { shape: [channels], data: variance.tensor.dataSync() },
          };
          layer.loadStateDictionary(new Map(Object.entries({ weight: full(scale), bias: full(shift), ...kept })));
          const y = layer.forward(x, training(0));
          const rounding = 8 * roundingOf(engine);
          const slack = Math.max(...channelsOf(batch.values, batch.shape).map((group) => slackOf(engine, group, 1e-3)));
          const expected = plain.map((value) => scale * value + shift);
          assertWithin(
            y.dataSync(),
            expected,
            expected.map((value) => 4 * slack + rounding * Math.abs(value)),
            engine.name,
          );
          assert.deepEqual(
            layer.parameters().map(({ name, trainable }) => [name, trainable]),
            [
              ["weight", !frozenScale],
              ["bias", true],
            ],
          );
          y.backward(engine.full(batch.shape, 1));
          assert.equal(layer.weight.variable.grad === undefined, frozenScale);
          const count = batch.values.length / channels;
          // dy = 1: Σ dy·x̂ is n times the mean of x̂, which is 0
          assertWithin(
            layer.weight.variable.grad?.dataSync() ?? [],
            full(0).data.slice(frozenScale ? channels : 0),
            full(2 * count * slack).data,
            `${engine.name}: dweight`,
          );
          assertWithin(
            layer.bias.variable.grad!.dataSync(),
            full(count).data,
            full(rounding * count ** 2).data,
            `${engine.name}: dbias`,
          );
        });
      }
    },
  );
});
