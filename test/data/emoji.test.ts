import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { emojiText } from "../../src/data/emoji.js";
import { EMOJI_GROUPS, EMOJI_STYLES, parseEmojiClasses } from "../../src/data/emojiClasses.js";
import type { ImageSet } from "../../src/data/ImageSet.js";
import { openDataSet } from "../../src/data/openDataSet.node.js";
import { openEmoji } from "../../src/data/openEmoji.node.js";
import { recallAtK } from "../../src/evaluation/recall.js";
import { pixelFeatures } from "../../src/data/pixelFeatures.js";
import { ipkBytes } from "./miniatures.js";

const CLASSES = 24;
const classes = Array.from({ length: CLASSES }, (_, i) => ({
  code: i.toString(16),
  name: `thing ${i}`,
  group: EMOJI_GROUPS[i % EMOJI_GROUPS.length],
  keywords: [`thing_${i}`, "small"],
  split: i % 4 === 3 ? "test" : "train",
}));
const list = { vendors: EMOJI_STYLES, classes };

/** Style number s lacks class s; a pixel tells class, style and channel. */
function styleFile(style: number, labels?: number[][]): Uint8Array {
  const drawn = labels ?? Array.from({ length: CLASSES }, (_, i) => [i, style]).filter(([label]) => label !== style);
  const sample = (image: number, channel: number): number => 10 * drawn[image][0] + drawn[image][1] + channel;
  return gzipSync(ipkBytes({ height: 4, width: 4, channels: 3, bits: 8, labels: drawn, sample }));
}

/** Every image's class and style, and whether its pixels are those of both. */
async function contents(set: ImageSet): Promise<[label: number, style: number][]> {
  const image = new Float32Array(3 * set.height * set.width);
  const found: [number, number][] = [];
  for (let i = 0; i < set.count; i++) {
    await set.read(i, image);
    const [label, style] = [set.columns.class[i], set.columns.style[i]];
    assert.equal(set.columns.group[i], label % EMOJI_GROUPS.length);
    for (const channel of [0, 1, 2]) {
      assert.equal(Math.round(255 * image[channel * set.height * set.width]), 10 * label + style + channel);
    }
    found.push([label, style]);
  }
  return found;
}

