/**
 * Where k-means counts coordinates from when it computes scores, so that rows far from zero keep their digits.
 *
 * A score ⟨x, c⟩ − ‖c‖²/2 in float32 is off by about 2⁻²⁴ ‖x‖ ‖c‖, however near x and c are to each other: rows such as 10⁴ + noise lose the
 * noise. Distances do not depend on where zero is, so that x − o and c − o are scored in place of x and c, with o the mean of all rows. Rows
 * and centroids that lie near each other compared with their distance from zero lose nothing by the subtraction, which is then exact
 * (Sterbenz 1974, Floating-Point Computation). Nothing else is shifted: centroids, sums and reported distances stay where they are, in
 * float64 where they are sums.
 *
 * Inner products do depend on where zero is: spherical k-means has no origin.
 */
import { squaredDistance, squaredLength } from "./distances.js";
import { chunksOf, type RowSource, type Walk } from "./rowSource.js";

/** What a pass over all rows found. */
export interface RowMeasures {
  /** ‖x‖² of every row. */
  readonly squares: Float64Array;
  /** Σ x, [columns], added up in the order of the rows. */
  readonly sums: Float64Array;
}

/**
 * The mean of the rows, rounded to float32; undefined where rows lie nearer to zero than to their mean, on average: then scores lose by
 * less than two bits, and a shift would cost a pass over every chunk.
 */
export function originOf({ squares, sums }: RowMeasures): Float32Array | undefined {
  const rows = squares.length;
  const mean = sums.map((sum) => sum / rows);
  const meanSquare = squares.reduce((sum, square) => sum + square, 0) / rows;
  // the mean of ‖x − o‖² is that of ‖x‖² less ‖o‖²
  return 2 * squaredLength(mean, 0, mean.length) > meanSquare ? Float32Array.from(mean) : undefined;
}

/** ‖x − o‖² of every row. */
export async function squaresFrom(source: RowSource, origin: Float32Array, walk: Walk): Promise<Float64Array> {
  const { rows, columns } = source;
  const squares = new Float64Array(rows);
  for await (const { start, end, values } of chunksOf(source, walk)) {
    for (let row = start; row < end; row++) {
      squares[row] = squaredDistance(values, (row - start) * columns, origin, 0, columns);
    }
  }
  return squares;
}

/** Rows less the origin, in float32; without one the rows themselves. */
export function lessOrigin(values: Float32Array, origin: Float32Array | undefined): Float32Array {
  if (!origin) return values;
  const { length: columns } = origin;
  const shifted = new Float32Array(values.length);
  for (let at = 0; at < values.length;) for (let k = 0; k < columns; k++, at++) shifted[at] = values[at] - origin[k];
  return shifted;
}
