/** Programs on a table of rows: what is gathered, written, loaded and read, in what order. */
import fc from "fast-check";
import type { RowInitializer, RowStorage } from "../../src/tensor/rowStore.js";
import { extreme } from "./numbers.js";

export type RowStep =
  | { readonly kind: "gather"; readonly index: readonly number[] }
  | { readonly kind: "write"; readonly index: readonly number[]; readonly values: readonly number[][] }
  | { readonly kind: "load"; readonly start: number; readonly values: readonly number[][] }
  | { readonly kind: "read"; readonly start: number; readonly count: number };

export interface RowProgram {
  readonly rows: number;
  readonly columns: number;
  /** Of a chunk in host memory. */
  readonly chunkElements: number;
  /** The most rows of a bank: a table is then in several. */
  readonly rowsPerBank: number;
  readonly storage: RowStorage;
  readonly steps: readonly RowStep[];
}

export function rowPrograms(): fc.Arbitrary<RowProgram> {
  return fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 7 })).chain(([rows, columns]) => {
    const row = fc.nat({ max: rows - 1 });
    const values = (count: number) =>
      fc.array(fc.array(extreme(), { minLength: columns, maxLength: columns }), { minLength: count, maxLength: count });
    // rows that repeat, in any order; ascending ones take another way through the wasm engine
    const index = fc.oneof(
      fc.array(row, { maxLength: 2 * rows }),
      fc.subarray(Array.from({ length: rows }, (_, i) => i)),
    );
    const range = row.chain((start) => fc.tuple(fc.constant(start), fc.nat({ max: rows - start })));
    const step: fc.Arbitrary<RowStep> = fc.oneof(
      index.map((index) => ({ kind: "gather" as const, index })),
      index.chain((index) => values(index.length).map((values) => ({ kind: "write" as const, index, values }))),
      range.chain(([start, count]) => values(count).map((values) => ({ kind: "load" as const, start, values }))),
      range.map(([start, count]) => ({ kind: "read" as const, start, count })),
    );
    return fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      chunkElements: fc.integer({ min: 1, max: 100 }),
      rowsPerBank: fc.integer({ min: Math.ceil(rows / 4), max: rows }),
      storage: fc.constantFrom("float32", "float16"),
      steps: fc.array(step, { maxLength: 15 }),
    });
  });
}

/** What the table starts with. */
export const initial = (row: number, column: number): number => row + column / 16;
export const counting: (columns: number) => RowInitializer = (columns) => (row, target, offset) => {
  for (let column = 0; column < columns; column++) target[offset + column] = initial(row, column);
};
