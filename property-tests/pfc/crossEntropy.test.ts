/**
 * Softmax cross-entropy: the plain one, and Partial FC's over shards, whose value is bounded by −log(1e-30) and whose gradient is
 * not. One rank here; several ranks have their own file.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { crossEntropy, type Variable } from "../../src/autograd/index.js";
import { softmaxCrossEntropy } from "../../src/pfc/softmaxCrossEntropy.js";
import {
  logitBatches,
  permutedBatches,
  permuteColumns,
  rowsOf,
  shifts,
  type LogitBatch,
} from "../arbitraries/logits.js";
import { property } from "../property.js";
import { answer, type Answer } from "./answer.js";
import { engines, roundingOf } from "../engines.js";

const BOUND = 30 * Math.LN10; // −log(1e-30) = 69.0776
const losses: Record<string, (z: Variable, labels: Int32Array) => Variable> = {
  crossEntropy: (z, labels) => crossEntropy(z, labels),
  softmaxCrossEntropy: (z, labels) => softmaxCrossEntropy(z, labels),
};

/** −log p_y of each row and (p − onehot)/N, on the host. */
function onHost({ rows, columns, logits, labels }: LogitBatch): { losses: number[]; gradient: number[] } {
  const perRow = rowsOf(logits, columns).map((row, i) => {
    const highest = Math.max(...row);
    const exponentials = row.map((z) => Math.exp(z - highest));
    const sum = exponentials.reduce((a, b) => a + b, 0);
    return {
      loss: highest - row[labels[i]] + Math.log(sum),
      gradient: exponentials.map((e, j) => (e / sum - (j === labels[i] ? 1 : 0)) / rows),
    };
  });
  return { losses: perRow.map(({ loss }) => loss), gradient: perRow.flatMap(({ gradient }) => gradient) };
}

for (const engine of engines) {
  const unit = roundingOf(engine);
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

  function ask(loss: (typeof losses)[string], { rows, columns, logits, labels }: LogitBatch): Answer {
    return answer(engine, logits, [rows, columns], (z) => loss(z, Int32Array.from(labels)));
  }

  /** p − onehot is a difference of numbers up to 1: absolute errors, from an exponential, a sum of M terms and a quotient. */
  function assertGradient(actual: readonly number[], expected: readonly number[], columns: number): void {
    for (const [position, slope] of actual.entries()) {
      const allowed = (2 * columns + 16) * unit;
      assert.ok(Math.abs(slope - expected[position]) <= allowed, `${slope}, expected ${expected[position]}`);
    }
  }

  describe(`on ${engine.name}`, () => {
    for (const [name, loss] of Object.entries(losses)) {
      property(
        `${name} is −log p of the right class, bounded at 69.0776 only by Partial FC, with gradient (p − onehot)/N even there (${engine.name})`,
        [logitBatches()],
        (batch) => {
          const { y, gradient } = ask(loss, batch);
          const host = onHost(batch);
          const perRow = name === "crossEntropy" ? host.losses : host.losses.map((value) => Math.min(value, BOUND));
          const expected = mean(perRow);
          // the logarithm of a quotient: M + 8 roundings of p are absolute in its logarithm; then the logarithm's own
          const allowed = (batch.columns + 16 + 4 * Math.max(...perRow)) * unit;
          assert.ok(Math.abs(y[0] - expected) <= allowed, `${y[0]}, expected ${expected} (allowed ${allowed})`);
          assertGradient(gradient, host.gradient, batch.columns);
        },
        { runs: 300 },
      );

      property(
        `${name} is never negative, and does not see a number that is added to all logits (${engine.name})`,
        [logitBatches(), shifts()],
        (batch, shift) => {
          const here = ask(loss, batch);
          assert.ok(here.y[0] >= 0, `${here.y[0]}`);
          const shifted = { ...batch, logits: batch.logits.map((logit) => logit + shift) };
          assert.deepEqual(ask(loss, shifted), here); // nothing rounds on the grid: the same bits
        },
        { runs: 200 },
      );

      property(
        `${name} does not care in which order the classes stand: the gradient follows (${engine.name})`,
        [permutedBatches()],
        ({ batch, order }) => {
          const [here, there] = [ask(loss, batch), ask(loss, permuteColumns(batch, order))];
          const allowed = (2 * batch.columns + 16 + 4 * here.y[0]) * unit;
          assert.ok(Math.abs(there.y[0] - here.y[0]) <= allowed, `${there.y[0]}, expected ${here.y[0]}`);
          const followed = permuteColumns({ ...batch, logits: here.gradient }, order).logits;
          assertGradient(there.gradient, followed, batch.columns);
        },
        { runs: 200 },
      );

      property(
        `the gradient of ${name} sums to zero over a row, and pulls the right class only (${engine.name})`,
        [logitBatches()],
        (batch) => {
          for (const [i, row] of rowsOf(ask(loss, batch).gradient, batch.columns).entries()) {
            const sum = row.reduce((a, b) => a + b, 0);
            assert.ok(Math.abs(sum) <= (2 * batch.columns + 8) * unit, `${sum}`);
            const pullsOwn = row.every((slope, j) => (j === batch.labels[i] ? slope <= 0 : slope >= 0));
            assert.ok(pullsOwn, row.join());
          }
        },
        { runs: 200 },
      );
    }

    property(
      `Partial FC's loss lies in [0, 69.0776], and is 69.0776 exactly where a class is nowhere (${engine.name})`,
      [logitBatches()],
      (batch) => {
        const { y } = ask(losses.softmaxCrossEntropy, batch);
        assert.ok(y[0] >= 0 && y[0] <= BOUND * (1 + 4 * unit), `${y[0]}`);
        const nowhere = { ...batch, labels: batch.labels.map(() => -1) };
        const missing = ask(losses.softmaxCrossEntropy, nowhere);
        assert.ok(Math.abs(missing.y[0] - BOUND) <= 4 * unit * BOUND, `${missing.y[0]}`);
        // nothing pulls: every class is pushed down by its probability
        assertGradient(
          missing.gradient,
          ask(losses.softmaxCrossEntropy, batch).gradient.map((slope, position) => {
            const own = position % batch.columns === batch.labels[Math.floor(position / batch.columns)];
            return own ? slope + 1 / batch.rows : slope;
          }),
          batch.columns,
        );
      },
      { runs: 200 },
    );

    property(
      `a right class that is 1e4 ahead costs nothing and moves nothing; one that is 1e4 behind moves by 1/N (${engine.name})`,
      [fc.integer({ min: 2, max: 11 }), fc.nat({ max: 10 }), fc.boolean()],
      (columns, position, ahead) => {
        const label = position % columns;
        const logits = Array.from({ length: columns }, (_, j) => ((j === label) === ahead ? 1e4 : 0));
        const { y, gradient } = ask(losses.softmaxCrossEntropy, { rows: 1, columns, logits, labels: [label] });
        if (ahead) {
          assert.ok(y[0] === 0 && gradient.every((slope) => slope === 0), `${y[0]}, ${gradient.join()}`);
        } else {
          assert.ok(Math.abs(y[0] - BOUND) <= 4 * unit * BOUND, `${y[0]}`);
          assert.equal(gradient[label], -1);
        }
      },
    );
  });
}
