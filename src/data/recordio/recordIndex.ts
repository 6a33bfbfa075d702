/**
 * The index of a RecordIO file: a line `key⇥byte` for each record, in any order (packers write key 0 last).
 *
 * It is read from bytes and kept in typed arrays, sorted by key: sets of tens of millions of images have indices that are too long for one
 * string and have too many keys for one Map.
 */

const NEWLINE = 10;
const RETURN = 13;
const TAB = 9;

export class RecordIndex {
  /** @param keys ascending; @param offsets the byte of each key's first magic */
  private constructor(
    readonly name: string,
    readonly keys: Float64Array,
    readonly offsets: Float64Array,
  ) {}

  /** @throws Error if a key occurs twice. */
  static of(name: string, keys: ArrayLike<number>, offsets: ArrayLike<number>): RecordIndex {
    const order = Uint32Array.from(keys, (_, i) => i).sort((a, b) => keys[a] - keys[b]);
    const sorted = Float64Array.from(order, (i) => keys[i]);
    const twice = sorted.findIndex((key, i) => i > 0 && sorted[i - 1] === key);
    if (twice >= 0) throw new Error(`${name}: a key names one record, but key ${sorted[twice]} occurs twice.`);
    return new RecordIndex(
      name,
      sorted,
      Float64Array.from(order, (i) => offsets[i]),
    );
  }

  has(key: number): boolean {
    return this.keys[this.place(key)] === key;
  }

  /** The byte of the record's first magic. */
  offsetOf(key: number): number {
    const place = this.place(key);
    if (this.keys[place] !== key) throw new Error(`${this.name}: there is no record with key ${key}.`);
    return this.offsets[place];
  }

  /** The first place whose key is not smaller. */
  private place(key: number): number {
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.keys[middle] < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Reads the text of an `.idx` file. @throws Error naming line and byte where a line is not `key⇥byte`. */
export function parseRecordIndex(bytes: Uint8Array, name: string): RecordIndex {
  const lines = countLines(bytes);
  const keys = new Float64Array(lines);
  const offsets = new Float64Array(lines);
  let at = 0;
  for (let line = 0; line < lines; line++) {
    let end = bytes.indexOf(NEWLINE, at);
    if (end < 0) end = bytes.length;
    const textEnd = end > at && bytes[end - 1] === RETURN ? end - 1 : end;
    const tab = bytes.subarray(at, textEnd).indexOf(TAB);
    const key = tab < 0 ? NaN : wholeNumber(bytes, at, at + tab);
    const offset = wholeNumber(bytes, at + tab + 1, textEnd);
    if (Number.isNaN(key) || Number.isNaN(offset)) {
      const text = String.fromCharCode(...bytes.subarray(at, Math.min(textEnd, at + 40)));
      throw new Error(
        `${name}: a line is a key, a tab and a byte number, but line ${line + 1} (byte ${at}) is ${JSON.stringify(text)}.`,
      );
    }
    keys[line] = key;
    offsets[line] = offset;
    at = end + 1;
  }
  return RecordIndex.of(name, keys, offsets);
}

export function formatRecordIndex(keys: readonly number[], offsets: readonly number[]): string {
  return keys.map((key, i) => `${key}\t${offsets[i]}\n`).join("");
}

/** The last line may do without its end. */
function countLines(bytes: Uint8Array): number {
  let lines = bytes.length > 0 && bytes[bytes.length - 1] !== NEWLINE ? 1 : 0;
  for (const byte of bytes) if (byte === NEWLINE) lines++;
  return lines;
}

/** The decimal number in bytes begin .. end − 1; NaN if it is none, or more than a number holds exactly. */
function wholeNumber(bytes: Uint8Array, begin: number, end: number): number {
  if (begin === end) return NaN;
  let value = 0;
  for (let at = begin; at < end; at++) {
    const digit = bytes[at] - 48;
    if (digit < 0 || digit > 9) return NaN;
    value = 10 * value + digit;
    if (value > Number.MAX_SAFE_INTEGER) return NaN;
  }
  return value;
}
