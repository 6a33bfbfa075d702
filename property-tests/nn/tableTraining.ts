/** Runs a training of a table of rows on an engine, and tells what each of its numbers should have been given. */
import { RowParameter, type Optimizer, type RowUpdate } from "../../src/nn/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { pushGradient, rowsOf } from "../../test/nn/trainables.js";
import type { TableTraining } from "../arbitraries/trainings.js";

export function tableOf(engine: Engine, start: readonly (readonly number[])[], update: RowUpdate): RowParameter {
  const store = engine.rowStore(start.length, start[0].length, {
    initialize: (row, target, offset) => target.set(start[row], offset),
  });
  return new RowParameter("centers", store, update);
}

/** One step: gathers, gradients, update. */
export function stepTable(table: RowParameter, optimizer: Optimizer, step: TableTraining["steps"][number]): void {
  for (const { index, gradients } of step.gathers) {
    pushGradient(table.engine, table.gather(Int32Array.from(index)), gradients.flat());
  }
  optimizer.step({ rate: step.rate });
  optimizer.zeroGrad();
}

/** The table at the end: [rows][columns]. */
export async function trainTable(
  engine: Engine,
  { start, steps }: TableTraining,
  update: RowUpdate,
  make: (of: RowParameter) => Optimizer,
): Promise<number[][]> {
  const table = tableOf(engine, start, update);
  const optimizer = make(table);
  for (const step of steps) stepTable(table, optimizer, step);
  const rows = await rowsOf(table);
  optimizer.dispose();
  table.dispose();
  return rows;
}

/** What one element of the table is given. */
export interface History {
  readonly gradients: readonly number[];
  /** Bounds on what the sums of gradients are made of: additions round, each by no more than this. */
  readonly sizes: readonly number[];
  readonly rates: readonly number[];
  /** Updates of the table so far at each of its own, that one included. */
  readonly times: readonly number[];
}

/** Sparse: the updates in which the row was gathered. Dense: all of them, with gradient 0 where it was not. */
export function historyOf({ steps }: TableTraining, update: RowUpdate, row: number, column: number): History {
  const updates = steps
    .filter(({ gathers }) => gathers.length > 0)
    .map(({ rate, gathers }, position) => {
      const own = gathers.flatMap(({ index, gradients }) =>
        gradients.filter((_, place) => index[place] === row).map((gradient) => gradient[column]),
      );
      const gradient = own.reduce((sum, part) => sum + part, 0);
      const size = own.length * own.reduce((sum, part) => sum + Math.abs(part), 0);
      return { rate, own, gradient, size, time: position + 1 };
    })
    .filter(({ own }) => update === "dense" || own.length > 0);
  return {
    gradients: updates.map(({ gradient }) => gradient),
    sizes: updates.map(({ size }) => size),
    rates: updates.map(({ rate }) => rate),
    times: updates.map(({ time }) => time),
  };
}
