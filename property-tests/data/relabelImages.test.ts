/** Pseudo-classes in place of true ones: who stays, what they are called, and that nothing else of an image changes. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { byteImageSet, type HostImageSet } from "../../src/data/ImageSet.js";
import { relabelImages } from "../../src/data/relabelImages.js";
import { property } from "../property.js";

/** Images of one pixel that tells their number, with classes and a column. */
function setOf(classes: readonly number[]): HostImageSet {
  return byteImageSet({
    ...{ name: "numbered", height: 1, width: 1, channels: 1 },
    pixels: Uint8Array.from(classes, (_, image) => image),
    labels: Int32Array.from(classes),
    columns: { writer: Int32Array.from(classes, (_, image) => 1000 - image) },
  });
}

/** The numbers of its images, as their pixels tell them. */
function numbersOf(set: ReturnType<typeof setOf>): number[] {
  const pixel = new Float32Array(1);
  return Array.from({ length: set.count }, (_, image) => {
    set.read(image, pixel);
    return Math.round(255 * pixel[0]);
  });
}

/** A true class and a label of every image; one label at least is none of −1. */
const labelled = fc
  .array(fc.tuple(fc.nat({ max: 5 }), fc.integer({ min: -1, max: 9 })), { minLength: 1, maxLength: 30 })
  .filter((images) => images.some(([, label]) => label >= 0));

describe("relabelled images", () => {
  property(
    "are those with a label, in their order, with their pixels, columns and true classes",
    [labelled],
    (images) => {
      const set = setOf(images.map(([truth]) => truth));
      const found = relabelImages(set, images.map(([, label]) => label), "pseudo"); // prettier-ignore
      const kept = [...images.keys()].filter((image) => images[image][1] >= 0);
      assert.deepEqual(numbersOf(found), kept);
      assert.deepEqual([...found.columns.trueClass], kept.map((image) => images[image][0])); // prettier-ignore
      assert.deepEqual([...found.columns.writer], kept.map((image) => 1000 - image)); // prettier-ignore
      assert.deepEqual([...set.labels], images.map(([truth]) => truth), "the set itself stays as it is"); // prettier-ignore
    },
  );

  property(
    "are of one class where their labels are one, of classes without gaps, in the order of the labels",
    [labelled],
    (images) => {
      const found = relabelImages(setOf(images.map(([truth]) => truth)), images.map(([, label]) => label), "pseudo"); // prettier-ignore
      const labels = images.map(([, label]) => label).filter((label) => label >= 0);
      const distinct = [...new Set(labels)].sort((a, b) => a - b);
      assert.equal(found.classes, distinct.length);
      assert.deepEqual([...found.labels], labels.map((label) => distinct.indexOf(label))); // prettier-ignore
    },
  );

  property(
    "do not see what a label is called as long as the order of the labels stays, and are as before under their true classes",
    [labelled, fc.integer({ min: 1, max: 1000 })],
    (images, factor) => {
      const set = setOf(images.map(([truth]) => truth));
      const labels = images.map(([, label]) => label);
      const stretched = labels.map((label) => (label < 0 ? -1 : factor * label + 3));
      const [plain, other] = [labels, stretched].map((given) => relabelImages(set, given, "pseudo"));
      assert.deepEqual(other.labels, plain.labels);
      assert.equal(other.classes, plain.classes);
      const back = relabelImages(set, set.labels, "true");
      assert.deepEqual(numbersOf(back), [...images.keys()]);
      for (const [a, b] of [...set.labels.keys()].map((image) => [image, 0])) {
        assert.equal(back.labels[a] === back.labels[b], set.labels[a] === set.labels[b], `images ${a} and ${b}`);
      }
    },
  );

  property(
    "are refused where labels are too few, too many, broken or all −1",
    [labelled, fc.constantFrom(-2, 0.5, NaN, 2 ** 32), fc.nat()],
    (images, wrong, at) => {
      const set = setOf(images.map(([truth]) => truth));
      const labels = images.map(([, label]) => label);
      const refused = (given: readonly number[], message: RegExp): void =>
        assert.throws(() => relabelImages(set, given, "pseudo"), message);
      refused(labels.slice(1), /one label an image is needed/);
      refused([...labels, 0], /one label an image is needed/);
      refused(labels.with(at % labels.length, wrong), new RegExp(`image ${at % labels.length} has ${wrong}`));
      refused(labels.map(() => -1), /has a label/); // prettier-ignore
    },
  );
});
