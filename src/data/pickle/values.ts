/** What a pickle may hold here: plain values, and the NumPy arrays of bytes and truth values that pair files contain. */

/** Lists and tuples are arrays alike; a pickle may put one list into another twice, or into itself. */
export type PickleValue =
  null | boolean | number | string | Uint8Array | ElementType | ByteArray | Global | PickleValue[];

/** A name that the pickle may call or stand for, one of the white list. */
export class Global {
  constructor(readonly role: "encode" | "reconstruct" | "from buffer" | "scalar" | "array" | "dtype") {}
}

/** dtype("u1") or dtype("b1"): one byte an element. */
export class ElementType {
  constructor(readonly kind: "u1" | "b1") {}
}

/** A NumPy array with elements of one byte. It begins empty, and is filled by a later instruction. */
export class ByteArray {
  shape: readonly number[] = [0];
  elements: ElementType["kind"] = "u1";
  data: Uint8Array = new Uint8Array(0);
}
