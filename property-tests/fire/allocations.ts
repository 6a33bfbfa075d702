/**
 * How much memory a piece of code asks for: typed arrays and Buffers are counted when they are made, those that are dropped at
 * once included, and one request beyond the limit is refused before it costs anything.
 *
 * The constructors of the process are wrapped while the code runs. Node's own copies (of its file reads) are not, and neither are
 * arrays and text on JavaScript's heap; what is kept of those shows in the heap's growth.
 */
import { getHeapStatistics } from "node:v8";

export interface Allocations {
  /** Bytes of all arrays that were asked for. */
  readonly bytes: number;
  /** Growth of JavaScript's heap; garbage counts until it is collected. */
  readonly heapBytes: number;
  /** The request that was refused, in bytes. */
  readonly refused?: number;
}

/** Of arrays of any kind; an ArrayBuffer has no elements. */
type ArrayConstructor = (new (length: number) => object) & { readonly BYTES_PER_ELEMENT?: number };

const ARRAYS = [
  "ArrayBuffer",
  "SharedArrayBuffer",
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
] as const;
const BUFFERS = ["alloc", "allocUnsafe", "allocUnsafeSlow"] as const;

/** Runs `body`; a request above `limit` bytes throws inside of it. */
export async function countAllocations(limit: number, body: () => Promise<void>): Promise<Allocations> {
  let bytes = 0;
  let refused: number | undefined;
  const ask = (amount: number): void => {
    bytes += amount;
    if (amount <= limit) return;
    refused ??= amount;
    throw new Error(`refused: ${amount} bytes at once`);
  };
  const restore = [
    ...ARRAYS.map((name) => wrapConstructor(name, ask)),
    ...BUFFERS.map((name) => wrapBuffer(name, ask)),
  ];
  const heapBefore = getHeapStatistics().used_heap_size;
  try {
    await body();
  } finally {
    for (const undo of restore) undo();
  }
  return { bytes, heapBytes: getHeapStatistics().used_heap_size - heapBefore, refused };
}

function wrapConstructor(name: (typeof ARRAYS)[number], ask: (bytes: number) => void): () => void {
  const sound: ArrayConstructor = globalThis[name];
  const counted: ArrayConstructor = new Proxy(sound, {
    construct(target, parameters: unknown[], newTarget) {
      const [first] = parameters;
      if (typeof first === "number" && first > 0) ask(first * (target.BYTES_PER_ELEMENT ?? 1));
      const made: unknown = Reflect.construct(target, parameters, newTarget === counted ? target : newTarget);
      // a copy of a list; over an ArrayBuffer it is a view and costs nothing
      if (typeof first === "object" && first !== null && !isBuffer(first)) ask((made as ArrayBufferView).byteLength);
      return made as object;
    },
  });
  Object.assign(globalThis, { [name]: counted });
  return () => Object.assign(globalThis, { [name]: sound });
}

function isBuffer(value: object): boolean {
  return ["[object ArrayBuffer]", "[object SharedArrayBuffer]"].includes(Object.prototype.toString.call(value));
}

function wrapBuffer(name: (typeof BUFFERS)[number], ask: (bytes: number) => void): () => void {
  const sound = Object.getOwnPropertyDescriptor(Buffer, name)!;
  const make = Buffer[name].bind(Buffer);
  Buffer[name] = (size: number, ...rest: never[]) => {
    if (size > 0) ask(size);
    return make(size, ...rest);
  };
  return () => void Object.defineProperty(Buffer, name, sound);
}