describe("emoji", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "emoji-"));
    for (const [number, style] of EMOJI_STYLES.entries()) {
      await writeFile(join(folder, `emoji-${style}.ipk.gz`), styleFile(number));
    }
    await writeFile(join(folder, "emoji-classes.json"), JSON.stringify(list));
  });
  after(() => rm(folder, { recursive: true }));

  it("are split as the list says, all styles in every part", async () => {
    for (const holdOut of [false, true]) {
      const { train, validation, test } = await openEmoji(folder, { side: 4, holdOut });
      const parts = await Promise.all([train, validation, test].map(async (part) => (part ? contents(part) : [])));
      const all = parts.flat().sort(([a, s], [b, t]) => a - b || s - t);
      const expected = Array.from({ length: CLASSES * 6 }, (_, i) => [Math.floor(i / 6), i % 6]);
      assert.deepEqual(
        all,
        expected.filter(([label, style]) => label !== style),
      );
      const labels = parts.map((part) => [...new Set(part.map(([label]) => label))].sort((a, b) => a - b));
      assert.deepEqual(labels[2], [3, 7, 11, 15, 19, 23]);
      assert.deepEqual(labels[1], holdOut ? [1, 9, 17] : []);
      assert.equal(labels[0].length, holdOut ? 15 : 18);
    }
  });
  it("know what is written of each class, by the number in the files, turned or not", async () => {
    const set = await openDataSet({ name: "emoji", data: folder, side: 2, rotations: true });
    assert.deepEqual([set.train.classes, set.test.classes, set.train.channels, set.train.height], [72, 6, 3, 2]);
    const last = set.train.count - 1;
    assert.equal(set.texts![set.train.columns.class[last]], "thing 22 thing 22 small");
    assert.equal(emojiText({ name: "a", keywords: ["b_c", "d"] }), "a b c d");
  });
  it("are told from other files, and a missing one is named", async () => {
    const wrong = async (file: string, bytes: Uint8Array | string, message: RegExp): Promise<void> => {
      const path = await mkdtemp(join(folder, "wrong-"));
      for (const [number, style] of EMOJI_STYLES.entries()) {
        await writeFile(join(path, `emoji-${style}.ipk.gz`), styleFile(number));
      }
      await writeFile(join(path, "emoji-classes.json"), JSON.stringify(list));
      await writeFile(join(path, file), bytes);
      await assert.rejects(openEmoji(path), message);
    };
    await wrong(
      "emoji-blob.ipk.gz",
      styleFile(5),
      /emoji-blob\.ipk\.gz: the style blob has number 4, but image 0 has 5/,
    );
    await wrong(
      "emoji-noto.ipk.gz",
      styleFile(0, [[CLASSES, 0]]),
      /noto.*has 24 classes, 0 \.\. 23, but image 0 has 24/,
    );
    await wrong("emoji-noto.ipk.gz", styleFile(0, [[1]]), /noto\.ipk\.gz: .*has 2 label columns \(class, style\)/);
    await wrong("emoji-classes.json", "{", /emoji-classes\.json: the file is no JSON/);
    const empty = await mkdtemp(join(folder, "empty-"));
    await assert.rejects(openEmoji(empty), /emoji-noto\.ipk\.gz: cannot be read/);
    await assert.rejects(
      openDataSet({ name: "emoji", data: empty }),
      /"emoji": the folder .* has no file emoji-noto\.ipk\.gz/,
    );
  });
  it("have a list of classes in which every field is what it should be", () => {
    const parse = (given: unknown): unknown => parseEmojiClasses(JSON.stringify(given), "list.json");
    assert.deepEqual(parse(list), classes);
    const withClass = (changes: object): unknown => ({ ...list, classes: [classes[0], { ...classes[1], ...changes }] });
    const refused: [given: unknown, message: RegExp][] = [
      [null, /"vendors" lists the styles noto, /],
      [{ ...list, vendors: ["noto"] }, /"vendors" lists/],
      [{ ...list, classes: {} }, /"classes" is a list/],
      [{ ...list, classes: [null] }, /class 0: "code" and "name" are texts/],
      [withClass({ name: 3 }), /list\.json: class 1: "code" and "name" are texts/],
      [withClass({ group: "Birds" }), /class 1: "group" is one of Smileys & Emotion, /],
      [withClass({ keywords: "small" }), /class 1: "keywords" is a list of texts/],
      [withClass({ split: "validation" }), /class 1: "split" is "train" or "test"/],
    ];
    for (const [given, message] of refused) assert.throws(() => parse(given), message);
  });
});

describe("the published emoji", { skip: process.env.PFC_DATA ? false : "PFC_DATA names no folder" }, () => {
  it("are 1,897 classes, 474 of them for the test and 237 held out on request, with the floor of raw pixels", async () => {
    const set = await openEmoji(process.env.PFC_DATA!, { holdOut: true });
    const numbers = (part: ImageSet): number[] => [part.count, part.classes];
    assert.deepEqual(numbers(set.test), [2452, 474]);
    assert.equal(set.train.count + set.validation!.count, 7347);
    assert.deepEqual([set.train.classes, set.validation!.classes], [1423 - 237, 237]);
    assert.equal(new Set(set.texts).size, 1897);
    // numpy, from the container's description: 38.68 % of the 1,228 held-out images have an image of their class nearest
    const embeddings = await pixelFeatures(set.validation!);
    const { recall } = await recallAtK({ embeddings, labels: set.validation!.labels, embedding: 768, ks: [1] });
    assert.equal(Math.round(recall[0].recall * set.validation!.count), 475);
  });
});
