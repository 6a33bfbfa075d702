/** Checks of index arrays: an index outside its table is an error that names the first offender. */

/** Row numbers lie in [0, rows); or those of columns, so called. */
export function checkRows(name: string, index: Int32Array, rows: number, what = "row"): void {
  const wrong = index.findIndex((row) => row < 0 || row >= rows);
  if (wrong >= 0) {
    throw new Error(
      `${name}: ${what} numbers must lie in [0, ${rows}); number ${wrong} of the index is ${index[wrong]}.`,
    );
  }
}

/** Column numbers lie in [0, columns), or are −1 for "none". */
export function checkColumns(name: string, column: Int32Array, columns: number): void {
  const wrong = column.findIndex((value) => value < -1 || value >= columns);
  if (wrong >= 0) {
    throw new Error(
      `${name}: columns must lie in [0, ${columns}), or be −1 for none; the column of row ${wrong} is ${column[wrong]}.`,
    );
  }
}

/** One index for each row. */
export function sameNumber(name: string, index: Int32Array, rows: number): void {
  if (index.length !== rows) {
    throw new Error(`${name}: needs one index for each of the ${rows} rows; given ${index.length}.`);
  }
}
