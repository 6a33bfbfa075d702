/**
 * The dictionary at the head of a `.npy` file, read by a parser of its own.
 *
 *     {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
 *
 * It is written as Python writes it, and NumPy evaluates it; here nothing is evaluated. What is read: the three keys in any order, each
 * once, texts without escapes, whole numbers (Python 2 puts an L behind them), tuples, spaces, a comma at the end.
 */

export interface NpyHeader {
  /** NumPy's name of the element type: "<f4". */
  readonly dtype: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where these two stand, for messages: bytes of the file. */
  readonly dtypeAt: number;
  readonly shapeAt: number;
}

const KEYS = ["descr", "fortran_order", "shape"] as const;
/** What NumPy 2 allows. */
const MOST_AXES = 64;
const LONGEST_TEXT = 80;

/** @throws Error naming the file and the byte where the dictionary breaks. */
export function parseNpyHeader(bytes: Uint8Array, begin: number, end: number, name: string): NpyHeader {
  const parser = new HeaderParser(bytes, begin, end, name);
  const found = new Map<string, { readonly at: number; readonly value: string | boolean | readonly number[] }>();
  parser.expect("{");
  while (!parser.accept("}")) {
    const keyAt = parser.at;
    const key = parser.text();
    if (!KEYS.some((known) => known === key)) parser.refuse(`the keys are ${KEYS.join(", ")}, not "${key}"`, keyAt);
    if (found.has(key)) parser.refuse(`the key "${key}" stands twice`, keyAt);
    parser.expect(":");
    const at = parser.at;
    found.set(key, { at, value: key === "descr" ? parser.type() : key === "shape" ? parser.tuple() : parser.truth() });
    if (!parser.accept(",")) {
      parser.expect("}");
      break;
    }
  }
  parser.expectEnd();
  const [type, order, shape] = KEYS.map((key) => found.get(key) ?? parser.refuse(`the key "${key}" is missing`, begin));
  return {
    dtype: type.value as string,
    fortranOrder: order.value as boolean,
    shape: shape.value as readonly number[],
    dtypeAt: type.at,
    shapeAt: shape.at,
  };
}

class HeaderParser {
  constructor(
    private readonly bytes: Uint8Array,
    private place: number,
    private readonly end: number,
    private readonly name: string,
  ) {}

  /** The next byte that is no space. */
  get at(): number {
    while (this.place < this.end && SPACES.includes(this.bytes[this.place])) this.place++;
    return this.place;
  }

  refuse(reason: string, at = this.at): never {
    throw new Error(`${this.name}: the header breaks at byte ${at}: ${reason}.`);
  }

  /** Passes over the character if it comes next. */
  accept(character: string): boolean {
    const isNext = this.at < this.end && this.bytes[this.at] === character.charCodeAt(0);
    if (isNext) this.place++;
    return isNext;
  }

  expect(character: string): void {
    if (!this.accept(character)) this.refuse(`"${character}" is expected, ${this.found()}`);
  }

  expectEnd(): void {
    if (this.at < this.end) this.refuse(`spaces are expected after the dictionary, ${this.found()}`);
  }

  /** Between quotes of either kind. */
  text(): string {
    const at = this.at;
    const quote = this.bytes[at];
    if (at >= this.end || (quote !== 0x27 && quote !== 0x22))
      this.refuse(`a text in quotes is expected, ${this.found()}`);
    const close = this.bytes.subarray(0, Math.min(this.end, at + 2 + LONGEST_TEXT)).indexOf(quote, at + 1);
    if (close < 0) this.refuse(`the text has no closing quote within ${LONGEST_TEXT} characters`);
    const characters = this.bytes.subarray(at + 1, close);
    if (!characters.every((code) => code >= 0x20 && code < 0x7f && code !== 0x5c)) {
      this.refuse("the text has a character outside of ASCII, or an escape");
    }
    this.place = close + 1;
    return String.fromCharCode(...characters);
  }

  type(): string {
    if (this.bytes[this.at] === 0x5b) this.refuse("arrays of records (a list of fields as type) are not read");
    return this.text();
  }

  truth(): boolean {
    for (const [word, value] of TRUTHS) {
      if (this.word(word)) return value;
    }
    return this.refuse(`True or False is expected, ${this.found()}`);
  }

  tuple(): readonly number[] {
    const extents: number[] = [];
    const at = this.at;
    this.expect("(");
    while (!this.accept(")")) {
      if (extents.length === MOST_AXES) this.refuse(`an array has at most ${MOST_AXES} axes`, at);
      extents.push(this.wholeNumber());
      if (this.accept(",")) continue;
      if (extents.length === 1) this.refuse(`a tuple of one number ends in a comma, ${this.found()}`);
      this.expect(")");
      break;
    }
    return extents;
  }

  private wholeNumber(): number {
    let at = this.at;
    let value = 0;
    for (; at < this.end && this.bytes[at] >= 0x30 && this.bytes[at] <= 0x39; at++) {
      value = 10 * value + (this.bytes[at] - 0x30); // the digit by itself: the sum with its code would round near 2^53
      if (!Number.isSafeInteger(value)) this.refuse("an extent is 2^53 or more");
    }
    if (at === this.at) this.refuse(`a whole number is expected, ${this.found()}`);
    this.place = at < this.end && this.bytes[at] === 0x4c ? at + 1 : at;
    return value;
  }

  private word(word: string): boolean {
    const at = this.at;
    const fits = at + word.length <= this.end;
    if (!fits || ![...word].every((letter, i) => this.bytes[at + i] === letter.charCodeAt(0))) return false;
    this.place += word.length;
    return true;
  }

  private found(): string {
    if (this.at >= this.end) return "but the header ends";
    const code = this.bytes[this.at];
    const isShown = code > 0x20 && code < 0x7f;
    return `found ${isShown ? `"${String.fromCharCode(code)}"` : `0x${code.toString(16).padStart(2, "0")}`}`;
  }
}

const SPACES = [0x20, 0x09, 0x0a, 0x0d];
const TRUTHS: readonly [string, boolean][] = [
  ["True", true],
  ["False", false],
];
