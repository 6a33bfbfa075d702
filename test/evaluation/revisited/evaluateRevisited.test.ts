import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { evaluateRevisited } from "../../../src/evaluation/revisited/evaluateRevisited.js";
import { scoreRankings } from "../../../src/evaluation/revisited/scoreRankings.js";

/** Scores 9, 8, …, 4 for images 0 … 5. */
const database = Float64Array.of(9, 8, 7, 6, 5, 4);
const task = { queries: Float64Array.of(1), database, embedding: 1 };
/** Ranked: easy, plain, junk, hard, plain, easy */
const truth = { easy: [0, 5], hard: [3], junk: [2] };

describe("evaluateRevisited", () => {
  it("takes out of the ranking what a protocol does not count", async () => {
    const { easy, medium, hard } = await evaluateRevisited({ ...task, groundTruth: [truth] });
    // easy: 0, plain, plain, 5; medium: 0, plain, 3, plain, 5; hard: plain, 3, plain
    assert.equal(easy.map, (1 + (1 / 3 + 2 / 4) / 2) / 2);
    assert.equal(medium.map, (1 + (1 / 2 + 2 / 3) / 2 + (2 / 4 + 3 / 5) / 2) / 3);
    assert.equal(hard.map, (0 / 1 + 1 / 2) / 2);
    assert.deepEqual([...medium.meanPrecisionAt], [1, 3 / 5, 3 / 5]);
    assert.deepEqual([...hard.meanPrecisionAt], [0, 1 / 2, 1 / 2]);
  });

  it("gives both forms of average precision", async () => {
    const { hard } = await evaluateRevisited({ ...task, groundTruth: [truth], form: "precisions" });
    assert.equal(hard.map, 1 / 2);
  });

  it("leaves queries without a positive out of the mean, and shows them as NaN", async () => {
    const queries = Float64Array.of(1, 1);
    const groundTruth = [truth, { easy: [1], hard: [], junk: [] }];
    const { easy, hard } = await evaluateRevisited({ ...task, queries, groundTruth, kappas: [2] });
    assert.deepEqual([...hard.averagePrecisions], [1 / 4, NaN]);
    assert.deepEqual([...hard.precisionAt], [1 / 2, NaN]);
    assert.deepEqual([hard.map, hard.queries, hard.meanPrecisionAt[0]], [1 / 4, 1, 1 / 2]);
    assert.equal(easy.queries, 2);
    assert.equal(easy.averagePrecisions[1], (0 / 1 + 1 / 2) / 2);
    const alone = await evaluateRevisited({ ...task, groundTruth: [groundTruth[1]] });
    assert.deepEqual([alone.hard.map, alone.hard.queries], [NaN, 0]);
  });

  it("ranks distractors with the database, after it where they are equally near", async () => {
    const groundTruth = [{ easy: [3], hard: [], junk: [] }];
    const place = async (...distractors: number[]): Promise<number> => {
      const scores = await evaluateRevisited({ ...task, distractors: Float64Array.from(distractors), groundTruth });
      return scores.easy.map;
    };
    assert.equal(await place(6, 5), (0 / 3 + 1 / 4) / 2);
    assert.equal(await place(6.5, 100), (0 / 5 + 1 / 6) / 2);
  });

  it("passes through more distractors than it compares at once", async () => {
    const distractors = Float64Array.from({ length: 40_000 }, (_, i) => i / 5000); // above 6: 9,999 of them
    const scores = await evaluateRevisited({ ...task, distractors, groundTruth: [{ easy: [3], hard: [], junk: [] }] });
    assert.equal(scores.easy.map, (0 + 1 / (3 + 9999 + 1)) / 2);
  });

  it("gives the lower number of equally near images the better place", async () => {
    const tied = { ...task, database: new Float64Array(4).fill(2) };
    const scores = await evaluateRevisited({ ...tied, groundTruth: [{ easy: [2], hard: [], junk: [0] }] });
    assert.equal(scores.easy.map, (0 / 1 + 1 / 2) / 2);
  });

  it("takes inner products from elsewhere, piece by piece", async () => {
    const asked: number[] = [];
    const rowProduct = (queries: Float64Array, gallery: Float64Array) => {
      asked.push(gallery.length);
      return () => gallery.map((value) => -value * queries[0]);
    };
    const groundTruth = [{ easy: [5], hard: [], junk: [] }];
    const options = { ...task, distractors: Float64Array.of(3), groundTruth, rowProduct };
    assert.equal((await evaluateRevisited(options)).easy.map, (0 / 1 + 1 / 2) / 2);
    assert.deepEqual(asked, [6, 1]);
  });

  it("stops at a signal", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await assert.rejects(evaluateRevisited({ ...task, groundTruth: [truth], signal }), /enough/);
  });

  it("says what is wrong with its input", async () => {
    const faults: [groundTruth: object, message: RegExp][] = [
      [{ hard: [6] }, /query 0 names image 6 as hard, but the database has 6 images, 0 \.\. 5/],
      [{ junk: [-1] }, /query 0 names image -1 as junk/],
      [{ junk: [0.5] }, /names image 0\.5 as junk/],
      [{ junk: [5] }, /once for a query, but query 0 names image 5 as easy and as junk/],
      [{ easy: [1, 1] }, /query 0 names image 1 twice as easy/],
      [{ easy: [], hard: [] }, /none of 1 queries has one/],
    ];
    for (const [changed, message] of faults) {
      const groundTruth = [{ ...truth, ...changed }];
      await assert.rejects(evaluateRevisited({ ...task, groundTruth }), message);
    }
    await assert.rejects(evaluateRevisited({ ...task, groundTruth: [] }), /given 1 queries and ground truth of 0/);
    await assert.rejects(
      evaluateRevisited({ ...task, groundTruth: [truth], kappas: [0] }),
      /whole number ≥ 1, given 0/,
    );
    const distractors = Float64Array.of(1, NaN);
    await assert.rejects(
      evaluateRevisited({ ...task, groundTruth: [truth], distractors }),
      /row 1, dimension 0 is NaN/,
    );
    // distractors have no marks
    const beyond = [{ ...truth, junk: [6] }];
    const more = { ...task, distractors: Float64Array.of(1) };
    await assert.rejects(evaluateRevisited({ ...more, groundTruth: beyond }), /has 6 images/);
  });
});

