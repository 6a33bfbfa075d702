/**
 * One list of records from a MATLAB 5 file (`.mat`, versions 5 to 7): the lists of images that data sets come with.
 *
 *     0 text · 124 version 0x0100 · 126 "IM" (little-endian) or "MI" · 128 elements, each a matrix or one compressed by zlib
 *
 * Read is a struct array by its name, and of its records the fields that are asked for: texts and single numbers. Everything else is
 * passed over by its length. Left out: version 4, version 7.3 (which is HDF5), sparse matrices, objects, values of other kinds.
 *
 * MAT-File Format (The MathWorks), chapter 1. A compressed element is unzipped only if it is the one asked for, and to no more than its tag says.
 */
import { COMPRESSED, MATRIX, MatCursor, type MatBytes } from "./matElements.js";

/**
 * Unzips a zlib stream.
 *
 * @param most bytes at which it stops
 * @param whole the stream must end there, else an error; without it, the beginning is enough
 * @throws Error whose message says what is wrong with the stream
 */
export type Inflate = (zipped: Uint8Array, most: number, whole: boolean) => Uint8Array;

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

const HEADER_BYTES = 128;
/** Enough to see what a compressed element is: tag, flags, dimensions, name. */
const BEGINNING = 512;
/** deflate packs no more than this into a byte. */
const DEFLATE_LIMIT = 1032;
const STRUCT = 2;
const TEXT = 4;
const LONGEST_TEXT = 4096;
const LONGEST_NAME = 64; // MATLAB: 63 letters
const MOST_FIELDS = 1024;

/** @throws Error naming the file and the byte where it breaks, or the variable or field that is missing. */
export function readMatRecords<const Fields extends Readonly<Record<string, FieldKind>>>(
  bytes: Uint8Array,
  name: string,
  { variable, fields, inflate }: MatOptions<Fields>,
): MatRecord<Fields>[] {
  const file: MatBytes = { bytes, name, little: isLittleEndian(bytes, name), place: (at) => `byte ${at}` };
  const others: string[] = [];
  for (const cursor = new MatCursor(file, HEADER_BYTES); cursor.at < bytes.length;) {
    const element = cursor.next("a variable");
    const source =
      element.type === COMPRESSED
        ? unzipIfNamed(bytes.subarray(element.at, element.at + element.length), element.tagAt, file, variable, inflate)
        : { ...file, bytes: bytes.subarray(0, element.at + element.length), from: element.tagAt };
    if (typeof source === "string") {
      others.push(source);
      continue;
    }
    if (element.type !== COMPRESSED && element.type !== MATRIX) continue; // what the format may have beside variables
    const { header, body } = openMatrix(new MatCursor(source, source.from).matrix("a variable"));
    if (header.name === variable) return readRecords(body, header, fields);
    others.push(header.name);
  }
  const found =
    others.length > 0
      ? others
          .slice(0, 10)
          .map((other) => JSON.stringify(other))
          .join(", ")
      : "nothing";
  throw new Error(`${name}: the file has no variable "${variable}"; up to byte ${bytes.length} it holds ${found}.`);
}

function isLittleEndian(bytes: Uint8Array, name: string): boolean {
  if (bytes.length < HEADER_BYTES) {
    throw new Error(
      `${name}: a MATLAB 5 file begins with ${HEADER_BYTES} bytes, this one ends at byte ${bytes.length}.`,
    );
  }
  const mark = String.fromCharCode(...bytes.subarray(126, 128));
  const version = mark === "MI" ? bytes[124] : bytes[125]; // the high byte
  if ((mark !== "MI" && mark !== "IM") || version !== 1) {
    throw new Error(
      `${name}: MATLAB 5 files are read, with version 1 and the letters IM or MI at byte 124, found ${shownBytes(bytes.subarray(124, 128))}. ` +
        `Version 7.3 is another format; save with -v7.`,
    );
  }
  return mark === "IM";
}

/** The bytes of the element, or, where it is another variable, that one's name. */
function unzipIfNamed(
  zipped: Uint8Array,
  tagAt: number,
  { name, little }: MatBytes,
  variable: string,
  inflate: Inflate,
): (MatBytes & { readonly from: number }) | string {
  const place = (at: number): string => `byte ${at} of what is compressed at byte ${tagAt}`;
  const unzip = (most: number, whole: boolean): MatBytes => {
    try {
      return { bytes: inflate(zipped, most, whole), name, little, place };
    } catch (cause) {
      throw new Error(`${name}: ${(cause as Error).message} (in what is compressed at byte ${tagAt}).`, { cause });
    }
  };
  const beginning = unzip(BEGINNING, false);
  if (beginning.bytes.length < 8) {
    throw new Error(`${name}: what is compressed at byte ${tagAt} has ${beginning.bytes.length} bytes, no element.`);
  }
  const view = new DataView(beginning.bytes.buffer, beginning.bytes.byteOffset, beginning.bytes.length);
  const [type, length] = [view.getUint32(0, little), view.getUint32(4, little)];
  if (type !== MATRIX) return `element of type ${type}`;
  if (length + 8 > DEFLATE_LIMIT * zipped.length) {
    throw new Error(
      `${name}: what is compressed at byte ${tagAt} announces ${length} bytes, more than its ${zipped.length} can hold.`,
    );
  }
  const found = openMatrix(new MatCursor(beginning, 8)).header.name;
  return found === variable ? { ...unzip(length + 8, true), from: 0 } : found;
}

interface MatrixHeader {
  readonly kind: number;
  readonly count: number;
  readonly name: string;
}

/** Flags, dimensions and name of a matrix; then the cursor stands before what it holds. */
function openMatrix(body: MatCursor): { header: MatrixHeader; body: MatCursor } {
  const [flags = 0] = body.numbers("the flags of a matrix", { most: 2 });
  const at = body.at;
  const dimensions = body.numbers("the dimensions of a matrix", { most: 32 });
  const count = dimensions.includes(0) ? 0 : dimensions.reduce((product, extent) => product * extent, 1);
  if (!dimensions.every((extent) => Number.isInteger(extent) && extent >= 0)) {
    body.refuse("the dimensions of a matrix are whole numbers", at);
  }
  const name = letters(body.numbers("the name of a matrix", { most: LONGEST_NAME }));
  return { header: { kind: flags & 0xff, count, name }, body };
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

/** Up to the first zero, with which names are filled. Paths and names are ASCII. */
function letters(codes: readonly number[]): string {
  const end = codes.indexOf(0);
  return String.fromCharCode(...(end < 0 ? codes : codes.slice(0, end)));
}

function shownBytes(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
