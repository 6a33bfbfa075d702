/**
 * Distances of pairs, by which CR-FIQA's evaluation judges a quality score: the angle as a share of a half turn, the squared distance.
 *
 * A cosine of unit rows of E numbers is off by δ = (2E + 8)·ε. The arc cosine turns that into √(2δ)·π/2 at most, next to 0 and π.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import {
  comparisonDistances,
  joinMirrored,
  type ComparisonDistance,
} from "../../src/evaluation/quality/comparisonDistances.js";
import type { Pairs } from "../../src/evaluation/pairs.js";
import { labelledEmbeddings, powersOfTwo } from "../arbitraries/embeddings.js";
import { pairsOf } from "../arbitraries/scores.js";
import { assertNear } from "../evaluation/assertions.js";
import { property } from "../property.js";

interface Compared {
  readonly rows: Float64Array;
  readonly embedding: number;
  readonly pairs: Pairs;
}

/** Rows of zeros, copies and opposites among them; an image paired with itself too. */
const compared = (): fc.Arbitrary<Compared> =>
  labelledEmbeddings().chain(({ embeddings, embedding, labels }) =>
    fc.record({
      rows: fc.constant(Float64Array.from(embeddings)),
      embedding: fc.constant(embedding),
      pairs: pairsOf(labels.length, 8),
    }),
  );
const kinds = () => fc.constantFrom<ComparisonDistance>("angle", "euclidean");

const cosineError = (embedding: number): number => (2 * embedding + 8) * Number.EPSILON;
/** Of an angle over π. */
const angleError = (embedding: number): number => Math.sqrt(2 * cosineError(embedding)) / 2;

describe("the distance of a pair", () => {
  property(
    "is the angle between its embeddings over π, 1/2 for a row of zeros; as the half angle's tangent gives it",
    [compared()],
    ({ rows, embedding, pairs }) => {
      const unit = (image: number): number[] => {
        const row = [...rows.subarray(image * embedding, (image + 1) * embedding)];
        const length = Math.hypot(...row);
        return row.map((value) => (length === 0 ? 0 : value / length));
      };
      comparisonDistances(rows, embedding, pairs).forEach((distance, p) => {
        const [x, y] = [unit(pairs.first[p]), unit(pairs.second[p])];
        const [apart, together] = [-1, 1].map((sign) => Math.hypot(...x.map((value, e) => value + sign * y[e])));
        // two rows of zeros are neither apart nor together
        const expected = apart === together ? 0.5 : (2 * Math.atan2(apart, together)) / Math.PI;
        assertNear(distance, expected, angleError(embedding), `pair ${p}`);
      });
    },
  );

  property(
    "stays in its range, and does not see which image comes first",
    [compared(), kinds()],
    ({ rows, embedding, pairs }, kind) => {
      const distances = comparisonDistances(rows, embedding, pairs, kind);
      const most = kind === "angle" ? 1 : 4 * (1 + cosineError(embedding));
      for (const distance of distances) assert.ok(distance >= 0 && distance <= most, `${distance}`);
      const turned = { ...pairs, first: pairs.second, second: pairs.first };
      assert.deepEqual(comparisonDistances(rows, embedding, turned, kind), distances);
    },
  );

  property(
    "does not see how long embeddings are, by powers of two to the last bit",
    [
      compared().chain((given) => fc.tuple(fc.constant(given), powersOfTwo(given.rows.length / given.embedding, 8))),
      kinds(),
    ],
    ([{ rows, embedding, pairs }, factors], kind) => {
      const longer = rows.map((value, i) => value * factors[Math.floor(i / embedding)]);
      assert.deepEqual(
        comparisonDistances(longer, embedding, pairs, kind),
        comparisonDistances(rows, embedding, pairs, kind),
      );
    },
  );
});

describe("embeddings joined with their mirrors'", () => {
  property(
    "are rows of 2E: each image's own, then its mirror's; an image that is its own mirror keeps its angles",
    [compared()],
    ({ rows, embedding, pairs }) => {
      const mirrored = rows.map((value, i) => 3 * value + i);
      const joined = joinMirrored(rows, mirrored, embedding);
      for (let image = 0; image < rows.length / embedding; image++) {
        const row = [rows, mirrored].flatMap((of) => [...of.subarray(image * embedding, (image + 1) * embedding)]);
        assert.deepEqual([...joined.subarray(2 * image * embedding, 2 * (image + 1) * embedding)], row);
      }
      const twice = comparisonDistances(joinMirrored(rows, rows, embedding), 2 * embedding, pairs);
      const once = comparisonDistances(rows, embedding, pairs);
      once.forEach((distance, p) => assertNear(twice[p], distance, 2 * angleError(2 * embedding), `pair ${p}`));
    },
  );
});
