/** What a pickle may hold here: plain values, dictionaries by name, and NumPy arrays of numbers. */
import { ELEMENT_TYPES, type NpyData } from "../npy/npyTypes.js";

/** Lists and tuples are arrays alike; a pickle may put one list into another twice, or into itself. */
export type PickleValue =
  null | boolean | number | string | Uint8Array | ElementType | NumpyArray | Dictionary | Global | PickleValue[];

/** A name that the pickle may call or stand for, one of the white list. */
export class Global {
  constructor(readonly role: "encode" | "empty bytes" | "reconstruct" | "from buffer" | "scalar" | "array" | "dtype") {}
}

/** A type of numbers: its letter and size, such as "i8" or "b1", a key of `ELEMENT_TYPES`. A later instruction may say its byte order. */
export class ElementType {
  constructor(
    readonly kind: string,
    public isBigEndian: boolean,
  ) {}

  get bytes(): number {
    return ELEMENT_TYPES.get(this.kind)!.bytes;
  }

  /** The numbers that these bytes stand for. @throws Error (a reason, without place) for one that no JavaScript number holds. */
  decode(data: Uint8Array): NpyData {
    const elements = new Uint8Array(data); // a copy
    const { bytes } = this;
    for (let at = 0; this.isBigEndian && at < elements.length; at += bytes) elements.subarray(at, at + bytes).reverse();
    return ELEMENT_TYPES.get(this.kind)!.decode(elements.buffer);
  }
}

/** A NumPy array. It begins empty, and is filled by a later instruction. */
export class NumpyArray {
  shape: readonly number[] = [0];
  type = new ElementType("u1", false);
  /** The bytes of its elements, in the order in which the file has them: of several axes this may be either. */
  data: Uint8Array = new Uint8Array(0);

  /** Bytes and truth values, whose elements are `data` itself. */
  get isBytes(): boolean {
    return this.type.kind === "u1" || this.type.kind === "b1";
  }
}

/** The longest name that something may have in a dictionary: a pickle may show the same long one again and again. */
const LONGEST_KEY = 64;

/** A dictionary by names, which Python 2 writes as byte strings. */
export class Dictionary {
  readonly entries = new Map<string, PickleValue>();

  /** @throws Error (a reason, without place) for a key that is no short text. */
  set(key: PickleValue, value: PickleValue): void {
    const isShort = (typeof key === "string" || key instanceof Uint8Array) && key.length <= LONGEST_KEY;
    if (!isShort) {
      throw new Error(`the keys of a dictionary are texts of at most ${LONGEST_KEY} letters, found ${kindOf(key)}`);
    }
    this.entries.set(typeof key === "string" ? key : String.fromCharCode(...key), value);
  }
}

/** For messages: what a value is. */
export function kindOf(value: PickleValue | undefined): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof NumpyArray) {
    return `an array of shape [${value.shape.join(", ")}]${value.isBytes ? "" : ` of ${value.type.kind}`}`;
  }
  if (value instanceof Dictionary) return `a dictionary of ${value.entries.size}`;
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
  return typeof value === "string" ? "a text" : "a name";
}
