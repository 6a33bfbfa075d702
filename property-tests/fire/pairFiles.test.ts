/**
 * Damaged verification files (`.bin`): pickles, that is programs. Any byte at any place, lengths of any size, names of any function
 * of Python, values that hold themselves, brackets without end.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readVerificationPairs, type VerificationPairs } from "../../src/data/verificationPairs.js";
import { mutant, mutants, randomBytes, type Field, type SampleFile } from "../arbitraries/byteMutations.js";
import { property } from "../property.js";
import { underFire } from "./underFire.js";

const NAME = "lfw.bin";

/** Instructions as text of one character a byte. */
const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));

/** Two images, one pair, as Python 2 writes them with protocol 0. */
const protocol0 = latin1("((lp0\nS'ab\\xff'\np1\naS'c'\np2\na(lp3\nI01\natp4\n.");

/** As Python 3 writes them with protocol 4: a frame, byte strings of short and of long form, one of them shown again. */
const content = "]\x94(C\x03ab\xff\x94B\x02\0\0\0cd\x94h\x01h\x02e]\x94(\x88\x89e\x86\x94.";
const protocol4 = latin1(`\x80\x04\x95${String.fromCharCode(content.length)}\0\0\0\0\0\0\0${content}`);

/** As Python 2 writes NumPy arrays of bytes with protocol 2; the second is the first once more. */
const array =
  "cnumpy.core.multiarray\n_reconstruct\nq\x00cnumpy\nndarray\nq\x01K\x00\x85U\x01b\x87R" +
  "(K\x01K\x03\x85cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x03abctbq\x05";
const protocol2 = latin1(`\x80\x02]${array}ah\x05a]\x88a\x86.`);

/** As Python 3 writes byte strings with protocol 2: as text that is encoded. */
const encoded = "c_codecs\nencode\nX\x04\0\0\0ab\xc3\xbfX\x06\0\0\0latin1\x86R";
const encodedPairs = latin1(`\x80\x02]${encoded}a${encoded}a]\x89a\x86.`);

const lengthAt = (offset: number, length: Field["length"]): Field => ({ name: `length at ${offset}`, offset, length });
const samples: readonly SampleFile[] = [
  { bytes: protocol0, fields: [] },
  { bytes: protocol4, fields: [lengthAt(3, 8), lengthAt(15, 1), lengthAt(21, 4)] },
  { bytes: protocol2, fields: [lengthAt(protocol2.indexOf(0x55) + 1, 1), lengthAt(protocol2.indexOf(0x4a) + 1, 4)] },
  { bytes: encodedPairs, fields: [lengthAt(encodedPairs.indexOf(0x58) + 1, 4)] },
];

async function fire(bytes: Uint8Array): Promise<void> {
  await underFire({ name: NAME, size: bytes.length }, () => readVerificationPairs(bytes, NAME), checkPairs);
}

function checkPairs({ images, same }: VerificationPairs): void {
  assert.equal(images.length, 2 * same.length);
  assert.ok(images.every((image) => image instanceof Uint8Array));
  assert.ok(same.every((truth) => truth === 0 || truth === 1));
}

/** What a pickle must not get hold of. */
const FAMOUS: readonly [module: string, name: string][] = [
  ["os", "system"],
  ["posix", "system"],
  ["nt", "system"],
  ["subprocess", "Popen"],
  ["builtins", "eval"],
  ["builtins", "exec"],
  ["builtins", "getattr"],
  ["__builtin__", "eval"],
  ["copyreg", "_reconstructor"],
  ["numpy", "load"],
  ["numpy.core.multiarray", "__builtins__"],
  ["numpy.core.multiarray", "fromfile"],
  ["numpy._core.multiarray", "_reconstruct.__globals__"],
  ["numpy", "core.multiarray._reconstruct"],
  ["_codecs", "lookup"],
  ["_codecs encode", ""],
  ["", "_codecs encode"],
  ["numpy ndarray", ""],
  ["__proto__", "constructor"],
];
const LISTED = ["_codecs encode", "numpy ndarray", "numpy dtype"];

