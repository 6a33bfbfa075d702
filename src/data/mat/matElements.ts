/**
 * The elements that MATLAB 5 files are made of: a tag (what, how many bytes), then the bytes, padded to eight.
 *
 *     u32 type · u32 bytes · … padding         or, of up to four bytes:         u16 type · u16 bytes · … padding to eight in all
 *
 * A cursor walks over them and knows where it stands, in the file or in an element that was unzipped.
 */

/** Types of elements (MAT-File Format, table 1-1), as far as they occur here. */
export const MATRIX = 14;
export const COMPRESSED = 15;

interface NumberType {
  readonly bytes: 1 | 2 | 4 | 8;
  readonly read: (view: DataView, at: number, little: boolean) => number;
}

/** Numbers are stored in the smallest type that holds them, whatever the class of their matrix. */
const NUMBERS: ReadonlyMap<number, NumberType> = new Map<number, NumberType>([
  [1, { bytes: 1, read: (view, at) => view.getInt8(at) }],
  [2, { bytes: 1, read: (view, at) => view.getUint8(at) }],
  [3, { bytes: 2, read: (view, at, little) => view.getInt16(at, little) }],
  [4, { bytes: 2, read: (view, at, little) => view.getUint16(at, little) }],
  [5, { bytes: 4, read: (view, at, little) => view.getInt32(at, little) }],
  [6, { bytes: 4, read: (view, at, little) => view.getUint32(at, little) }],
  [7, { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) }],
  [9, { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) }],
  [12, { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) }],
  [13, { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) }],
  [16, { bytes: 1, read: (view, at) => view.getUint8(at) }], // UTF-8
  [17, { bytes: 2, read: (view, at, little) => view.getUint16(at, little) }], // UTF-16
]);

export interface MatElement {
  readonly type: number;
  /** Where its tag begins, and its bytes. */
  readonly tagAt: number;
  readonly at: number;
  readonly length: number;
}

/** Bytes of a file, or of one of its compressed elements. */
export interface MatBytes {
  readonly bytes: Uint8Array;
  readonly little: boolean;
  /** For messages: the place of a byte, "byte 132" or "byte 56 of what is compressed at byte 128". */
  readonly place: (at: number) => string;
  /** The file. */
  readonly name: string;
}

export class MatCursor {
  private readonly view: DataView;

  constructor(
    readonly source: MatBytes,
    public at = 0,
    readonly end = source.bytes.length,
  ) {
    this.view = new DataView(source.bytes.buffer, source.bytes.byteOffset, source.bytes.length);
  }

  refuse(reason: string, at = this.at): never {
    throw new Error(`${this.source.name}: ${reason} (${this.source.place(at)}).`);
  }

  /** The element that begins here; the cursor moves behind it. `what` it should be is for messages. */
  next(what: string): MatElement {
    const tagAt = this.at;
    const { little } = this.source;
    if (this.end - tagAt < 8) this.refuse(`${what} is expected, but ${this.end - tagAt} bytes are left`);
    const word = this.view.getUint32(tagAt, little);
    const isSmall = word > 0xffff;
    const type = isSmall ? word & 0xffff : word;
    const length = isSmall ? word >>> 16 : this.view.getUint32(tagAt + 4, little);
    const at = isSmall ? tagAt + 4 : tagAt + 8;
    if (isSmall && length > 4) this.refuse(`a small element has at most 4 bytes, ${what} has ${length}`);
    if (length > this.end - at) {
      this.refuse(`${what} is announced with ${length} bytes, but ${this.end - at} are left`);
    }
    // the last one of a compressed file may do without its padding; compressed ones never have any
    this.at = isSmall ? tagAt + 8 : Math.min(at + (type === COMPRESSED ? length : Math.ceil(length / 8) * 8), this.end);
    return { type, tagAt, at, length };
  }

  /** The matrix that begins here, as a cursor over what it is made of. */
  matrix(what: string): MatCursor {
    const element = this.next(what);
    if (element.type !== MATRIX)
      this.refuse(`${what} is a matrix (type 14), found type ${element.type}`, element.tagAt);
    return new MatCursor(this.source, element.at, element.at + element.length);
  }

  /** The element of numbers that begins here. */
  numbers(what: string, { most }: { readonly most: number }): number[] {
    const { type, tagAt, at, length } = this.next(what);
    const kind = NUMBERS.get(type) ?? this.refuse(`${what} has numbers of an unknown type ${type}`, tagAt);
    const count = length / kind.bytes;
    if (!Number.isInteger(count) || count > most) {
      this.refuse(`${what} has at most ${most} numbers of ${kind.bytes} bytes, found ${length} bytes`, tagAt);
    }
    return Array.from({ length: count }, (_, i) => kind.read(this.view, at + i * kind.bytes, this.source.little));
  }

  /** The same of exactly `count` numbers, which may be many. */
  doubles(what: string, count: number): Float64Array {
    const { type, tagAt, at, length } = this.next(what);
    const kind = NUMBERS.get(type) ?? this.refuse(`${what} has numbers of an unknown type ${type}`, tagAt);
    if (length !== count * kind.bytes) {
      this.refuse(`${what} has ${count} numbers of ${kind.bytes} bytes, found ${length} bytes`, tagAt);
    }
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = kind.read(this.view, at + i * kind.bytes, this.source.little);
    return values;
  }
}
