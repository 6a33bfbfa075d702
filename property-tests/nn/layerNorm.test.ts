/** Layer norm (Ba et al. 2016): what batch norm does to channels, done to every row by itself. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { constant, parameter } from "../../src/autograd/index.js";
import { LayerNorm } from "../../src/nn/index.js";
import type { Engine, FloatArray } from "../../src/tensor/engine.js";
import { channelBatches, type ChannelBatch } from "../arbitraries/channelBatches.js";
import { vectors } from "../arbitraries/arrays.js";
import { between, moderate } from "../arbitraries/numbers.js";
import { assertWithin } from "../operations/close.js";
import { engines } from "../engines.js";
import { dot } from "../operations/linearity.js";
import { property } from "../property.js";
import { rowsOf, slackOf } from "./groupStatistics.js";
import { UNDERFLOW } from "./underflow.js";

const epsilons = fc.constantFrom(1e-5, 1e-3, 0.5);

/** Rows of a number of shapes; a row of one number is normalised to 0. */
const rows = channelBatches();

function normalized(engine: Engine, { values, shape }: ChannelBatch, epsilon: number): FloatArray {
  return engine.scope(() => {
    const layer = new LayerNorm(shape[shape.length - 1], { epsilon }).allocate(engine, 0);
    const y = layer.forward(constant(engine.tensor(values, shape))).dataSync();
    layer.dispose();
    return y;
  });
}

describe("layer norm", () => {
  property("brings every row to mean 0 and variance v / (v + ε)", [rows, epsilons], (batch, epsilon) => {
    const before = rowsOf(batch.values, batch.shape);
    for (const engine of engines) {
      const after = rowsOf(normalized(engine, batch, epsilon), batch.shape);
      for (const [row, group] of before.entries()) {
        const slack = slackOf(engine, group, epsilon);
        const expected = group.variance / (group.variance + epsilon);
        const what = `${engine.name}, row ${row}`;
        assertWithin([after[row].mean], [0], [slack], `${what}: mean`);
        assertWithin([after[row].variance], [expected], [2 * slack + slack ** 2], `${what}: variance`);
      }
    }
  });

  property("gives every row the bits it would get alone", [rows, epsilons], (batch, epsilon) => {
    const columns = batch.shape[batch.shape.length - 1];
    for (const engine of engines) {
      const together = normalized(engine, batch, epsilon);
      for (let start = 0; start < together.length; start += columns) {
        const alone = { shape: [columns], values: batch.values.slice(start, start + columns) };
        assert.deepEqual(together.slice(start, start + columns), normalized(engine, alone, epsilon), engine.name);
      }
    }
  });

  property(
    "gives the same for a·x + b with a²·ε in place of ε, mirrored where a < 0",
    [rows, fc.constantFrom(-8, -1, -0.5, 0.25, 2, 16), between(-4, 4), epsilons],
    (batch, a, b, epsilon) => {
      const moved = { shape: batch.shape, values: batch.values.map((value) => Math.fround(a * value + b)) };
      const [before, after] = [batch, moved].map(({ values, shape }) => rowsOf(values, shape));
      for (const engine of engines) {
        const first = rowsOf(normalized(engine, batch, epsilon), batch.shape);
        const second = rowsOf(normalized(engine, moved, a * a * epsilon), batch.shape);
        for (const [row, { values }] of first.entries()) {
          // a·x + b is itself rounded to float32, on every engine
          const largest = Math.max(...after[row].values.map(Math.abs));
          const input = (4 * 2 ** -24 * largest) / Math.sqrt(after[row].variance + a * a * epsilon);
          const slack = slackOf(engine, before[row], epsilon) + slackOf(engine, after[row], a * a * epsilon);
          const allowed = values.map(() => slack + values.length * input);
          const expected = values.map((value) => Math.sign(a) * value);
          assertWithin(second[row].values, expected, allowed, `${engine.name}, row ${row}`);
        }
      }
    },
  );

  property(
    "has gradients that sum to 0 in every row, and of whose part along x̂ only ε / (v + ε) is left",
    [rows.chain((batch) => fc.tuple(fc.constant(batch), vectors(batch.values.length, moderate()))), epsilons],
    ([batch, dy], epsilon) => {
      const [before, seeds] = [batch.values, dy].map((values) => rowsOf(values, batch.shape));
      for (const engine of engines) {
        const dx = engine.scope(() => {
          const layer = new LayerNorm(batch.shape[batch.shape.length - 1], { epsilon }).allocate(engine, 0);
          const x = parameter(engine.tensor(batch.values, batch.shape));
          layer.forward(x).backward(engine.tensor(dy, batch.shape));
          const gradient = x.grad!.dataSync();
          for (const { variable } of layer.parameters()) variable.zeroGrad();
          x.zeroGrad();
          x.tensor.dispose();
          layer.dispose();
          return gradient;
        });
        for (const [row, { values }] of rowsOf(dx, batch.shape).entries()) {
          const group = before[row];
          const deviation = Math.sqrt(group.variance + epsilon);
          const unit = group.values.map((value) => (value - group.mean) / deviation);
          const count = values.length;
          // dx is linear in dy, and twice a factor x̂ stands before it: their slack weighs by the size of dy
          const size = (Math.max(...seeds[row].values.map(Math.abs)) * Math.sqrt(count)) / deviation;
          const slack = 3 * count * size * slackOf(engine, group, epsilon) + UNDERFLOW;
          const what = `${engine.name}, row ${row}`;
          assertWithin([values.reduce((sum, x) => sum + x, 0)], [0], [slack], `${what}: sum`);
          const left = (dot(seeds[row].values, unit) / deviation) * (epsilon / (group.variance + epsilon));
          assertWithin([dot(values, unit)], [left], [slack * Math.sqrt(count)], `${what}: along x̂`);
        }
      }
    },
  );
});
