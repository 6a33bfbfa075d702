/** Batch norm over ranks is batch norm of all their rows: values, gradients and running statistics, whoever holds which rows. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { Variable } from "../../src/autograd/index.js";
import { allReduceGradients, BatchNorm1d, BatchNorm2d, training } from "../../src/nn/index.js";
import { InProcessRanks } from "../../src/ranks/inProcessRanks.js";
import type { Engine } from "../../src/tensor/engine.js";
import { channelBatches, type ChannelBatch } from "../arbitraries/channelBatches.js";
import { between } from "../arbitraries/numbers.js";
import { assertWithin } from "../operations/close.js";
import { engines, roundingOf } from "../engines.js";
import { property } from "../property.js";
import { channelsOf, slackOf, type Group } from "./groupStatistics.js";

const EPSILON = 1e-3;
const MOMENTUM = 0.3;
/** Elements of dy, weight and bias lie within ±1. */
interface Given {
  readonly ranks: number;
  readonly batch: ChannelBatch;
  readonly dy: readonly number[];
  readonly weight: readonly number[];
  readonly bias: readonly number[];
}

/** A batch that is split into equal parts; at most into single rows, with which no rank alone could train. */
function splitBatches(): fc.Arbitrary<Given> {
  return channelBatches().chain((batch) => {
    const [size, channels] = batch.shape;
    const divisors = Array.from({ length: size }, (_, i) => i + 1).filter((ranks) => size % ranks === 0);
    const numbers = (length: number): fc.Arbitrary<number[]> =>
      fc.array(between(-1, 1), { minLength: length, maxLength: length });
    return fc.record({
      ranks: fc.constantFrom(...divisors),
      batch: fc.constant(batch),
      dy: numbers(batch.values.length),
      weight: numbers(channels),
      bias: numbers(channels),
    });
  });
}

interface Normalized {
  readonly y: number[];
  readonly dx: number[];
  /** Of each rank, after the sum over ranks: weight, then bias. */
  readonly parameterGradients: number[][];
  /** Of each rank: mean, then variance. */
  readonly running: number[][];
}

/** Forward and backward with the rows split over the ranks. */
function normalize(engine: Engine, ranks: number, { batch, dy, weight, bias }: Given): Normalized {
  const [size, channels, ...rest] = batch.shape;
  const shape = [size / ranks, channels, ...rest];
  const part = batch.values.length / ranks;
  return engine.scope(() => {
    const group = new InProcessRanks(engine, ranks);
    const Kind = batch.shape.length === 4 ? BatchNorm2d : BatchNorm1d;
    const layers = group.communicators.map(() => {
      const layer = new Kind(channels, { epsilon: EPSILON, momentum: MOMENTUM }).allocate(engine, 0);
      engine.assign(layer.weight.variable.tensor, engine.tensor(weight, [channels]));
      engine.assign(layer.bias.variable.tensor, engine.tensor(bias, [channels]));
      return layer;
    });
    const answers = group.run(
      (communicator) => {
        const { rank } = communicator;
        const layer = layers[rank];
        for (const { variable } of layer.parameters()) variable.zeroGrad();
        const own = <T>(values: readonly T[]): T[] => values.slice(rank * part, (rank + 1) * part);
        const x = new Variable(engine.tensor(own(batch.values), shape), true);
        const y = layer.forward(x, training(0, { communicator }));
        y.backward(engine.tensor(own(dy), shape));
        const dx = Array.from(x.grad!.dataSync());
        x.zeroGrad();
        allReduceGradients(layer.parameters(), communicator);
        return { y: Array.from(y.dataSync()), dx };
      },
      (rank) => layers[rank].buffers().map(({ tensor }) => tensor),
    );
    const result = {
      y: answers.flatMap(({ y }) => y),
      dx: answers.flatMap(({ dx }) => dx),
      parameterGradients: layers.map((layer) =>
        layer.parameters().flatMap(({ variable }) => Array.from(variable.grad!.dataSync())),
      ),
      running: layers.map((layer) => layer.buffers().flatMap(({ tensor }) => Array.from(tensor.dataSync()))),
    };
    for (const layer of layers) layer.dispose();
    return result;
  });
}

/** Bounds for one channel. Two computations, each off by `slack` in x̂, whose size is at most √n. */
function boundsOf(engine: Engine, group: Group) {
  const n = group.values.length;
  const unit = roundingOf(engine);
  const slack = 2 * slackOf(engine, group, EPSILON);
  const largest = Math.max(...group.values.map(Math.abs));
  const deviation = Math.sqrt(group.variance + EPSILON);
  return {
    y: slack + 4 * unit * (Math.sqrt(n) + 1),
    // (dy − mean(dy) − x̂·mean(dy·x̂))/σ: |x̂| and the second mean are below √n and 1, and each is off by `slack`, σ by less
    dx: (4 * slack * (1 + Math.sqrt(n)) + 8 * n * unit * (1 + Math.sqrt(n))) / deviation,
    weight: n * (slack + 2 * n * unit),
    bias: 2 * n * n * unit,
    mean: 4 * n * unit * largest + 4 * unit,
    variance: 8 * n * (n + 1) * unit * group.variance + (4 * n * unit * largest) ** 2 + 4 * unit,
  };
}

describe("synchronised batch norm", () => {
  property("is batch norm of the rows of all ranks", [splitBatches()], (given) => {
    const { ranks, batch } = given;
    const [, channels, ...rest] = batch.shape;
    const inner = rest.reduce((product, extent) => product * extent, 1);
    for (const engine of engines) {
      const many = normalize(engine, ranks, given);
      const one = normalize(engine, 1, given);
      const bounds = channelsOf(batch.values, batch.shape).map((group) => boundsOf(engine, group));
      const ofElement = (kind: "y" | "dx"): number[] =>
        batch.values.map((_, element) => bounds[Math.floor(element / inner) % channels][kind]);
      assertWithin(many.y, one.y, ofElement("y"), `${engine.name}: y`);
      assertWithin(many.dx, one.dx, ofElement("dx"), `${engine.name}: dx`);
      for (const rank of many.running.keys()) {
        const gradients = [...bounds.map(({ weight }) => weight), ...bounds.map(({ bias }) => bias)];
        assertWithin(many.parameterGradients[rank], one.parameterGradients[0], gradients, `${engine.name}: gradients`);
        const statistics = [...bounds.map(({ mean }) => mean), ...bounds.map(({ variance }) => variance)];
        assertWithin(many.running[rank], one.running[0], statistics, `${engine.name}: running statistics`);
      }
    }
  });

  property(
    "leaves the same bits on every rank: running statistics, and gradients once they are summed",
    [splitBatches()],
    (given) => {
      for (const engine of engines) {
        const { running, parameterGradients } = normalize(engine, given.ranks, given);
        for (const rank of running.keys()) {
          assert.deepEqual(running[rank], running[0]);
          assert.deepEqual(parameterGradients[rank], parameterGradients[0]);
        }
      }
    },
  );
});
