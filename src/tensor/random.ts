/**
 * Randomness as a value: a stream is named, never global.
 *
 * `stream(seed, "negatives", step, rank)` seeds a seedrandom generator with that very name, so a run is a pure function of its
 * configuration and resuming needs the step number only. A stream costs about 20 microseconds to make and 40 nanoseconds a
 * number; bulk work (initial centers, noise pixels, dropout) asks a stream for a key once and hashes (key, row, column).
 */
import seedrandom from "seedrandom";

/** Two 32-bit words that select one of 2^64 counter-based sequences. */
export type Key = readonly [number, number];

export interface Random {
  /** A number in [0, 1), 32 random bits. */
  uniform(): number;
  /** A standard normal number (Box and Muller). */
  normal(): number;
  /** A whole number in [0, bound). */
  integer(bound: number): number;
  /** Fisher and Yates, in place. */
  shuffle<T extends Int32Array | unknown[]>(values: T): T;
  /** A key for `hashUniform` and `hashNormal`. */
  key(): Key;
}

/**
 * The stream of that name. Parts are told apart: ("a", 1) and ("a1") are different streams; 0, -1 and "0" are seeds like any other.
 *
 * @throws Error for a part that is NaN, infinite or missing: all of these would name one and the same stream.
 */
export function stream(...name: readonly (string | number)[]): Random {
  if (!name.every((part) => typeof part === "string" || Number.isFinite(part))) {
    throw new Error(`stream: a name is made of texts and finite numbers; given ${name.map(String).join(", ")}.`);
  }
  const next = seedrandom(inAscii(JSON.stringify(name)));
  const word = (): number => next.int32() >>> 0;
  const random: Random = {
    uniform: () => word() / 0x1_0000_0000,
    normal: () => {
      const radius = Math.sqrt(-2 * Math.log((word() + 1) / 0x1_0000_0000));
      return radius * Math.cos(2 * Math.PI * random.uniform());
    },
    integer: (bound) => Math.floor(next.double() * bound),
    shuffle: (values) => {
      for (let last = values.length - 1; last > 0; last--) {
        const other = random.integer(last + 1);
        const kept = values[last];
        values[last] = values[other];
        values[other] = kept;
      }
      return values;
    },
    key: () => [word(), word()],
  };
  return random;
}

/** seedrandom takes the low eight bits of each character, to which "A" and "Ł" are one; so what is not ASCII is spelled out. */
function inAscii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * `count` distinct whole numbers in [0, bound), every such set equally likely, in time proportional to `count` (Floyd's algorithm, in
 * Bentley and Floyd 1987, "A sample of brilliance"). The order of the set is not random. Of more than half of the numbers those are drawn
 * that are left out.
 *
 * The stream gives one key and the numbers are hashes: a quarter of the time that a number of the stream each and a `Set` would take.
 */
export function drawDistinct(count: number, bound: number, random: Random): Int32Array | Float64Array {
  const Numbers = bound <= 2 ** 31 ? Int32Array : Float64Array;
  const drawn = new Numbers(count);
  if (count === 0) return drawn;
  if (2 * count > bound) {
    const isLeftOut = new Uint8Array(bound);
    for (const number of drawDistinct(bound - count, bound, random)) isLeftOut[number] = 1;
    for (let number = 0, place = 0; number < bound; number++) if (isLeftOut[number] === 0) drawn[place++] = number;
    return drawn;
  }
  const key = random.key();
  // open addressing, at most half full
  const bits = Math.ceil(Math.log2(count)) + 1;
  const table = new Numbers(2 ** bits).fill(-1);
  const add = (number: number): boolean => {
    let place = Math.imul(number, 0x9e3779b1) >>> (32 - bits);
    for (; table[place] !== -1; place = (place + 1) % table.length) if (table[place] === number) return false;
    table[place] = number;
    return true;
  };
  // after the round of `last` the set is a sample of [0, last]: where the draw was taken already, `last` itself is new
  for (let round = 0, last = bound - count; last < bound; round++, last++) {
    const number = hashInteger(key, round, last + 1);
    const isTaken = !add(number);
    if (isTaken) add(last);
    drawn[round] = isTaken ? last : number;
  }
  return drawn;
}

/** A whole number in [0, bound), a function of (key, row), from 53 random bits. */
function hashInteger(key: Key, row: number, bound: number): number {
  const bits = hashBits(key, row, 0) * 2 ** 21 + (hashBits(key, row, 1) >>> 11);
  return Math.floor((bits / 2 ** 53) * bound);
}

/** Mixes 32 bits so that every input bit reaches every output bit (a Murmur-style finaliser). */
function mix(bits: number): number {
  let h = bits;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** 32 bits that are a pure function of (key, row, column): three dependent rounds of mixing. */
export function hashBits(key: Key, row: number, column: number): number {
  const first = mix(key[0] ^ Math.imul(row + 1, 0x9e3779b1));
  const second = mix(first ^ key[1] ^ Math.imul(column + 1, 0x85ebca77));
  return mix(second + 0x6d2b79f5) >>> 0;
}

/** A number in [0, 1) that is a pure function of (key, row, column). */
export function hashUniform(key: Key, row: number, column: number): number {
  return hashBits(key, row, column) / 0x1_0000_0000;
}

/** A standard normal number that is a pure function of (key, row, column). */
export function hashNormal(key: Key, row: number, column: number): number {
  const radius = Math.sqrt(-2 * Math.log((hashBits(key, row, 2 * column) + 1) / 0x1_0000_0000));
  return radius * Math.cos(2 * Math.PI * hashUniform(key, row, 2 * column + 1));
}
