/**
 * NumPy's `.npy` files: one array, such as features that CLIP has computed elsewhere, or labels.
 *
 *     0 0x93 "NUMPY" · 6 version 1, 2 or 3 · 7 zero · 8 length of the header: u16 (version 1) or u32 · the header · the elements
 *
 * Numbers of every size and both byte orders are read, in C and in Fortran order; float16 becomes float32, and 64-bit whole numbers become
 * doubles, which must hold them. Left out: complex numbers, texts, dates, records, and Python's objects, which are a program.
 */
import { parseNpyHeader, type NpyHeader } from "./npyHeader.js";
import { ELEMENT_TYPES, InexactElement, type ElementType, type NpyData } from "./npyTypes.js";

export interface NpyArray {
  readonly shape: readonly number[];
  /** NumPy's name of the type in the file: "<f4". */
  readonly dtype: string;
  /** The elements in C order, the last axis running fastest. */
  readonly data: NpyData;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Where a header of NumPy's ends: elements are then aligned for any processor. */
const ALIGNMENT = 64;
/** As many bytes as tell where the header ends. */
export const NPY_PREAMBLE = 12;

/** What the head of a file says of its elements, which follow it up to the end. */
export interface NpyLayout {
  readonly header: NpyHeader;
  readonly type: ElementType;
  /** The byte at which they begin, and how many bytes they have. */
  readonly begin: number;
  readonly bytes: number;
}

/** @throws Error naming the file and the byte where it breaks, or the type that is not read. */
export function readNpy(bytes: Uint8Array, name: string): NpyArray {
  const layout = npyLayout(bytes, bytes.length, name);
  const elements = new Uint8Array(bytes.subarray(layout.begin)); // a copy; the slice of a Buffer would be none
  return npyElements(layout, elements.buffer, name);
}

/**
 * What the head of a file says.
 *
 * @param head the file up to the end of its header (`npyBegin`) or beyond; @param fileBytes the length of the file
 * @throws Error as `readNpy`, also if the file has another number of elements than its header says
 */
export function npyLayout(head: Uint8Array, fileBytes: number, name: string): NpyLayout {
  const begin = npyBegin(head, fileBytes, name);
  const header = parseNpyHeader(head, head[6] === 1 ? 10 : 12, begin, name);
  const type = typeOf(header, name);
  const { shape, dtype } = header;
  const count = shape.includes(0) ? 0 : shape.reduce((product, extent) => product * extent, 1); // 0 · ∞ would be NaN
  const present = fileBytes - begin;
  if (count * type.bytes !== present) {
    throw new Error(
      `${name}: an array of shape [${shape.join(", ")}] and type ${dtype} has ${count * type.bytes} bytes, ` +
        `but ${present} follow the header (from byte ${begin} on).`,
    );
  }
  return { header, type, begin, bytes: present };
}

/** The array, of the bytes from `begin` on. They are its to keep. @throws Error for an element that no JavaScript number holds */
export function npyElements({ header, type, begin }: NpyLayout, elements: ArrayBuffer, name: string): NpyArray {
  const { shape, dtype } = header;
  if (dtype[0] === ">") reverseEach(elements, type.bytes);
  try {
    const data = type.decode(elements);
    return { shape, dtype, data: header.fortranOrder ? inCOrder(data, shape) : data };
  } catch (cause) {
    if (!(cause instanceof InexactElement)) throw cause;
    throw new Error(`${name}: ${cause.message} (byte ${begin + cause.index * type.bytes}).`, { cause });
  }
}

/** The file of a C-ordered array, version 1.0, as NumPy writes it. @throws Error if shape and elements do not belong together. */
export function writeNpy({ shape, data }: { shape: readonly number[]; data: Float32Array | Int32Array }): Uint8Array {
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (!shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0) || count !== data.length) {
    throw new Error(`.npy: an array of shape [${shape.join(", ")}] has ${count} elements, given ${data.length}.`);
  }
  const type = data instanceof Float32Array ? "<f4" : "<i4";
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const dictionary = `{'descr': '${type}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const begin = Math.ceil((10 + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT;
  if (begin - 10 > 0xffff) throw new Error(`.npy: the header has at most 65535 bytes, ${shape.length} axes need more.`);
  const bytes = new Uint8Array(begin + 4 * count);
  bytes.set([...MAGIC, 1, 0, (begin - 10) & 255, (begin - 10) >> 8]);
  bytes.set(new TextEncoder().encode(`${dictionary.padEnd(begin - 11)}\n`), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), begin);
  return bytes;
}

/**
 * An array of features as float32, one row a sample: [N, D].
 *
 * @throws Error unless it has two axes, no empty one, and finite elements; the row of the first that is not is named.
 */
export function npyRows({ shape, data }: NpyArray, name: string): { rows: Float32Array; count: number; width: number } {
  if (shape.length !== 2 || shape.includes(0)) {
    throw new Error(
      `${name}: features are an array [samples, dimensions], neither of them 0; this one has shape [${shape.join(", ")}].`,
    );
  }
  const [count, width] = shape;
  const rows = data instanceof Float32Array ? data : Float32Array.from(data);
  const wrong = rows.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    const row = Math.floor(wrong / width);
    throw new Error(
      `${name}: features are finite in float32, but row ${row} has ${data[wrong]} in column ${wrong - row * width}.`,
    );
  }
  return { rows, count, width };
}

/** The byte after the header, told by the first `NPY_PREAMBLE` bytes. @throws Error if they are no beginning of a .npy file of that length */
export function npyBegin(bytes: Uint8Array, fileBytes: number, name: string): number {
  const wrong = MAGIC.findIndex((byte, index) => bytes[index] !== byte);
  if (wrong >= 0) {
    const found =
      wrong < bytes.length ? `this one has 0x${bytes[wrong].toString(16).padStart(2, "0")}` : "this one ends";
    throw new Error(`${name}: a .npy file begins with 0x93 "NUMPY", ${found} at byte ${wrong}.`);
  }
  const [major, minor] = bytes.subarray(6, 8);
  if (bytes.length < 8 || ![1, 2, 3].includes(major) || minor !== 0) {
    const found = bytes.length < 8 ? "the file ends" : `found ${major}.${minor}`;
    throw new Error(`${name}: versions 1.0, 2.0 and 3.0 of .npy are read, ${found} (byte 6).`);
  }
  const first = major === 1 ? 10 : 12;
  if (bytes.length < first) {
    throw new Error(`${name}: the file ends at byte ${bytes.length}, in the length of its header (byte 8).`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const begin = first + length;
  if (begin > fileBytes) {
    throw new Error(
      `${name}: the header is announced to end at byte ${begin}, but the file ends at byte ${fileBytes}.`,
    );
  }
  return begin;
}

function typeOf({ dtype, dtypeAt }: NpyHeader, name: string): ElementType {
  const [order, kind] = /^[<>|=]/.test(dtype) ? [dtype[0], dtype.slice(1)] : ["", dtype];
  if (kind.startsWith("O")) {
    throw new Error(
      `${name}: the elements are Python objects (${dtype}), which are refused: reading them would run a program (byte ${dtypeAt}).`,
    );
  }
  const type = ELEMENT_TYPES.get(kind);
  const isOrdered = order === "<" || order === ">" || (order === "|" && type?.bytes === 1);
  if (type === undefined || !isOrdered) {
    const known = [...ELEMENT_TYPES.keys()].join(", ");
    throw new Error(
      `${name}: the types ${known} are read, with "<" or ">" before them ("|" before those of one byte), the file has "${dtype}" (byte ${dtypeAt}).`,
    );
  }
  return type;
}

/** Turns the bytes of every element round, in place. */
function reverseEach(bytes: ArrayBuffer, size: number): void {
  for (let at = 0; size > 1 && at < bytes.byteLength; at += size) new Uint8Array(bytes, at, size).reverse();
}

/** From Fortran order, the first axis running fastest. */
function inCOrder<Data extends NpyData>(data: Data, shape: readonly number[]): Data {
  const ordered = data.slice() as Data;
  // the place of an element in the file: index · strides, the strides being products of the extents before
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, extent) => product * extent, 1));
  const index = new Array<number>(shape.length).fill(0);
  for (let place = 0, from = 0; place < data.length; place++) {
    ordered[place] = data[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return ordered;
}
