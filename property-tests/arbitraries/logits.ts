/** Rows of logits: moderate, saturated and tied ones, on a grid where adding a number to a row rounds nothing. */
import fc from "fast-check";

/** Logits are multiples of this, and shifted ones stay below 2^17 in size: 24 bits hold all of them exactly. */
const GRID = 2 ** -6;

export interface LogitBatch {
  readonly rows: number;
  readonly columns: number;
  /** Row by row. */
  readonly logits: readonly number[];
  /** The column of each row's class. */
  readonly labels: readonly number[];
}

/** A logit: small as in training, or up to ±1e4, where all but the largest of a row vanish. */
function gridNumbers(): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: -512, max: 512 }).map((steps) => steps * GRID) },
    { weight: 2, arbitrary: fc.integer({ min: -6400, max: 6400 }).map((steps) => steps * GRID) },
    { weight: 1, arbitrary: fc.constantFrom(0, 1e4, -1e4) },
  );
}

/** What is added to a whole row. */
export function shifts(): fc.Arbitrary<number> {
  return fc.oneof(fc.integer({ min: -(2 ** 16), max: 2 ** 16 }), fc.constantFrom(0, 1e4, -1e4));
}

/** One to four rows of one to eleven columns. */
export function logitBatches(): fc.Arbitrary<LogitBatch> {
  return fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 11 })).chain(([rows, columns]) => {
    const free = fc.array(gridNumbers(), { minLength: columns, maxLength: columns });
    const tied = gridNumbers().map((value) => new Array<number>(columns).fill(value));
    const row = fc.oneof({ weight: 5, arbitrary: free }, { weight: 1, arbitrary: tied });
    return fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      logits: fc.array(row, { minLength: rows, maxLength: rows }).map((all) => all.flat()),
      labels: fc.array(fc.integer({ min: 0, max: columns - 1 }), { minLength: rows, maxLength: rows }),
    });
  });
}

/** A batch, and an order of its columns: `order[j]` is the old column that becomes the j-th. */
export function permutedBatches(): fc.Arbitrary<{ batch: LogitBatch; order: number[] }> {
  return logitBatches().chain((batch) => {
    const columns = Array.from({ length: batch.columns }, (_, j) => j);
    const order = fc.shuffledSubarray(columns, { minLength: batch.columns, maxLength: batch.columns });
    return fc.record({ batch: fc.constant(batch), order });
  });
}

/** The batch with its columns in another order, and its labels with them. */
export function permuteColumns(batch: LogitBatch, order: readonly number[]): LogitBatch {
  return {
    ...batch,
    logits: rowsOf(batch.logits, batch.columns).flatMap((row) => order.map((column) => row[column])),
    labels: batch.labels.map((label) => order.indexOf(label)),
  };
}

/** [rows · columns] → [rows][columns] */
export function rowsOf(values: readonly number[], columns: number): number[][] {
  return Array.from({ length: values.length / columns }, (_, i) => values.slice(i * columns, (i + 1) * columns));
}
