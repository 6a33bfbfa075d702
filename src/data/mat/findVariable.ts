/**
 * One variable of a MATLAB 5 file by its name; all others are passed over by their length.
 *
 *     0 text · 124 version 0x0100 · 126 "IM" (little-endian) or "MI" · 128 elements, each a matrix or one compressed by zlib
 *
 * Left out: version 4, version 7.3 (which is HDF5). A compressed element is unzipped only if it is the one asked for, and to no more than its tag
 * says. MAT-File Format (The MathWorks), chapter 1.
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

const HEADER_BYTES = 128;
/** Enough to see what a compressed element is: tag, flags, dimensions, name. */
const BEGINNING = 512;
/** deflate packs no more than this into a byte. */
const DEFLATE_LIMIT = 1032;
export const LONGEST_NAME = 64; // MATLAB: 63 letters

/** Its header, and a cursor before what it holds. @throws Error naming the file and the byte where it breaks, or the variables that it has. */
export function findVariable(bytes: Uint8Array, name: string, variable: string, inflate: Inflate): OpenMatrix {
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
    if (header.name === variable) return { header, body };
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

export interface MatrixHeader {
  readonly kind: number;
  /** Of elements: the product of the dimensions. */
  readonly count: number;
  readonly dimensions: readonly number[];
  readonly isComplex: boolean;
  readonly name: string;
}

export interface OpenMatrix {
  readonly header: MatrixHeader;
  readonly body: MatCursor;
}

/** Flags, dimensions and name of a matrix; then the cursor stands before what it holds. */
export function openMatrix(body: MatCursor): OpenMatrix {
  const [flags = 0] = body.numbers("the flags of a matrix", { most: 2 });
  const at = body.at;
  const dimensions = body.numbers("the dimensions of a matrix", { most: 32 });
  const count = dimensions.includes(0) ? 0 : dimensions.reduce((product, extent) => product * extent, 1);
  if (!dimensions.every((extent) => Number.isInteger(extent) && extent >= 0)) {
    body.refuse("the dimensions of a matrix are whole numbers", at);
  }
  const name = letters(body.numbers("the name of a matrix", { most: LONGEST_NAME }));
  return { header: { kind: flags & 0xff, count, dimensions, isComplex: (flags & 0x800) !== 0, name }, body };
}

/** Up to the first zero, with which names are filled. Paths and names are ASCII. */
export function letters(codes: readonly number[]): string {
  const end = codes.indexOf(0);
  return String.fromCharCode(...(end < 0 ? codes : codes.slice(0, end)));
}

function shownBytes(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
