/**
 * Unpickles what files of data hold, of verification pairs and of ground truth: bytes, texts, numbers, lists, tuples, dictionaries by name, NumPy
 * arrays of numbers.
 *
 * A pickle is a program for a machine with a stack and a memory of earlier values. Protocols 0 to 5 are read, and the byte strings of
 * Python 2. Instructions outside of what such files need are refused, and so are all names but a few (`globals.ts`). Every instruction
 * takes at least one byte of the file and byte strings are views of it, so that time and memory stay in proportion to the file.
 */
import { ByteCursor } from "./byteCursor.js";
import { build, call, findGlobal } from "./globals.js";
import { decodeQuoted, decodeRawUnicode, decodeUtf8 } from "./texts.js";
import { Dictionary, type PickleValue } from "./values.js";

const NEWEST_PROTOCOL = 5;
/** A place on the stack: what was pushed after it becomes a list or tuple. */
const MARK = Symbol("mark");

/** @throws Error naming the file, the byte of the instruction at fault, and why it is refused. */
export function unpickle(bytes: Uint8Array, name: string): PickleValue {
  const machine = new Machine(bytes);
  for (;;) {
    const at = machine.at;
    try {
      if (machine.step()) return machine.result();
    } catch (cause) {
      throw new Error(`${name}: ${(cause as Error).message} (byte ${at}).`, { cause });
    }
  }
}

class Machine {
  private readonly cursor: ByteCursor;
  private readonly stack: (PickleValue | typeof MARK)[] = [];
  private readonly memory = new Map<number, PickleValue>();
  private readonly budget: { bytes: number };

  constructor(bytes: Uint8Array) {
    this.cursor = new ByteCursor(bytes);
    this.budget = { bytes: bytes.length };
  }

  get at(): number {
    return this.cursor.at;
  }

  /** Carries out one instruction; true after the last. */
  step(): boolean {
    if (this.cursor.rest === 0) throw new Error("the pickle is cut off: the file ends without its last instruction");
    const code = this.cursor.u8();
    const instruction = INSTRUCTIONS[String.fromCharCode(code)];
    if (instruction === undefined) {
      throw new Error(`instruction 0x${code.toString(16).padStart(2, "0")} is not one that data files need`);
    }
    instruction(this, this.cursor);
    return code === 0x2e; // STOP
  }

  /** The value that is left at the end. */
  result(): PickleValue {
    const value = this.pop();
    if (this.stack.length > 0) throw new Error(`the pickle ends with ${this.stack.length} values too many`);
    return value;
  }

  push(value: PickleValue): void {
    this.stack.push(value);
  }

  mark(): void {
    this.stack.push(MARK);
  }

