/** The parts of the emoji set: each image in one, as its class is named in the list, every style in every part; held-out classes are no test's. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { emoji } from "../../src/data/emoji.js";
import { EMOJI_GROUPS, EMOJI_STYLES, type EmojiClass, type EmojiStyle } from "../../src/data/emojiClasses.js";
import type { ImageSet } from "../../src/data/ImageSet.js";
import type { IpkImages } from "../../src/data/readIpk.js";
import { property } from "../property.js";

interface Drawn {
  /** Whether each class is the test's. */
  readonly isTest: readonly boolean[];
  /** Which classes each style draws, in no order. */
  readonly drawings: readonly (readonly number[])[];
}

/** Two classes at least for training, one of them (class 1) held out, and two for the test. */
const lists: fc.Arbitrary<Drawn> = fc
  .array(fc.boolean(), { minLength: 8, maxLength: 30 })
  .map((isTest) => [false, false, true, true, ...isTest])
  .chain((isTest) => {
    const all = [...isTest.keys()];
    const style = fc.shuffledSubarray(all, { minLength: all.length - 3 });
    return fc.record({
      isTest: fc.constant(isTest),
      drawings: fc.array(style, { minLength: EMOJI_STYLES.length, maxLength: EMOJI_STYLES.length }),
    });
  });

/** A file of one style; its pixels are all its class's number / 255. */
function fileOf(style: number, drawing: readonly number[]): IpkImages {
  const columns = [Int32Array.from(drawing), Int32Array.from(drawing, () => style)];
  return {
    ...{ name: EMOJI_STYLES[style], count: drawing.length, height: 2, width: 2, channels: 3, bits: 8 },
    ...{ labelColumns: 2, bytes: 0, label: (k) => columns[k] },
    read: (index, out, offset = 0) => void out.fill(drawing[index] / 255, offset, offset + 12),
  };
}

async function classesIn(part: ImageSet): Promise<number[]> {
  const image = new Float32Array(12);
  const found: number[] = [];
  for (let i = 0; i < part.count; i++) {
    await part.read(i, image);
    found.push(Math.round(255 * image[0]));
  }
  return found;
}

describe("the parts of the emoji set", () => {
  property(
    "hold every drawing once: the test's as the list says, of the others each eighth class where some are held out",
    [lists, fc.boolean()],
    async ({ isTest, drawings }, holdOut) => {
      const classes = isTest.map((test, i): EmojiClass => ({
        ...{ code: i.toString(16), name: `thing ${i}`, group: EMOJI_GROUPS[i % 9], keywords: [] },
        split: test ? "test" : "train",
      }));
      const files = Object.fromEntries(EMOJI_STYLES.map((style, s) => [style, fileOf(s, drawings[s])])) as Record<EmojiStyle, IpkImages>; // prettier-ignore
      const isHeldOut = (label: number): boolean => holdOut && !isTest[label] && label % 8 === 1;
      const { train, validation, test } = emoji(files, classes, { side: 2, holdOut });
      const expected = (keep: (label: number) => boolean): [number, number][] =>
        drawings.flatMap((drawing, style) => drawing.filter(keep).map((label): [number, number] => [label, style]));
      const parts: [ImageSet | undefined, (label: number) => boolean][] = [
        [train, (label) => !isTest[label] && !isHeldOut(label)],
        [validation, isHeldOut],
        [test, (label) => isTest[label]],
      ];
      assert.equal(validation !== undefined, holdOut);
      for (const [part, keep] of parts) {
        if (part === undefined) continue;
        const wanted = expected(keep);
        assert.deepEqual(await classesIn(part), wanted.map(([label]) => label)); // prettier-ignore
        assert.deepEqual([...part.columns.class], wanted.map(([label]) => label)); // prettier-ignore
        assert.deepEqual([...part.columns.style], wanted.map(([, style]) => style)); // prettier-ignore
        assert.deepEqual([...part.columns.group], wanted.map(([label]) => label % 9)); // prettier-ignore
      }
    },
    { runs: 40 },
  );
});
