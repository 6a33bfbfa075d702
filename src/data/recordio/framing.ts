/**
 * RecordIO: how records of any bytes stand one after the other in a file, so that a reader finds their ends.
 *
 *     u32 magic 0xCED7230A · u32 (kind << 29 | length) · payload [length] · zeros up to a multiple of 4        (little-endian)
 *
 * A magic inside a payload, at a multiple of 4 from its beginning, would look like the start of a record. There the writer
 * ends a part and leaves the magic out; the reader puts it back between two parts. Kinds: 0 whole record, 1 first part, 2 a
 * middle one, 3 the last. Payloads are views of the file where a record has one part, and copies where it has several.
 */

export const RECORD_MAGIC = 0xced7230a;
/** Of each part: magic and length. */
export const PART_HEADER_BYTES = 8;
/** Lengths have 29 bits. */
const LENGTH_LIMIT = 2 ** 29;
const MAGIC_BYTES = Uint8Array.of(0x0a, 0x23, 0xd7, 0xce);

export const WHOLE_RECORD = 0;
const FIRST = 1;
const MIDDLE = 2;
const LAST = 3;

export interface StoredRecord {
  readonly payload: Uint8Array;
  /** Bytes from the record's first magic to the end of its padding. */
  readonly bytes: number;
}

/** Where the payload of a part lies, and what kind it is. */
export interface Part {
  readonly kind: number;
  readonly begin: number;
  readonly end: number;
}

/** Where in which file the bytes begin that a function is given: for messages. */
export interface Origin {
  readonly name: string;
  /** Default 0. */
  readonly byte?: number;
}

/** Reads the header of the part at `at`, the record's first or a later one. @throws Error unless a part can stand there. */
export function readPartHeader(bytes: Uint8Array, at: number, first: boolean, { name, byte = 0 }: Origin): Part {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const magic = view.getUint32(at, true);
  if (magic !== RECORD_MAGIC) {
    throw new Error(
      `${name}: a record starts with ${hexadecimal(RECORD_MAGIC)}, found ${hexadecimal(magic)} (byte ${byte + at}).`,
    );
  }
  const word = view.getUint32(at + 4, true);
  const kind = word >>> 29;
  const length = word % LENGTH_LIMIT;
  const possible = first ? [WHOLE_RECORD, FIRST] : [MIDDLE, LAST];
  if (!possible.includes(kind)) {
    const place = first ? "a record begins" : "a record that is split goes on";
    throw new Error(
      `${name}: ${place} with a part of kind ${possible.join(" or ")}, found kind ${kind} (byte ${byte + at + 4}).`,
    );
  }
  if ((kind === FIRST || kind === MIDDLE) && length % 4 !== 0) {
    throw new Error(
      `${name}: a record is split at multiples of 4 bytes, but this part has ${length} (byte ${byte + at + 4}).`,
    );
  }
  const begin = at + PART_HEADER_BYTES;
  return { kind, begin, end: begin + length };
}

/**
 * The record whose first magic is at byte 0 of `bytes`, or, where the bytes end before the record, how many are needed at least to
 * go on: a reader of a large file asks with a few bytes first.
 */
export function takeRecord(bytes: Uint8Array, origin: Origin): StoredRecord | { readonly needed: number } {
  const parts: Part[] = [];
  for (let at = 0; ;) {
    if (at + PART_HEADER_BYTES > bytes.length) return { needed: at + PART_HEADER_BYTES };
    const part = readPartHeader(bytes, at, parts.length === 0, origin);
    const next = part.begin + padded(part.end - part.begin);
    if (next > bytes.length) return { needed: next };
    parts.push(part);
    if (part.kind === WHOLE_RECORD || part.kind === LAST) return { payload: joinParts(bytes, parts), bytes: next };
    at = next;
  }
}