const part = fc.oneof(
  fc.constantFrom("os", "numpy", "numpy.core.multiarray", "_codecs", "system", "encode", "eval", "constructor"),
  fc.string({ unit: "grapheme-ascii", maxLength: 20 }),
);
const globals = fc
  .oneof(fc.constantFrom(...FAMOUS), fc.tuple(part, part))
  .filter(
    ([module, name]) =>
      !/\n/.test(module + name) && !LISTED.includes(`${module} ${name}`) && !/^numpy\._?core\./.test(module),
  )
  .map(([module, name]): [string, string] => [module, name]);

/** Names it in the two ways that pickles have, calls it, and ends. */
function calling(module: string, name: string, stacked: boolean): Uint8Array {
  const text = (value: string): string => `X${String.fromCharCode(value.length)}\0\0\0${value}`;
  const named = stacked ? `${text(module)}${text(name)}\x93` : `c${module}\n${name}\n`;
  return latin1(`\x80\x04${named}${text("echo")}\x85R.`);
}

/** `count` is the length of the file, about. */
const BOMBS: Readonly<Record<string, (count: number) => string>> = {
  "lists in lists": (count) => `${"]".repeat(count)}${"a".repeat(count - 1)}.`,
  "tuples in tuples": (count) => `)${"\x85".repeat(count)}.`,
  "marks without end": (count) => `${"(".repeat(count)}t.`,
  "a mark closed again and again": (count) => `${"(t".repeat(count)}.`,
  "a list in itself": (count) => `]q\0${"h\0a".repeat(count)}.`,
  "each list twice in the next": (count) => `]q\0${Array.from({ length: count }, () => "]q\x01(h\0h\0eq\0").join("")}.`,
  "a text encoded again and again": (count) =>
    `c_codecs\nencode\nq\0X\xe8\x03\0\0${"x".repeat(1000)}q\x01X\x06\0\0\0latin1q\x02${"h\0h\x01h\x02\x86Rq\x03".repeat(count)}.`,
  "an array with a long shape": (count) =>
    `${array.slice(0, array.indexOf("(K\x01K\x03"))}(K\x01(${"K\x01".repeat(count)}tNNNtb.`,
  "an array called for again and again": (count) =>
    `]${array}a${"h\x05a".repeat(count)}](${"\x88".repeat(count)}e\x86.`,
  "memory at every place": (count) => `N${Array.from({ length: count }, (_, i) => `p${i * 1_000_003}\n`).join("")}.`,
};

describe("pair files under fire", () => {
  it("the sound files are read: two images a pair, in all protocols", () => {
    for (const { bytes } of samples) assert.ok(readVerificationPairs(bytes, NAME).same.length > 0);
  });

  property(
    "a damaged pickle is read in full or refused by name",
    [fc.constantFrom(...samples).chain(mutants)],
    ({ bytes }) => fire(bytes),
    {
      runs: 500,
    },
  );

  it("every byte at every place is read or refused", async () => {
    for (const { bytes } of samples.slice(0, 2)) {
      for (let at = 0; at < bytes.length; at++) {
        for (let code = 0; code < 256; code++) {
          const changed = bytes.slice();
          changed[at] = code;
          await fire(changed);
        }
      }
    }
  });

  property("bytes of no kind are refused", [randomBytes(protocol4.subarray(0, 14))], ({ bytes }) => fire(bytes), {
    runs: 200,
  });

  property(
    "every name that is not on the list is refused by name, whatever way it is written",
    [globals, fc.boolean()],
    ([module, name], stacked) => {
      const refusal = `the pickle asks for ${module}.${name}`.slice(0, 90);
      assert.throws(
        () => readVerificationPairs(calling(module, name, stacked), NAME),
        ({ message }: Error) => message.includes(NAME) && message.includes(refusal) && /refuses/.test(message),
      );
    },
    { runs: 200 },
  );

  property(
    "a pickle made to swell, to nest or to go round in circles ends soon, with little memory",
    [fc.constantFrom(...Object.keys(BOMBS)), fc.integer({ min: 1, max: 60_000 })],
    (kind, count) => fire(mutant(latin1(`\x80\x02${BOMBS[kind](count)}`), kind).bytes),
    { runs: 60 },
  );
});
