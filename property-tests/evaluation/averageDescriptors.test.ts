/** Descriptors of several sizes: no size outweighs another, and what comes out has length one. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { averageDescriptors, l2n } from "../../src/evaluation/averageDescriptors.js";
import { dot, unitRows } from "../../test/evaluation/embeddings.js";
import { powersOfTwo, rowsOf } from "../arbitraries/embeddings.js";
import { property } from "../property.js";
import { assertNear } from "./assertions.js";

interface Sizes {
  readonly perScale: readonly Float64Array[];
  readonly count: number;
  readonly embedding: number;
}

const sizes = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }))
  .chain(([scales, count, embedding]) =>
    fc.record({
      perScale: fc.array(rowsOf(count, embedding), { minLength: scales, maxLength: scales }),
      ...{ count: fc.constant(count), embedding: fc.constant(embedding) },
    }),
  );

/** The sum of the unit descriptors of an image. */
function sumOf({ perScale, embedding }: Sizes, image: number): number[] {
  const units = perScale.map(
    (embeddings) => unitRows({ embeddings, embedding, labels: new Int32Array(embeddings.length / embedding) })[image],
  );
  return Array.from({ length: embedding }, (_, e) => units.reduce((sum, unit) => sum + unit[e], 0));
}

const lengthOf = (row: readonly number[]): number => Math.sqrt(dot(row, row));

describe("descriptors of several sizes", () => {
  property("are averaged after each has length one, and the average has length one", [sizes], (all) => {
    const average = averageDescriptors(all.perScale, all.embedding);
    for (let image = 0; image < all.count; image++) {
      const row = Array.from(average.subarray(image * all.embedding, (image + 1) * all.embedding));
      const sum = sumOf(all, image);
      const length = lengthOf(sum);
      // opposite descriptors: what is left is rounding, or nothing
      if (length < 1e-3) continue;
      // each of up to five units is off by a few units in the last place, and so is the sum, of length ≥ 1e-3
      row.forEach((value, e) => assertNear(value, sum[e] / length, 64 * (Number.EPSILON / 1e-3)));
      assertNear(lengthOf(row), 1, 8 * Number.EPSILON, "length");
    }
  });

  property(
    "do not weigh by their lengths",
    [sizes.chain((all) => fc.tuple(fc.constant(all), powersOfTwo(all.perScale.length * all.count)))],
    ([{ perScale, count, embedding }, factors]) => {
      const scaled = perScale.map((rows, s) =>
        rows.map((value, i) => value * factors[s * count + Math.floor(i / embedding)]),
      );
      assert.deepEqual(averageDescriptors(scaled, embedding), averageDescriptors(perScale, embedding));
    },
  );

  property("of one size are the descriptors brought to length one", [sizes], ({ perScale, embedding }) => {
    const [embeddings] = perScale;
    const labels = new Int32Array(embeddings.length / embedding);
    const unit = unitRows({ embeddings, embedding, labels }).flat();
    averageDescriptors([embeddings], embedding).forEach((value, i) => {
      assertNear(value, unit[i], 8 * Number.EPSILON); // normalised twice
    });
  });
});

describe("l2n", () => {
  property(
    "makes a row of length n one of length n / (n + ε), in the same direction",
    [sizes, fc.constantFrom(1e-6, 0.5, 4)],
    ({ perScale: [rows], embedding, count }, epsilon) => {
      const shortened = l2n(rows, embedding, epsilon);
      for (let image = 0; image < count; image++) {
        const [row, result] = [rows, shortened].map((all) =>
          Array.from(all.subarray(image * embedding, (image + 1) * embedding)),
        );
        const length = lengthOf(row);
        const factor = 1 / (length + epsilon);
        result.forEach((value, e) => assertNear(value, row[e] * factor, 8 * Number.EPSILON));
        assertNear(lengthOf(result), length / (length + epsilon), 8 * Number.EPSILON);
      }
    },
  );
});
