/**
 * Tables of rows: sparse updates touch what was sampled and nothing else (Partial FC, section 3.2), dense ones move every row,
 * and both follow the same rules as parameters do.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { Adam, AdamW, SGD, type Optimizer, type RowParameter, type RowUpdate } from "../../src/nn/index.js";
import { updateRows } from "../../src/nn/updateRows.js";
import type { Engine } from "../../src/tensor/engine.js";
import { plainAdam, plainSgd } from "../../test/nn/plainRules.js";
import { pushGradient, rowsOf } from "../../test/nn/trainables.js";
import {
  adamRules,
  sgdRules,
  sizeableGradients,
  tableTrainings,
  type TableTraining,
} from "../arbitraries/trainings.js";
import { assertWithin } from "../operations/close.js";
import { engines } from "../engines.js";
import { property } from "../property.js";
import { allowedOfAdam, allowedOfSgd } from "./optimizerBounds.js";
import { historyOf, tableOf, trainTable, type History } from "./tableTraining.js";

type Expectation = { readonly values: readonly number[]; readonly allowed: readonly number[] };

/** Compares every element of the trained table with its own history; without one it must not have changed by a bit. */
async function assertTable(
  engine: Engine,
  training: TableTraining,
  update: RowUpdate,
  make: (of: RowParameter) => Optimizer,
  expected: (start: number, history: History) => Expectation,
): Promise<void> {
  const rows = await trainTable(engine, training, update, make);
  for (const [row, values] of rows.entries()) {
    for (const [column, value] of values.entries()) {
      const start = training.start[row][column];
      const { values, allowed } = expected(start, historyOf(training, update, row, column));
      const what = `${engine.name}, row ${row}, column ${column}`;
      assertWithin([value], [values.at(-1) ?? start], [allowed.at(-1) ?? 0], what);
    }
  }
}

for (const update of ["sparse", "dense"] as const) {
  describe(`a ${update} table`, () => {
    property(
      "follows SGD, row by row, with the gradients of repeated rows summed",
      [tableTrainings(), sgdRules()],
      async (training, rule) => {
        for (const engine of engines) {
          await assertTable(
            engine,
            training,
            update,
            (of) => new SGD(of, rule),
            (start, { gradients, sizes, rates }) => ({
              values: plainSgd(start, gradients, rates, rule),
              allowed: allowedOfSgd(engine, start, sizes, rates, rule),
            }),
          );
        }
      },
      { runs: 200 },
    );

    // Dense rows without a gradient would be Adam's answer to decay alone, which is the sign of the value: no decay in it here.
    const rules = adamRules().map((rule) => (update === "dense" && !rule.decoupled ? { ...rule, decay: 0 } : rule));
    property(
      "follows Adam and AdamW, with one count of updates for all rows",
      [tableTrainings(sizeableGradients(), { repeats: false }), rules],
      async (training, rule) => {
        const Kind = rule.decoupled ? AdamW : Adam;
        for (const engine of engines) {
          await assertTable(
            engine,
            training,
            update,
            (of) => new Kind(of, rule),
            (start, { gradients, rates, times }) => ({
              values: plainAdam(start, gradients, rates, { ...rule, time: (own) => times[own] }),
              allowed: allowedOfAdam(engine, start, rates),
            }),
          );
        }
      },
      { runs: 200 },
    );
  });
}

describe("sparse and dense", () => {
  property(
    "are the same, bit for bit, where every row is sampled",
    [tableTrainings(), sgdRules(), fc.boolean()],
    async ({ start, steps }, rule, adam) => {
      const index = start.map((_, row) => row);
      const full: TableTraining = {
        start,
        steps: steps.map(({ rate }, step) => ({
          rate,
          gathers: [{ index, gradients: start.map((row) => row.map((x) => x + step)) }],
        })),
      };
      for (const engine of engines) {
        const [sparse, dense] = await Promise.all(
          (["sparse", "dense"] as const).map((update) =>
            trainTable(engine, full, update, (of) => (adam ? new Adam(of) : new SGD(of, rule))),
          ),
        );
        assert.deepEqual(dense, sparse, engine.name);
      }
    },
  );

  property(
    "do not depend on the size of the chunks in which the dense walk goes through the table",
    [tableTrainings(), fc.integer({ min: 1, max: 30 })],
    async ({ start, steps }, chunk) => {
      for (const engine of engines) {
        const walked = [chunk, 2 ** 20].map(async (chunkElements) => {
          const table = tableOf(engine, start, "dense");
          for (const { index, gradients } of steps.flatMap(({ gathers }) => gathers)) {
            pushGradient(engine, table.gather(Int32Array.from(index)), gradients.flat());
          }
          updateRows(table, [], (value, gradient) => engine.blend(value, 0.9, gradient, -1), { chunkElements });
          const rows = await rowsOf(table);
          table.dispose();
          return rows;
        });
        const [small, whole] = await Promise.all(walked);
        assert.deepEqual(small, whole, engine.name);
      }
    },
  );

  property(
    "do not depend on the order in which the rows were gathered",
    [
      tableTrainings(moderateIntegers(), { repeats: false }),
      sgdRules(),
      fc.constantFrom("sparse" as const, "dense" as const),
    ],
    async (training, rule, update) => {
      const reversed: TableTraining = {
        ...training,
        steps: training.steps.map(({ rate, gathers }) => ({
          rate,
          gathers: gathers.map(({ index, gradients }) => ({
            index: [...index].reverse(),
            gradients: [...gradients].reverse(),
          })),
        })),
      };
      for (const engine of engines) {
        const [forwards, backwards] = await Promise.all(
          [training, reversed].map((order) => trainTable(engine, order, update, (of) => new SGD(of, rule))),
        );
        assert.deepEqual(backwards, forwards, engine.name);
      }
    },
  );
});

function moderateIntegers(): fc.Arbitrary<number> {
  return fc.integer({ min: -4, max: 4 });
}
