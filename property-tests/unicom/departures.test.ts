/**
 * Where Unicom's public code departs from what is done here, each side shown (docs/verification.md, section B, rows 10 to 10d).
 *
 * Row 10e (the cycled beta1) is in nn/schedules, 10f (the rate of the token mask) in nn/tokenMasking.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { recallAtK, type RecallOptions } from "../../src/evaluation/recall.js";
import { cosFace, plainSoftmax } from "../../src/pfc/index.js";
import { wideHeadProblems } from "../arbitraries/headProblems.js";
import { between } from "../arbitraries/numbers.js";
import { exact } from "../engines.js";
import { answer } from "../pfc/answer.js";
import { runHeads } from "../pfc/headsOnRanks.js";
import { property } from "../property.js";

describe("row 10: the dimensions of a rank", () => {
  const problems = wideHeadProblems({
    maxRanks: 4,
    classes: fc.integer({ min: 8, max: 20 }),
    embedding: fc.constant(16),
    rows: fc.integer({ min: 1, max: 3 }),
  }).filter(({ ranks }) => ranks > 1);

  property(
    "shared, leave the loss what one rank has; each its own, as the public code draws them, make it another",
    [problems],
    async (problem) => {
      const lossOf = async (ranks: number, featureMask: "shared" | "per-rank"): Promise<number> => {
        const settings = { ratio: 1, margin: cosFace({ scale: 8 }), features: 8, featureMask };
        const [{ losses }] = (await runHeads(exact, ranks, problem, settings)).steps;
        return losses[0];
      };
      const one = await lossOf(1, "shared");
      const [shared, own] = [await lossOf(problem.ranks, "shared"), await lossOf(problem.ranks, "per-rank")];
      assert.ok(Math.abs(shared - one) < 1e-12, `shared ${shared}, one rank ${one}`);
      assert.ok(Math.abs(own - one) > 1e-9, `of their own ${own}, one rank ${one}`); // continuous in all numbers
    },
    { runs: 30 },
  );
});

describe("row 10a: a scale of 1", () => {
  const cosines = fc.array(between(-1, 1), { minLength: 2, maxLength: 6 });
  const labels = Int32Array.of(0);

  property(
    "takes the margin here; where the public code returns before it, is the plain softmax of the cosines, bit for bit",
    [cosines, between(0.1, 0.5)],
    (row, margin) => {
      const shape = [1, row.length];
      const plain = answer(exact, row, shape, (x) => plainSoftmax({ scale: 1 }).logits(x, labels));
      assert.deepEqual(plain.y, row.map((x) => x + 0)); // prettier-ignore
      assert.deepEqual(plain.gradient, row.map(() => 1)); // prettier-ignore
      const { y } = answer(exact, row, shape, (x) => cosFace({ scale: 1, margin }).logits(x, labels));
      assert.ok(Math.abs(y[0] - (row[0] - margin)) < 1e-15, `${y[0]}, not ${row[0]} - ${margin}`);
      assert.deepEqual(y.slice(1).map((x) => x + 0), row.slice(1).map((x) => x + 0)); // prettier-ignore
    },
  );
});

/** Of a query, or of several in themselves. */
async function recallOf(options: Omit<RecallOptions, "ks" | "unanswerable">): Promise<number> {
  return (await recallAtK({ ...options, ks: [1], unanswerable: "missed" })).recall[0].recall;
}

describe("row 10b: embeddings cut after they are brought to length one", () => {
  property(
    "are ranked by what is left of their length: an image of the query's very direction loses to a longer one beside it",
    [between(0.05, 0.5), between(0.01, 0.3)],
    async (left, angle) => {
      // what is left of the right image is (left, 0): 1 - left away; of the wrong one a unit vector, 2 sin(angle/2) away
      const gallery = {
        embeddings: Float64Array.of(left, 0, Math.sqrt(1 - left ** 2), Math.cos(angle), Math.sin(angle), 0),
        labels: [7, 8],
      };
      const query = { embeddings: Float64Array.of(1, 0, 0), labels: [7], embedding: 3, gallery, dimensions: 2 };
      assert.equal(await recallOf({ ...query, convention: "normaliseThenSlice" }), 0);
      assert.equal(await recallOf({ ...query, convention: "sliceThenNormalise" }), 1);
      assert.equal(await recallOf(query), 1, "the default");
    },
  );
});

describe("row 10c: the nearest image, taken for the query itself", () => {
  property(
    "is another one where two are equal: the query then finds itself, and counts as a hit that is none",
    [between(0.3, 3)],
    async (angle) => {
      // equal images of classes 8 and 7, and another of class 7 somewhere else
      const embeddings = Float64Array.of(1, 0, 1, 0, Math.cos(angle), Math.sin(angle));
      const set = { embeddings, labels: [8, 7, 7], embedding: 2 };
      // left out by its number, image 1 finds image 0, and so does image 2; image 0 has nothing to find
      assert.equal(await recallOf(set), 0);
      assert.equal(await recallOf({ ...set, exclude: "nearest" }), 1 / 3); // image 1, in itself
    },
  );
});
