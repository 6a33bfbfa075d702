/**
 * A matrix of numbers from a MATLAB 5 file, column after column: features as image retrieval's public code keeps them, `X` and `Q` with a column for
 * each image. MATLAB stores matrices by columns, so that [D, N] of the file is [N, D] here without moving a number.
 */
import { findVariable, type Inflate } from "./findVariable.js";

export interface MatColumns {
  /** Column after column: [N, D] */
  readonly rows: Float64Array;
  /** N, the columns of the file. */
  readonly count: number;
  /** D, its rows. */
  readonly width: number;
}

/** Classes of matrices that hold plain numbers: double, single, whole numbers of 8 to 64 bits. */
const [FIRST_NUMERIC, LAST_NUMERIC] = [6, 15];

/** @throws Error naming the file and the byte where it breaks, or what is wrong with the variable: missing, no matrix of real, finite numbers, empty. */
export function readMatColumns(
  bytes: Uint8Array,
  name: string,
  { variable, inflate }: { readonly variable: string; readonly inflate: Inflate },
): MatColumns {
  const { header, body } = findVariable(bytes, name, variable, inflate);
  const { kind, dimensions, count: size, isComplex } = header;
  const what = `"${variable}"`;
  if (kind < FIRST_NUMERIC || kind > LAST_NUMERIC || isComplex) {
    const found = isComplex ? "complex ones" : `class ${kind}`;
    body.refuse(`${what} is a matrix of numbers (classes ${FIRST_NUMERIC} to ${LAST_NUMERIC}), found ${found}`);
  }
  if (dimensions.length !== 2 || size === 0) {
    body.refuse(`${what} is a matrix [dimensions, images], found [${dimensions.slice(0, 8).join(", ")}]`);
  }
  const at = body.at;
  const rows = body.doubles(what, size);
  const [width, count] = dimensions;
  const wrong = rows.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    body.refuse(`features are finite, but column ${Math.floor(wrong / width)} of ${what} has ${rows[wrong]}`, at);
  }
  return { rows, count, width };
}