  pop(): PickleValue {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  top(): PickleValue {
    const value = this.stack[this.stack.length - 1];
    if (value === undefined || value === MARK) throw new Error("the instruction needs a value, and the stack has none");
    return value;
  }

  /** The last `count` values, in the order in which they were pushed. */
  popSeveral(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  /** Everything after the last mark, which goes as well. */
  popToMark(): PickleValue[] {
    const place = this.stack.lastIndexOf(MARK);
    if (place < 0) throw new Error("the instruction needs a mark, and the stack has none");
    return this.stack.splice(place).slice(1) as PickleValue[];
  }

  append(items: readonly PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw new Error("the pickle appends to something that is no list");
    for (const item of items) list.push(item);
  }

  /** Keys and values in turn. */
  setItems(items: readonly PickleValue[]): void {
    const dictionary = this.top();
    if (!(dictionary instanceof Dictionary))
      throw new Error("the pickle sets items of something that is no dictionary");
    if (items.length % 2 !== 0) throw new Error("the pickle sets a key without a value");
    for (let i = 0; i < items.length; i += 2) dictionary.set(items[i], items[i + 1]);
  }

  /** A dictionary of all that follows the last mark. */
  pushDictionary(): void {
    const items = this.popToMark();
    this.push(new Dictionary());
    this.setItems(items);
  }

  remember(place: number): void {
    this.memory.set(place, this.top());
  }

  rememberNext(): void {
    this.remember(this.memory.size);
  }

  recall(place: number): void {
    const value = this.memory.get(place);
    if (value === undefined) throw new Error(`the pickle recalls value ${place}, which it has not stored`);
    this.push(value);
  }

  call(): void {
    const [callee, args] = this.popSeveral(2);
    this.push(call(callee, args, this.budget));
  }

  build(): void {
    const state = this.pop();
    build(this.top(), state);
  }

  stackGlobal(): void {
    const [module, name] = this.popSeveral(2);
    if (typeof module !== "string" || typeof name !== "string") throw new Error("a global is named by two texts");
    this.push(findGlobal(module, name));
  }
}

/** By the character of its code, under the names of Python's `pickletools`. */
const INSTRUCTIONS: Readonly<Record<string, (machine: Machine, cursor: ByteCursor) => void>> = {
  "\x80": (_, cursor) => checkProtocol(cursor.u8()), // PROTO
  "\x95": (_, cursor) => checkFrame(cursor.u64(), cursor.rest), // FRAME
  ".": () => {}, // STOP

  "(": (machine) => machine.mark(), // MARK
  "]": (machine) => machine.push([]), // EMPTY_LIST
  l: (machine) => machine.push(machine.popToMark()), // LIST
  a: (machine) => machine.append([machine.pop()]), // APPEND
  e: (machine) => machine.append(machine.popToMark()), // APPENDS
  "}": (machine) => machine.push(new Dictionary()), // EMPTY_DICT
  d: (machine) => machine.pushDictionary(), // DICT
  s: (machine) => machine.setItems(machine.popSeveral(2)), // SETITEM
  u: (machine) => machine.setItems(machine.popToMark()), // SETITEMS
  ")": (machine) => machine.push([]), // EMPTY_TUPLE
  t: (machine) => machine.push(machine.popToMark()), // TUPLE
  "\x85": (machine) => machine.push(machine.popSeveral(1)), // TUPLE1
  "\x86": (machine) => machine.push(machine.popSeveral(2)), // TUPLE2
  "\x87": (machine) => machine.push(machine.popSeveral(3)), // TUPLE3

  p: (machine, cursor) => machine.remember(wholeNumber(cursor.shortLine())), // PUT
  q: (machine, cursor) => machine.remember(cursor.u8()), // BINPUT
  r: (machine, cursor) => machine.remember(cursor.u32()), // LONG_BINPUT
  "\x94": (machine) => machine.rememberNext(), // MEMOIZE
  g: (machine, cursor) => machine.recall(wholeNumber(cursor.shortLine())), // GET
  h: (machine, cursor) => machine.recall(cursor.u8()), // BINGET
  j: (machine, cursor) => machine.recall(cursor.u32()), // LONG_BINGET

  N: (machine) => machine.push(null), // NONE
  "\x88": (machine) => machine.push(true), // NEWTRUE
  "\x89": (machine) => machine.push(false), // NEWFALSE
  I: (machine, cursor) => machine.push(integerOrTruth(cursor.shortLine())), // INT
  L: (machine, cursor) => machine.push(wholeNumber(cursor.shortLine().replace(/L$/, ""))), // LONG
  J: (machine, cursor) => machine.push(cursor.i32()), // BININT
  K: (machine, cursor) => machine.push(cursor.u8()), // BININT1
  M: (machine, cursor) => machine.push(cursor.u16()), // BININT2
  F: (machine, cursor) => machine.push(decimal(cursor.shortLine())), // FLOAT
  G: (machine, cursor) => machine.push(cursor.f64()), // BINFLOAT
  "\x8a": (machine, cursor) => machine.push(littleEndian(cursor.take(cursor.u8()))), // LONG1

  S: (machine, cursor) => machine.push(decodeQuoted(cursor.line())), // STRING
  U: (machine, cursor) => machine.push(cursor.take(cursor.u8())), // SHORT_BINSTRING
  T: (machine, cursor) => machine.push(cursor.take(notNegative(cursor.i32()))), // BINSTRING
  C: (machine, cursor) => machine.push(cursor.take(cursor.u8())), // SHORT_BINBYTES
  B: (machine, cursor) => machine.push(cursor.take(cursor.u32())), // BINBYTES
  "\x8e": (machine, cursor) => machine.push(cursor.take(cursor.u64())), // BINBYTES8
  "\x96": (machine, cursor) => machine.push(cursor.take(cursor.u64())), // BYTEARRAY8
  V: (machine, cursor) => machine.push(decodeRawUnicode(cursor.line())), // UNICODE
  "\x8c": (machine, cursor) => machine.push(decodeUtf8(cursor.take(cursor.u8()))), // SHORT_BINUNICODE
  X: (machine, cursor) => machine.push(decodeUtf8(cursor.take(cursor.u32()))), // BINUNICODE
  "\x8d": (machine, cursor) => machine.push(decodeUtf8(cursor.take(cursor.u64()))), // BINUNICODE8

  c: (machine, cursor) => machine.push(findGlobal(cursor.shortLine(), cursor.shortLine())), // GLOBAL
  "\x93": (machine) => machine.stackGlobal(), // STACK_GLOBAL
  R: (machine) => machine.call(), // REDUCE
  b: (machine) => machine.build(), // BUILD
};

function checkProtocol(protocol: number): void {
  if (protocol > NEWEST_PROTOCOL) {
    throw new Error(`pickles of protocols 0 to ${NEWEST_PROTOCOL} are read, this one has ${protocol}`);
  }
}

function checkFrame(length: number, rest: number): void {
  if (length > rest) throw new Error(`a frame of ${length} bytes is announced, but ${rest} are left`);
}

function wholeNumber(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw new Error(`a whole number is expected, found ${JSON.stringify(text)}`);
  return Number(text);
}

function decimal(text: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!Number.isFinite(value)) throw new Error(`a finite number is expected, found ${JSON.stringify(text)}`);
  return value;
}

/** `01` and `00` are truth values: protocol 0 has no others. */
function integerOrTruth(text: string): number | boolean {
  return text === "01" ? true : text === "00" ? false : wholeNumber(text);
}

/** Two's complement. More than six bytes are no number that a data file needs. */
function littleEndian(bytes: Uint8Array): number {
  if (bytes.length > 6) throw new Error(`a whole number of ${bytes.length} bytes is too large`);
  const value = bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
  const negative = bytes.length > 0 && bytes[bytes.length - 1] >= 128;
  return negative ? value - 256 ** bytes.length : value;
}

function notNegative(length: number): number {
  if (length < 0) throw new Error(`a length is not negative, found ${length}`);
  return length;
}
