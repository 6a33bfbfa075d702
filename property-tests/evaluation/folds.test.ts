/** Contiguous folds, and the counting of accepted pairs in steps of the threshold. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { acceptedCounts, foldRanges, meanAndDeviation } from "../../src/evaluation/folds.js";
import { property } from "../property.js";
import { assertNear, assertNotAbove } from "./assertions.js";
import { evenly } from "../arbitraries/numbers.js";

/** Squared distances of unit rows, those on a step of the threshold and those beside it among them. */
const distance = fc.oneof(
  evenly(0, 4),
  fc.integer({ min: 0, max: 400 }).map((step) => step * 0.01),
  fc.integer({ min: 0, max: 400 }).map((step) => step * 0.01 * (1 + Number.EPSILON)),
  fc.constantFrom(0, 1, 2, 4, -1e-17, 4 + 1e-15),
);

describe("folds", () => {
  property(
    "partition the pairs in order, sizes differ by at most one, longer folds first",
    [fc.integer({ min: 2, max: 15 }), fc.nat({ max: 60 })],
    (folds, more) => {
      const pairs = folds + more;
      const ranges = foldRanges(pairs, folds);
      const members = ranges.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i));
      assert.deepEqual(members, Array.from({ length: pairs }, (_, p) => p)); // prettier-ignore
      const sizes = ranges.map(({ start, end }) => end - start);
      assert.equal(sizes.length, folds);
      sizes.forEach((size, k) => {
        assertNotAbove(size, sizes[Math.max(0, k - 1)], `size of fold ${k}`);
        assertNotAbove(sizes[0] - 1, size, `size of fold ${k}`);
      });
    },
  );

  property(
    "count the pairs strictly below each threshold",
    [fc.array(fc.tuple(distance, fc.integer({ min: 0, max: 1 })), { minLength: 1, maxLength: 20 }), fc.nat(), fc.nat()],
    (pairs, a, b) => {
      const [start, end] = [a % (pairs.length + 1), b % (pairs.length + 1)].sort((x, y) => x - y);
      const thresholds = Float64Array.from({ length: 400 }, (_, t) => t * 0.01);
      const distances = Float64Array.from(pairs, ([value]) => value);
      const same = pairs.map(([, kind]) => kind);
      const counts = acceptedCounts(distances, same, { start, end }, thresholds);
      const below = (kind: number) =>
        thresholds.map((t) => pairs.slice(start, end).filter(([d, k]) => k === kind && d < t).length);
      assert.deepEqual([counts.genuineAccepted, counts.impostorAccepted], [below(1), below(0)]);
      assert.equal(counts.genuine, same.slice(start, end).filter((kind) => kind === 1).length);
      assert.equal(counts.genuine + counts.impostor, end - start);
    },
  );

  property(
    "have a deviation that does not see a shift and scales with the values",
    [fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 1, maxLength: 12 })],
    (values) => {
      const { mean, deviation } = meanAndDeviation(values);
      const n = values.length;
      // over all ordered pairs the mean of (x − y)² is twice the population variance
      const squares = values.flatMap((x) => values.map((y) => (x - y) ** 2)).reduce((sum, square) => sum + square, 0);
      // n terms of size ≤ 200², each rounded a few times
      const tolerance = 4 * n * 200 ** 2 * Number.EPSILON;
      assertNear(mean * n, values.reduce((sum, value) => sum + value, 0), 100 * n * 2 * Number.EPSILON, "mean"); // prettier-ignore
      assertNear(deviation ** 2, squares / (2 * n * n), tolerance, "variance");
    },
  );
});
