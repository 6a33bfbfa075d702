/** Image and text features of pairs as one row: its direction, its length, and what it cannot depend on. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { fuseModalities, type Features, type Fusion } from "../../src/unicom/index.js";
import { rowsOf } from "../arbitraries/embeddings.js";
import { property } from "../property.js";

const UNIT32 = 2 ** -24;
const FUSIONS: readonly Fusion[] = ["image", "text", "average", "concat"];

interface Pairs {
  readonly image: Features;
  readonly text: Features;
}

const features = (rows: number, columns: number): fc.Arbitrary<Features> =>
  rowsOf(rows, columns).map((values) => ({ values: Float32Array.from(values), columns }));
/** Of one number of columns on both sides, as an average needs. */
const pairs: fc.Arbitrary<Pairs> = fc
  .tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 5 }))
  .chain(([rows, columns]) => fc.record({ image: features(rows, columns), text: features(rows, columns) }));

const rowsIn = ({ values, columns }: Features): number[][] =>
  Array.from({ length: values.length / columns }, (_, row) => [...values.subarray(row * columns, (row + 1) * columns)]);

/** x / ‖x‖; zeros of zeros. */
function unit(row: readonly number[]): number[] {
  const length = Math.hypot(...row);
  return row.map((value) => (length === 0 ? 0 : value / length));
}

/** In float64. */
function expectedRow(image: readonly number[], text: readonly number[], fusion: Fusion): number[] {
  const [a, b] = [unit(image), unit(text)];
  if (fusion === "image") return a;
  if (fusion === "text") return b;
  return unit(fusion === "concat" ? [...a, ...b] : a.map((value, k) => (value + b[k]) / 2));
}

describe("fused features", () => {
  property(
    "are the definition's rows, of length one or zero",
    [pairs, fc.constantFrom(...FUSIONS)],
    (given, fusion) => {
      const fused = fuseModalities(given, fusion);
      const [images, texts] = [rowsIn(given.image), rowsIn(given.text)];
      const found = rowsIn(fused);
      let without = 0;
      for (const [row, image] of images.entries()) {
        const expected = expectedRow(image, texts[row], fusion);
        const sides = expected.length === 0 ? [] : unit(image).map((value, k) => Math.abs(value + unit(texts[row])[k]));
        // two sides that nearly cancel leave the rounding of float32 of each, made as long as what is left
        const left = fusion === "average" ? Math.hypot(...sides) / 2 : 1;
        if (found[row].every((value) => value === 0)) without++;
        if (left > 0 && left < 1e-3) continue;
        for (const [k, value] of expected.entries()) {
          // what cancels to the last bit does so in float32 too: nothing is left, and nothing is made of it
          const allowed = left === 0 ? 0 : (4 * UNIT32) / left;
          if (Math.abs(found[row][k] - value) > allowed)
            assert.fail(`row ${row}, column ${k}: ${found[row][k]}, not ${value}`);
        }
      }
      assert.equal(fused.withoutDirection, without);
    },
  );

  property(
    "do not see how long features are, and averages not which side is which",
    [pairs, fc.constantFrom(...FUSIONS), fc.constantFrom(0.25, 2, 64)],
    ({ image, text }, fusion, factor) => {
      const longer = { ...image, values: image.values.map((value) => factor * value) }; // powers of two: no rounding
      assert.deepEqual(fuseModalities({ image: longer, text }, fusion), fuseModalities({ image, text }, fusion));
      const turned = fuseModalities({ image: text, text: image }, "average");
      assert.deepEqual(turned, fuseModalities({ image, text }, "average"));
    },
  );

  property(
    "side by side have as inner product the mean of the cosines of images and of texts",
    [pairs.filter(({ image, text }) => [image, text].every((side) => rowsIn(side).every((row) => Math.hypot(...row) > 0)))], // prettier-ignore
    ({ image, text }) => {
      const found = rowsIn(fuseModalities({ image, text }, "concat"));
      const [images, texts] = [rowsIn(image).map(unit), rowsIn(text).map(unit)];
      const dot = (a: readonly number[], b: readonly number[]): number =>
        a.reduce((sum, value, k) => sum + value * b[k], 0);
      for (const i of found.keys()) {
        for (const j of found.keys()) {
          const mean = (dot(images[i], images[j]) + dot(texts[i], texts[j])) / 2;
          const off = Math.abs(dot(found[i], found[j]) - mean);
          if (off > 8 * UNIT32) assert.fail(`rows ${i} and ${j}: ${dot(found[i], found[j])}, not ${mean}`);
        }
      }
    },
  );

  property(
    "of a pair of equal directions are that direction, whatever the fusion of one space",
    [features(5, 3), fc.constantFrom(0.5, 1, 8)],
    (image, factor) => {
      const text = { ...image, values: image.values.map((value) => factor * value) };
      const [first, ...others] = (["image", "text", "average"] as const).map((fusion) =>
        rowsIn(fuseModalities({ image, text }, fusion)),
      );
      for (const other of others) {
        for (const [row, values] of other.entries()) {
          for (const [k, value] of values.entries()) {
            if (Math.abs(value - first[row][k]) > 2 * UNIT32) assert.fail(`row ${row}: ${value}, not ${first[row][k]}`);
          }
        }
      }
    },
  );
});
