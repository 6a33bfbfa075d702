/** One pass over the rows before they are clustered: their squared lengths, their sum, and a sentence about the first number that cannot be used. */
import { squaredLength } from "./distances.js";
import type { RowMeasures } from "./origin.js";
import { chunksOf, type RowSource, type Walk } from "./rowSource.js";

/** Beyond it a product of two rows, or half a squared length, may be no float32 any more. */
const LONGEST_SQUARED = 1e37;

/**
 * What all rows are, whatever the chunks they are read in.
 *
 * @throws Error that names row and column of a NaN or an infinity, or the row that is too long for scores in float32
 */
export async function checkRows(source: RowSource, walk: Walk): Promise<RowMeasures> {
  const { rows, columns } = source;
  const squares = new Float64Array(rows);
  const sums = new Float64Array(columns);
  for await (const { start, end, values } of chunksOf(source, walk)) {
    for (let row = start; row < end; row++) {
      const first = (row - start) * columns;
      const square = squaredLength(values, first, columns);
      if (!(square < LONGEST_SQUARED)) refuse(values.subarray(first, first + columns), row, square);
      squares[row] = square;
      addRow(sums, values, first);
    }
  }
  return { squares, sums };
}

/** A function of its own: loops between waits run several times slower. */
function addRow(sums: Float64Array, values: Float32Array, start: number): void {
  for (let k = 0; k < sums.length; k++) sums[k] += values[start + k];
}

function refuse(features: Float32Array, row: number, square: number): never {
  const column = features.findIndex((value) => !Number.isFinite(value));
  if (column >= 0) {
    throw new Error(`k-means: features are finite numbers; row ${row}, column ${column} is ${features[column]}.`);
  }
  throw new Error(
    `k-means: rows are shorter than ${Math.sqrt(LONGEST_SQUARED).toExponential(1)}, so that their products are float32 numbers; ` +
      `row ${row} has length ${Math.sqrt(square).toExponential(1)}.`,
  );
}
