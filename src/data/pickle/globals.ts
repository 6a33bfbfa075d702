/**
 * The names that a pickle may use, and what calling them gives.
 *
 * A pickle is a program: it may name any function of Python and call it. This reader knows the few names below and refuses all others, so
 * that a file can do no more than give values.
 */
import { ELEMENT_TYPES } from "../npy/npyTypes.js";
import { ElementType, Global, NumpyArray, type PickleValue } from "./values.js";

/** NumPy 2 has moved its `core` to `_core`; Python 2 and 3 agree on the rest. */
const NUMPY_CORES = ["numpy.core", "numpy._core"];

/** More of a type's name is not looked at, nor are arrays with more axes taken: a pickle may show the same long one again and again. */
const LONGEST_TYPE = 20;
const MOST_AXES = 32; // what NumPy 1 allows

const GLOBALS: ReadonlyMap<string, Global> = new Map<string, Global>([
  ["_codecs encode", new Global("encode")],
  ["__builtin__ bytes", new Global("empty bytes")], // how Python 3 writes b"" in protocols 0 to 2
  ["numpy ndarray", new Global("array")],
  ["numpy dtype", new Global("dtype")],
  ...NUMPY_CORES.flatMap((core): [string, Global][] => [
    [`${core}.multiarray _reconstruct`, new Global("reconstruct")],
    [`${core}.multiarray scalar`, new Global("scalar")],
    [`${core}.numeric _frombuffer`, new Global("from buffer")],
  ]),
]);

/** @throws Error (a reason, without place) for a name that is not on the list. */
export function findGlobal(module: string, name: string): Global {
  const found = GLOBALS.get(`${module} ${name}`);
  if (found) return found;
  const asked = `${module}.${name}`.slice(0, 80);
  throw new Error(
    `the pickle asks for ${asked}, which this reader refuses: data files need numbers, texts, bytes, lists, dictionaries and NumPy arrays of numbers`,
  );
}

/** What `callee(...args)` gives. `budget` says how many bytes of copies may still be made. */
export function call(callee: PickleValue, args: PickleValue, budget: { bytes: number }): PickleValue {
  if (!(callee instanceof Global)) throw new Error("the pickle calls something that is no function");
  if (!Array.isArray(args)) throw new Error("the pickle calls a function with something that is no tuple");
  switch (callee.role) {
    case "encode":
      return encode(args, budget);
    case "empty bytes":
      if (args.length > 0) throw new Error("the pickle makes bytes of something, not the empty ones");
      return new Uint8Array(0);
    case "dtype":
      return elementType(args[0]);
    case "reconstruct":
      return new NumpyArray(); // its shape is (0,): the state that follows fills it
    case "from buffer":
      return fill(new NumpyArray(), args[2], args[1], args[0]);
    case "scalar":
      return scalar(args[0], args[1]);
    case "array":
      throw new Error("the pickle calls numpy.ndarray itself; arrays come from _reconstruct or _frombuffer");
  }
}

/** What `target.__setstate__(state)` does. */
export function build(target: PickleValue, state: PickleValue): void {
  if (!Array.isArray(state)) throw new Error("the pickle sets a state that is no tuple");
  // of an array: version, shape, type, Fortran order, data; of a type: version, byte order, fields and alignment
  if (target instanceof NumpyArray) fill(target, state[1], state[2], state[4]);
  else if (target instanceof ElementType) target.isBigEndian = isBigEndian(state[1]);
  else throw new Error("the pickle sets the state of something that is neither an array nor an element type");
}

/** `_codecs.encode(text, "latin1")`: how Python 3 writes bytes in protocols 0 to 2. */
function encode([text, codec]: readonly PickleValue[], budget: { bytes: number }): Uint8Array {
  if (typeof text !== "string" || typeof codec !== "string" || !/^(latin-?1|iso-?8859-1)$/i.test(codec)) {
    throw new Error('the pickle encodes something other than a text as "latin1"');
  }
  // Each encoded text stands in the file once; a text that is called for again and again would swell.
  budget.bytes -= text.length;
  if (budget.bytes < 0) throw new Error("the pickle encodes more bytes than the file has");
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255) throw new Error(`a text that stands for bytes has the character U+${code.toString(16)}`);
    bytes[i] = code;
  }
  return bytes;
}

function elementType(name: PickleValue): ElementType {
  const text = shortText(name);
  const [, order, kind] = /^([|<>=]?)(.*)$/s.exec(text)!;
  if (ELEMENT_TYPES.has(kind)) return new ElementType(kind, order === ">");
  const known = [...ELEMENT_TYPES.keys()].join(", ");
  throw new Error(`arrays of numbers (${known}) are read, the pickle has ${JSON.stringify(text)}`);
}

function isBigEndian(order: PickleValue): boolean {
  const text = shortText(order);
  if (!/^[|<>=]$/.test(text)) throw new Error(`a byte order is one of | < > =, the pickle has ${JSON.stringify(text)}`);
  return text === ">";
}

/** The beginning of a text, or of what is a text in Python 2; empty for other values. */
function shortText(value: PickleValue): string {
  if (value instanceof Uint8Array) return String.fromCharCode(...value.subarray(0, LONGEST_TYPE));
  return typeof value === "string" ? value.slice(0, LONGEST_TYPE) : "";
}

function fill(array: NumpyArray, shape: PickleValue, type: PickleValue, data: PickleValue): NumpyArray {
  if (!(type instanceof ElementType)) throw new Error("an array of the pickle has no element type");
  if (!(data instanceof Uint8Array)) throw new Error("an array of the pickle has no bytes");
  const extents = Array.isArray(shape) && shape.length <= MOST_AXES ? (shape as number[]) : [NaN];
  if (!extents.every((extent) => Number.isInteger(extent) && extent >= 0)) {
    throw new Error(`the shape of an array is a list of at most ${MOST_AXES} whole numbers, the pickle has another`);
  }
  const size = extents.includes(0) ? 0 : extents.reduce((product, extent) => product * extent, 1);
  if (size * type.bytes !== data.length) {
    throw new Error(
      `an array of shape [${extents.join(", ")}] and type ${type.kind} has ${size * type.bytes} bytes, the pickle gives ${data.length}`,
    );
  }
  array.shape = [...extents];
  array.type = new ElementType(type.kind, type.isBigEndian); // as it is now: the pickle may go on to change it
  array.data = data;
  return array;
}

function scalar(type: PickleValue, data: PickleValue): PickleValue {
  if (!(type instanceof ElementType && data instanceof Uint8Array && data.length === type.bytes)) {
    throw new Error("a NumPy number of the pickle does not have the bytes of its type");
  }
  const [value] = type.decode(data);
  return type.kind === "b1" ? value !== 0 : value;
}