/** The record whose first magic is at `offset`. @throws Error with the byte where there is none, or where the file ends too early. */
export function readRecord(bytes: Uint8Array, offset: number, name: string): StoredRecord {
  if (!(Number.isSafeInteger(offset) && offset >= 0 && offset < bytes.length)) {
    throw new Error(`${name}: a record lies in bytes 0 .. ${bytes.length - 1}, asked for one at byte ${offset}.`);
  }
  const record = takeRecord(bytes.subarray(offset), { name, byte: offset });
  if ("needed" in record) throw endsEarly(name, offset, offset + record.needed, bytes.length);
  return record;
}

/** What to say of a record that goes on after the end of its file. */
export function endsEarly(name: string, offset: number, needed: number, length: number): Error {
  return new Error(
    `${name}: the record at byte ${offset} goes on to byte ${needed} at least, but the file ends at byte ${length}.`,
  );
}

/** All records in the order of the file, which must end where its last record ends. */
export function* readRecords(
  bytes: Uint8Array,
  name: string,
): Generator<StoredRecord & { readonly offset: number }, void, undefined> {
  for (let offset = 0; offset < bytes.length;) {
    const record = readRecord(bytes, offset, name);
    yield { offset, ...record };
    offset += record.bytes;
  }
}

/** The file of these records, and the byte of each one's first magic. */
export function writeRecords(payloads: Iterable<Uint8Array>): { bytes: Uint8Array; offsets: number[] } {
  const pieces: Uint8Array[] = [];
  const offsets: number[] = [];
  let length = 0;
  for (const payload of payloads) {
    offsets.push(length);
    for (const piece of frame(payload)) {
      pieces.push(piece);
      length += piece.length;
    }
  }
  return { bytes: concatenate(pieces, length), offsets };
}

/** One record as it stands in a file: headers, parts, padding. */
function frame(payload: Uint8Array): Uint8Array[] {
  if (payload.length >= LENGTH_LIMIT) {
    throw new Error(`a record has fewer than ${LENGTH_LIMIT} bytes (its length has 29 bits), given ${payload.length}.`);
  }
  const magics = alignedMagics(payload);
  const ends = [...magics, payload.length];
  const pieces = ends.flatMap((end, i) => {
    const begin = i === 0 ? 0 : magics[i - 1] + 4; // the magic itself is left out
    const kind = magics.length === 0 ? WHOLE_RECORD : i === 0 ? FIRST : i < magics.length ? MIDDLE : LAST;
    return [partHeader(kind, end - begin), payload.subarray(begin, end)];
  });
  const last = ends[ends.length - 1] - (magics.length > 0 ? magics[magics.length - 1] + 4 : 0);
  return [...pieces, new Uint8Array(padded(last) - last)];
}

function partHeader(kind: number, length: number): Uint8Array {
  const header = new Uint8Array(PART_HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, RECORD_MAGIC, true);
  view.setUint32(4, kind * LENGTH_LIMIT + length, true);
  return header;
}

/** Multiples of 4 at which the payload has the four bytes of the magic. */
function alignedMagics(payload: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = 0; at + 4 <= payload.length; at += 4) {
    if (MAGIC_BYTES.every((byte, i) => payload[at + i] === byte)) found.push(at);
  }
  return found;
}

function joinParts(bytes: Uint8Array, parts: readonly Part[]): Uint8Array {
  if (parts.length === 1) return bytes.subarray(parts[0].begin, parts[0].end);
  const pieces = parts.flatMap(({ begin, end }, i) => {
    const piece = bytes.subarray(begin, end);
    return i === 0 ? [piece] : [MAGIC_BYTES, piece];
  });
  return concatenate(
    pieces,
    pieces.reduce((sum, piece) => sum + piece.length, 0),
  );
}

function concatenate(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** The next multiple of 4: what `length` bytes of payload take in a file. */
export function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function hexadecimal(word: number): string {
  return `0x${word.toString(16).toUpperCase().padStart(8, "0")}`;
}
