/**
 * Refuses a table of rows that cannot be, before anything of it is there: numbers that no index reaches, bytes that no machine has.
 *
 * A table usually gets company: the optimizer lays its state beside it later, after an hour of work perhaps. So the state is
 * counted with the table.
 */
import { availableMemory } from "./machine.node.js";

export interface RowStoreSize {
  readonly rows: number;
  readonly columns: number;
  /** Bytes of an element: of the table, then of each table that will be laid beside it. */
  readonly elementBytes: readonly number[];
}

/** Row numbers are kept in an Int32Array. */
const MOST_ROWS = 2 ** 31 - 1;

/** @throws Error that says how many bytes are needed and how many are there. available: ∞ where nobody knows. */
export function checkRowStore(
  { rows, columns, elementBytes }: RowStoreSize,
  available = availableMemory() ?? Infinity,
): void {
  if (!(Number.isInteger(rows) && rows >= 0 && rows <= MOST_ROWS && Number.isInteger(columns) && columns >= 1)) {
    throw new Error(
      `row store: a table has a whole number of rows from 0 to ${MOST_ROWS} and a whole number of columns from 1; ` +
        `given ${rows} and ${columns}.`,
    );
  }
  const bytes = elementBytes.reduce((sum, element) => sum + element, 0);
  const needed = rows * columns * bytes;
  if (Number.isSafeInteger(needed) && needed <= available) return;
  const there =
    available === Infinity ? "which no machine has" : `and ${Math.floor(available)} bytes of memory are there`;
  throw new Error(
    `row store: ${rows} rows of ${columns} numbers, ${elementBytes.join(" + ")} bytes each with the state beside them, ` +
      `need ${needed} bytes, ${there}.`,
  );
}
