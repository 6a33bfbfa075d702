/**
 * Damaged files: a valid one, of which it is known what stands where, with one to three things done to it.
 *
 * Bytes change anywhere (cut off, flipped, overwritten, inserted, moved), and the fields of the format change in the ways that
 * break readers: 0, 1, the largest value, a huge one, a negative one, one too many, one too few, the value of another field.
 */
import fc from "fast-check";

/** A whole number, little-endian, that the reader interprets: a count, a length, an offset, a size. */
export interface Field {
  readonly name: string;
  readonly offset: number;
  /** Bytes. */
  readonly length: 1 | 2 | 4 | 8;
}

export interface SampleFile {
  readonly bytes: Uint8Array;
  readonly fields: readonly Field[];
}

/** A damaged file and what was done to it. */
export interface Mutant {
  readonly bytes: Uint8Array;
  readonly story: string;
}

interface Step {
  readonly story: string;
  readonly apply: (bytes: Uint8Array) => Uint8Array;
}

/** One to three things done to the sample; a counterexample prints as their story. */
export function mutants(sample: SampleFile): fc.Arbitrary<Mutant> {
  const step = sample.fields.length > 0 ? fc.oneof(byteStep(sample), fieldStep(sample)) : byteStep(sample);
  return fc.array(step, { minLength: 1, maxLength: 3, size: "max" }).map((steps) =>
    mutant(
      steps.reduce<Uint8Array>((bytes, { apply }) => apply(bytes), Uint8Array.from(sample.bytes)),
      steps.map(({ story }) => story).join(", then "),
    ),
  );
}

/** Bytes that were never a file of any kind, some with the beginning of one. */
export function randomBytes(beginning: Uint8Array = new Uint8Array(), maxLength = 300): fc.Arbitrary<Mutant> {
  const bytes = fc
    .tuple(fc.boolean(), fc.uint8Array({ maxLength, size: "max" }))
    .map(([begun, more]) =>
      mutant(begun ? join(beginning, more) : more, `${begun ? "a beginning and " : ""}random bytes`),
    );
  return fc.limitShrink(bytes, 1000); // to shrink every byte takes minutes and says nothing
}

/** What fast-check prints of it: the story, and the bytes while they are few. */
export function mutant(bytes: Uint8Array, story: string): Mutant {
  const described = {
    bytes,
    story,
    [fc.toStringMethod]: () => `${bytes.length} bytes (${story}): ${beginningOf(bytes)}`,
  };
  return described;
}

function beginningOf(bytes: Uint8Array): string {
  return `${Buffer.from(bytes.subarray(0, 200)).toString("hex")}${bytes.length > 200 ? "…" : ""}`;
}

/** Positions are taken modulo the length that the file has by then, so that every number means something and shrinks. */
function byteStep({ bytes: { length } }: SampleFile): fc.Arbitrary<Step> {
  const position = fc.nat({ max: Math.max(1, length) });
  const few = fc.nat({ max: 40 });
  const byte = fc.oneof(fc.constantFrom(0, 0xff, 0x80), fc.nat({ max: 255 }));
  return fc.oneof(
    position.map((at) => step(`cut off at ${at}`, (bytes) => bytes.slice(0, within(at, bytes)))),
    fc
      .tuple(position, fc.nat({ max: 7 }))
      .map(([at, bit]) =>
        step(`bit ${bit} of byte ${at} flipped`, (bytes) => replaced(bytes, at, (old) => old ^ (1 << bit))),
      ),
    fc
      .tuple(position, byte)
      .map(([at, value]) => step(`byte ${at} set to ${value}`, (bytes) => replaced(bytes, at, () => value))),
    fc
      .tuple(position, few, byte)
      .map(([at, count, value]) =>
        step(`${count} bytes from ${at} set to ${value}`, (bytes) =>
          bytes.slice().fill(value, within(at, bytes), within(at, bytes) + count),
        ),
      ),
    fc
      .tuple(position, fc.uint8Array({ minLength: 1, maxLength: 16 }))
      .map(([at, more]) =>
        step(`${more.length} bytes inserted at ${at}`, (bytes) => insert(bytes, within(at, bytes), more)),
      ),
    fc
      .uint8Array({ minLength: 1, maxLength: 64 })
      .map((more) => step(`${more.length} bytes appended`, (bytes) => join(bytes, more))),
    fc
      .tuple(position, few)
      .map(([at, count]) =>
        step(`${count} bytes removed at ${at}`, (bytes) =>
          join(bytes.subarray(0, within(at, bytes)), bytes.subarray(within(at, bytes) + count)),
        ),
      ),
    fc.tuple(position, few, position).map(([from, count, to]) =>
      step(`${count} bytes of ${from} repeated at ${to}`, (bytes) => {
        const start = within(from, bytes);
        return insert(bytes, within(to, bytes), bytes.subarray(start, start + count));
      }),
    ),
  );
}

function fieldStep({ bytes: sample, fields }: SampleFile): fc.Arbitrary<Step> {
  const field = fc.constantFrom(...fields);
  return fc.oneof(
    {
      weight: 4,
      arbitrary: field.chain((chosen) =>
        telling(chosen, fieldValue(sample, chosen)).map((value) =>
          step(`${chosen.name} = ${value}`, (bytes) => withField(bytes, chosen, value)),
        ),
      ),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(field, field)
        .map(([a, b]) =>
          step(`${a.name} and ${b.name} swapped`, (bytes) =>
            withField(withField(bytes, a, fieldValue(bytes, b)), b, fieldValue(bytes, a)),
          ),
        ),
    },
  );
}

/** Values at which a field tends to break its reader. */
function telling({ length }: Field, value: bigint): fc.Arbitrary<bigint> {
  const bits = BigInt(8 * length);
  const largest = 2n ** bits - 1n;
  const fixed = [0n, 1n, value + 1n, value - 1n, 2n * value, largest, largest - 1n, largest / 2n, largest / 2n + 1n];
  const powers = fc.bigInt({ min: 0n, max: bits - 1n }).map((power) => 2n ** power);
  return fc.oneof(fc.constantFrom(...fixed), powers, fc.bigInt({ min: 0n, max: largest }));
}

/** 0 where the file has become too short to hold it. */
function fieldValue(bytes: Uint8Array, { offset, length }: Field): bigint {
  let value = 0n;
  for (let k = length - 1; k >= 0; k--) value = 256n * value + BigInt(bytes[offset + k] ?? 0);
  return value;
}

/** The value modulo what the field holds; nothing where the file has become too short. */
export function withField(bytes: Uint8Array, { offset, length }: Field, value: bigint): Uint8Array {
  const changed = bytes.slice();
  for (let k = 0, rest = BigInt.asUintN(8 * length, value); k < length; k++, rest >>= 8n) {
    if (offset + k < changed.length) changed[offset + k] = Number(rest & 255n);
  }
  return changed;
}

function step(story: string, apply: Step["apply"]): Step {
  return { story, apply };
}

function within(at: number, { length }: Uint8Array): number {
  return at % (length + 1);
}

function replaced(bytes: Uint8Array, at: number, change: (old: number) => number): Uint8Array {
  const changed = bytes.slice();
  if (changed.length > 0) changed[at % changed.length] = change(changed[at % changed.length]) & 255;
  return changed;
}

function insert(bytes: Uint8Array, at: number, more: Uint8Array): Uint8Array {
  return join(bytes.subarray(0, at), more, bytes.subarray(at));
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
