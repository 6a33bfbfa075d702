/** Softmax and its logarithm: the laws the loss rests on, on every engine, also where exponentials overflow or vanish. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { logSoftmax, softmax, type Variable } from "../../src/autograd/index.js";
import {
  logitBatches,
  permutedBatches,
  permuteColumns,
  rowsOf,
  shifts,
  type LogitBatch,
} from "../arbitraries/logits.js";
import { vectors } from "../arbitraries/arrays.js";
import { property } from "../property.js";
import { answer, type Answer } from "./answer.js";
import { engines, roundingOf } from "../engines.js";

const functions: Record<string, (x: Variable) => Variable> = { softmax, logSoftmax };

/** Below the smallest normal number a float32 has no relative accuracy left. */
const SMALLEST_NORMAL = 2 ** -126;

function total(row: readonly number[]): number {
  return row.reduce((sum, value) => sum + value, 0);
}

for (const engine of engines) {
  const unit = roundingOf(engine);

  function ask(fn: (x: Variable) => Variable, batch: LogitBatch, seed?: readonly number[]): Answer {
    return answer(engine, batch.logits, [batch.rows, batch.columns], fn, seed);
  }

  describe(`on ${engine.name}`, () => {
    property(
      `the softmax of a row sums to one, every element between 0 and 1 (${engine.name})`,
      [logitBatches()],
      (batch) => {
        const probability = ask(softmax, batch).y;
        assert.ok(
          probability.every((p) => p >= 0 && p <= 1),
          probability.join(),
        );
        // positive terms over their own sum: each rounded twice, and the sum once for every column
        for (const row of rowsOf(probability, batch.columns)) {
          assert.ok(Math.abs(total(row) - 1) <= (batch.columns + 4) * unit, `${total(row)}`);
        }
      },
      { runs: 200 },
    );

    for (const [name, fn] of Object.entries(functions)) {
      property(
        `${name} does not see a number that is added to a whole row (${engine.name})`,
        [logitBatches(), shifts()],
        (batch, shift) => {
          const shifted = { ...batch, logits: batch.logits.map((logit) => logit + shift) };
          // on the grid neither the shift nor the difference to the largest logit rounds: the same bits
          assert.deepEqual(ask(fn, shifted).y, ask(fn, batch).y);
        },
        { runs: 200 },
      );

      property(
        `${name} follows a permutation of the columns (${engine.name})`,
        [permutedBatches()],
        ({ batch, order }) => {
          const expected = permuteColumns({ ...batch, logits: ask(fn, batch).y }, order).logits;
          const actual = ask(fn, permuteColumns(batch, order)).y;
          for (const [position, value] of actual.entries()) {
            // only the order of the sum differs: a relative error in p, an absolute one in log p (and its own rounding)
            const size = name === "softmax" ? expected[position] : 1 + Math.abs(expected[position]) / batch.columns;
            const allowed = (2 * batch.columns + 4) * unit * size;
            assert.ok(Math.abs(value - expected[position]) <= allowed, `${value}, expected ${expected[position]}`);
          }
        },
        { runs: 200 },
      );

      property(
        `the gradient of ${name} sums to zero over a row (${engine.name})`,
        [logitBatches().chain((batch) => fc.record({ batch: fc.constant(batch), seed: vectors(batch.logits.length) }))],
        ({ batch, seed }) => {
          const { gradient } = ask(fn, batch, seed);
          const largest = Math.max(...seed.map(Math.abs));
          for (const row of rowsOf(gradient, batch.columns)) {
            // every element: a mean or sum over M columns of terms up to `largest`, times a probability; then M are added
            const allowed = (4 * batch.columns ** 2 + 16) * unit * largest + batch.columns * SMALLEST_NORMAL;
            assert.ok(Math.abs(total(row)) <= allowed, `${total(row)} (allowed ${allowed})`);
          }
        },
        { runs: 200 },
      );
    }

    property(
      `softmax keeps the order of a row, and ties (${engine.name})`,
      [logitBatches()],
      ({ columns, logits, ...batch }) => {
        const probability = rowsOf(ask(softmax, { ...batch, columns, logits }).y, columns);
        for (const [i, row] of rowsOf(logits, columns).entries()) {
          for (const [a, b] of row.flatMap((_, j) => row.map((__, k) => [j, k]))) {
            if (row[a] === row[b]) assert.equal(probability[i][a], probability[i][b]);
            // a step of the grid is 1.6 %, far more than an exponential is off
            if (row[a] < row[b]) {
              const keepsOrder = probability[i][a] < probability[i][b] || probability[i][b] < SMALLEST_NORMAL;
              assert.ok(keepsOrder, `columns ${a} and ${b}: ${probability[i].join()}`);
            }
          }
        }
      },
      { runs: 200 },
    );

    property(
      `where logits are 1e4 apart, the largest of a row share it evenly, the others get exactly 0, and no logarithm is infinite (${engine.name})`,
      [
        fc
          .integer({ min: 1, max: 11 })
          .chain((n) => fc.array(fc.constantFrom(-1e4, 0, 1e4), { minLength: n, maxLength: n })),
      ],
      (row) => {
        const batch = { rows: 1, columns: row.length, logits: row, labels: [0] };
        const highest = Math.max(...row);
        const winners = row.filter((value) => value === highest).length;
        const [probability, logarithm] = [ask(softmax, batch), ask(logSoftmax, batch)];
        for (const [j, value] of row.entries()) {
          const share = value === highest ? 1 / winners : 0;
          assert.ok(Math.abs(probability.y[j] - share) <= 2 * unit * share, `p ${probability.y[j]}`);
          const expected = value - highest - Math.log(winners);
          assert.ok(
            Math.abs(logarithm.y[j] - expected) <= 4 * unit * (1 + Math.abs(expected)),
            `log p ${logarithm.y[j]}`,
          );
        }
        const slopes = [...probability.gradient, ...logarithm.gradient];
        assert.ok(slopes.every(Number.isFinite), slopes.join());
      },
    );

    property(
      `logSoftmax is x − log Σ eˣ, and softmax its exponential (${engine.name})`,
      [logitBatches()],
      (batch) => {
        const [probability, logarithm] = [ask(softmax, batch).y, ask(logSoftmax, batch).y].map((y) =>
          rowsOf(y, batch.columns),
        );
        for (const [i, row] of rowsOf(batch.logits, batch.columns).entries()) {
          const highest = Math.max(...row);
          const sum = total(row.map((z) => Math.exp(z - highest)));
          for (const [j, z] of row.entries()) {
            const expected = z - highest - Math.log(sum);
            // a sum of M terms below its logarithm; then one subtraction
            const allowed = (batch.columns + 8 + Math.abs(expected)) * unit;
            assert.ok(Math.abs(logarithm[i][j] - expected) <= allowed, `${logarithm[i][j]}, expected ${expected}`);
            const p = Math.exp(z - highest) / sum;
            assert.ok(Math.abs(probability[i][j] - p) <= (2 * batch.columns + 16) * unit * p + SMALLEST_NORMAL, `${p}`);
          }
        }
      },
      { runs: 200 },
    );
  });
}