describe("scoreRankings", () => {
  const task = { groundTruth: [truth], images: 6 };

  it("reads whole rankings and the heads of rankings, distractors among them", () => {
    const whole = scoreRankings({ ...task, rankings: [[0, 1, 2, 3, 4, 5]] });
    assert.equal(whole.hard.map, (0 / 1 + 1 / 2) / 2);
    const head = scoreRankings({ ...task, rankings: [[7, 2, 0, 900]], kappas: [5] });
    assert.equal(head.easy.map, (0 / 1 + 1 / 2) / 2 / 2);
    assert.equal(head.easy.meanPrecisionAt[0], 1 / 5); // the other positive comes later, wherever that is
    assert.equal(head.hard.map, 0);
    assert.equal(head.hard.meanPrecisionAt[0], 0);
  });

  it("says what is wrong with its input", () => {
    assert.throws(() => scoreRankings({ ...task, rankings: [[]] }), /the ranking of query 0 is empty/);
    assert.throws(() => scoreRankings({ ...task, images: NaN, rankings: [[1]] }), /at least 1; given NaN/);
    assert.throws(() => scoreRankings({ ...task, form: "area" as never, rankings: [[1]] }), /given "area"/);
    assert.throws(() => scoreRankings({ ...task, rankings: [] }), /given 0 rankings and ground truth of 1 queries/);
    assert.throws(() => scoreRankings({ ...task, rankings: [[4, 2, 4]] }), /that of query 0 names image 4 twice/);
    assert.throws(() => scoreRankings({ ...task, rankings: [[4, 0.5]] }), /that of query 0 holds 0\.5/);
    assert.throws(() => scoreRankings({ ...task, images: 5, rankings: [[1]] }), /names image 5 as easy/);
  });
});
