/** The element types of `.npy` files that are read, and what their bytes become. */

export type NpyData =
  Float32Array | Float64Array | Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;

export interface ElementType {
  /** Bytes of an element. */
  readonly bytes: 1 | 2 | 4 | 8;
  /**
   * The elements that little-endian bytes stand for; the buffer is theirs to keep.
   *
   * @throws Error (a reason, without place) for an element that no JavaScript number holds.
   */
  readonly decode: (buffer: ArrayBuffer) => NpyData;
}

/** By the letter and size of NumPy's type, without its byte order. */
export const ELEMENT_TYPES: ReadonlyMap<string, ElementType> = new Map<string, ElementType>([
  ["f2", { bytes: 2, decode: (buffer) => Float32Array.from(new Uint16Array(buffer), halfToNumber) }],
  ["f4", { bytes: 4, decode: (buffer) => new Float32Array(buffer) }],
  ["f8", { bytes: 8, decode: (buffer) => new Float64Array(buffer) }],
  ["i1", { bytes: 1, decode: (buffer) => new Int8Array(buffer) }],
  ["i2", { bytes: 2, decode: (buffer) => new Int16Array(buffer) }],
  ["i4", { bytes: 4, decode: (buffer) => new Int32Array(buffer) }],
  ["i8", { bytes: 8, decode: (buffer) => exactNumbers(new BigInt64Array(buffer)) }],
  ["u1", { bytes: 1, decode: (buffer) => new Uint8Array(buffer) }],
  ["u2", { bytes: 2, decode: (buffer) => new Uint16Array(buffer) }],
  ["u4", { bytes: 4, decode: (buffer) => new Uint32Array(buffer) }],
  ["u8", { bytes: 8, decode: (buffer) => exactNumbers(new BigUint64Array(buffer)) }],
  ["b1", { bytes: 1, decode: (buffer) => new Uint8Array(buffer) }],
]);

/** A whole number that a double does not hold exactly, and where it stands. */
export class InexactElement extends Error {
  constructor(
    readonly index: number,
    value: bigint,
  ) {
    super(`whole numbers are read up to 2^53 - 1, the file has ${value}`);
  }
}

function exactNumbers(values: BigInt64Array | BigUint64Array): Float64Array {
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    numbers[i] = Number(values[i]);
    if (!Number.isSafeInteger(numbers[i])) throw new InexactElement(i, values[i]);
  }
  return numbers;
}

/** IEEE binary16: 1 bit sign, 5 bits exponent (bias 15), 10 bits fraction. Every value is a float32. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
