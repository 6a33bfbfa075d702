/**
 * One list of records from a MATLAB 5 file (`.mat`, versions 5 to 7): the lists of images that data sets come with.
 *
 * Read is a struct array by its name, and of its records the fields that are asked for: texts and single numbers. Everything else is
 * passed over by its length. Left out: sparse matrices, objects, values of other kinds; of the format, what `findVariable.ts` leaves out.
 */
import { findVariable, letters, LONGEST_NAME, openMatrix, type Inflate, type MatrixHeader } from "./findVariable.js";
import type { MatCursor } from "./matElements.js";

type FieldKind = "text" | "number";
export type MatRecord<Fields extends Readonly<Record<string, FieldKind>>> = {
  readonly [Field in keyof Fields]: Fields[Field] extends "text" ? string : number;
};

export interface MatOptions<Fields> {
  /** The name of the struct array. */
  readonly variable: string;
  /** What is read of each record, and as what. */
  readonly fields: Fields;
  readonly inflate: Inflate;
}

const STRUCT = 2;
const TEXT = 4;
const LONGEST_TEXT = 4096;
const MOST_FIELDS = 1024;

/** @throws Error naming the file and the byte where it breaks, or the variable or field that is missing. */
export function readMatRecords<const Fields extends Readonly<Record<string, FieldKind>>>(
  bytes: Uint8Array,
  name: string,
  { variable, fields, inflate }: MatOptions<Fields>,
): MatRecord<Fields>[] {
  const { header, body } = findVariable(bytes, name, variable, inflate);
  return readRecords(body, header, fields);
}

function readRecords<Fields extends Readonly<Record<string, FieldKind>>>(
  body: MatCursor,
  { kind, count, name }: MatrixHeader,
  fields: Fields,
): MatRecord<Fields>[] {
  if (kind !== STRUCT) body.refuse(`"${name}" is a struct array (class 2), found class ${kind}`);
  const at = body.at;
  const [width = 0] = body.numbers("the length of field names", { most: 1 });
  if (!Number.isInteger(width) || width < 1 || width > LONGEST_NAME) {
    body.refuse(`the length of field names is 1 .. ${LONGEST_NAME}, found ${width}`, at);
  }
  const joined = body.numbers("the names of the fields", { most: width * MOST_FIELDS });
  const names = Array.from({ length: Math.floor(joined.length / width) }, (_, k) =>
    letters(joined.slice(k * width, (k + 1) * width)),
  );
  for (const field of Object.keys(fields)) {
    if (!names.includes(field)) body.refuse(`"${name}" has no field "${field}", but ${names.join(", ")}`, at);
  }
  if (count * names.length * 8 > body.end - body.at) {
    body.refuse(`"${name}" is announced with ${count} records, for which ${body.end - body.at} bytes are too few`);
  }
  const records: MatRecord<Fields>[] = [];
  for (let record = 0; record < count; record++) {
    const values: [string, string | number][] = [];
    for (const field of names) {
      const what = `${name}(${record + 1}).${field}`;
      if (!Object.hasOwn(fields, field)) body.next(what);
      else values.push([field, readValue(body.matrix(what), fields[field], what)]);
    }
    records.push(Object.fromEntries(values) as MatRecord<Fields>);
  }
  return records;
}

function readValue(matrix: MatCursor, wanted: FieldKind, what: string): string | number {
  const at = matrix.at;
  const { header, body } = openMatrix(matrix);
  if (wanted === "text") {
    if (header.kind !== TEXT) body.refuse(`${what} is a text (class ${TEXT}), found class ${header.kind}`, at);
    return letters(body.numbers(what, { most: LONGEST_TEXT }));
  }
  // classes 6 to 15: double, single, whole numbers of 8 to 64 bits
  if (header.kind < 6 || header.kind > 15 || header.count !== 1) {
    body.refuse(`${what} is a single number, found class ${header.kind} with ${header.count} elements`, at);
  }
  const [value] = body.numbers(what, { most: 1 });
  return value ?? body.refuse(`${what} is a single number, found none`, at);
}
