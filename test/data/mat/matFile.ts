/** MATLAB 5 files laid out from the format's description (MAT-File Format, chapter 1), so as to share no code with the reader. */
import { deflateSync } from "node:zlib";

export type MatValue = string | number | readonly number[];

export interface MatStyle {
  /** Byte order; default little-endian. */
  readonly order?: "little" | "big";
  /** Every variable as a zlib stream. */
  readonly compressed?: boolean;
}

/** Columns of equal length. */
export interface MatColumns {
  readonly columns: readonly (readonly number[])[];
}

export interface MatVariable {
  readonly name: string;
  /** A struct array 1 x N: fields and their values, record by record; or a list of numbers 1 x N; or a matrix of doubles by its columns. */
  readonly value: readonly Readonly<Record<string, MatValue>>[] | readonly number[] | MatColumns;
}

const CHAR = 4;
const STRUCT = 2;
const DOUBLE = 6;
const LOGICAL_UINT8 = 0x209;

export function matFile(
  variables: readonly MatVariable[],
  { order = "little", compressed = false }: MatStyle = {},
): Uint8Array {
  const little = order === "little";
  const words = (bytes: number, values: readonly number[]): number[] =>
    values.flatMap((value) => {
      const digits = Array.from({ length: bytes }, (_, k) => Math.floor(value / 256 ** k) & 255);
      return little ? digits : digits.reverse();
    });
  const double = (value: number): number[] => {
    const bytes = Buffer.alloc(8);
    if (little) bytes.writeDoubleLE(value);
    else bytes.writeDoubleBE(value);
    return [...bytes];
  };
  /** Up to four bytes lie in the tag itself, as MATLAB writes them. */
  const element = (type: number, bytes: readonly number[]): number[] => {
    if (bytes.length > 0 && bytes.length <= 4) {
      const tag = little ? words(2, [type, bytes.length]) : words(2, [bytes.length, type]);
      return [...tag, ...bytes, ...zeros(4 - bytes.length)];
    }
    return [...words(4, [type, bytes.length]), ...bytes, ...zeros((8 - (bytes.length % 8)) % 8)];
  };
  const matrix = (kind: number, dimensions: readonly number[], name: string, parts: readonly number[]): number[] =>
    element(14, [
      ...element(6, words(4, [kind, 0])),
      ...element(5, words(4, dimensions)),
      ...element(1, [...Buffer.from(name)]),
      ...parts,
    ]);
  const valueOf = (value: MatValue): number[] => {
    if (typeof value === "string") {
      return matrix(CHAR, [1, value.length], "", element(4, words(2, [...Buffer.from(value, "latin1")])));
    }
    const numbers = typeof value === "number" ? [value] : value;
    const isByte = numbers.every((number) => Number.isInteger(number) && number >= 0 && number < 256);
    // a double is stored as u8 where it can be
    return matrix(DOUBLE, [1, numbers.length], "", isByte ? element(2, numbers) : element(9, numbers.flatMap(double)));
  };
  const variable = ({ name, value }: MatVariable): number[] => {
    if ("columns" in value) {
      const { columns } = value;
      return matrix(
        DOUBLE,
        [columns[0]?.length ?? 0, columns.length],
        name,
        element(9, columns.flat().flatMap(double)),
      );
    }
    const records = value.filter((record) => typeof record === "object");
    if (records.length < value.length)
      return matrix(LOGICAL_UINT8, [1, value.length], name, element(2, value as number[]));
    const fields = Object.keys(records[0] ?? { none: 0 });
    const width = Math.max(...fields.map((field) => field.length)) + 1;
    const names = fields.flatMap((field) => [...Buffer.from(field.padEnd(width, "\0"))]);
    return matrix(STRUCT, [1, records.length], name, [
      ...element(5, words(4, [width])),
      ...element(1, names),
      ...records.flatMap((record) => fields.flatMap((field) => valueOf(record[field]))),
    ]);
  };
  const zip = (bytes: readonly number[]): number[] => {
    const zipped = deflateSync(Uint8Array.from(bytes));
    return [...words(4, [15, zipped.length]), ...zipped]; // never padded
  };
  const text = Buffer.from("MATLAB 5.0 MAT-file, written by a test".padEnd(124));
  return Uint8Array.from([
    ...text,
    ...words(2, [0x0100]),
    ...Buffer.from(little ? "IM" : "MI"),
    ...variables.map(variable).flatMap((bytes) => (compressed ? zip(bytes) : bytes)),
  ]);
}

function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0);
}
