/** Landmark retrieval and recognition, each counted a second way. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { globalAveragePrecision } from "../../src/evaluation/landmarks/globalAveragePrecision.js";
import { landmarkRetrieval } from "../../src/evaluation/landmarks/landmarkRetrieval.js";
import { property } from "../property.js";
import { assertNear, assertRisingRates } from "./assertions.js";

interface RetrievalQuery {
  readonly ranking: readonly number[] | undefined;
  readonly relevant: readonly number[];
}

/** Rankings shorter and longer than the limit, images named again, queries without a prediction. */
const retrievals = fc
  .array(
    fc.record({
      ranking: fc.option(fc.array(fc.nat({ max: 9 }), { maxLength: 14 }), { nil: undefined, freq: 4 }),
      relevant: fc.uniqueArray(fc.nat({ max: 12 }), { minLength: 1, maxLength: 8 }),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .filter((queries) => queries.some(({ ranking }) => (ranking?.length ?? 0) > 0));

const limits = fc.integer({ min: 1, max: 12 });

function retrieve(queries: readonly RetrievalQuery[], limit?: number): ReturnType<typeof landmarkRetrieval<number>> {
  const predictions = new Map<string, readonly number[]>();
  queries.forEach(({ ranking }, q) => ranking && predictions.set(`q${q}`, ranking));
  const solution = new Map(queries.map(({ relevant }, q) => [`q${q}`, new Set(relevant)]));
  return landmarkRetrieval({ predictions, solution, limit });
}

/** Of each place, whether it shows something relevant that no place before it shows. */
function firstHits({ ranking = [], relevant }: RetrievalQuery): boolean[] {
  return ranking.map((image, place) => relevant.includes(image) && ranking.indexOf(image) === place);
}

/** n sums of terms of size ≤ 1, for a few queries. */
const ROUNDING = 200 * Number.EPSILON;

describe("landmark retrieval", () => {
  property("mAP@K is what a plain loop over queries and places gives", [retrievals, limits], (queries, limit) => {
    let total = 0;
    for (const query of queries) {
      const hits = firstHits(query);
      let sum = 0;
      for (let k = 1; k <= limit; k++) {
        if (!hits[k - 1]) continue;
        let right = 0;
        for (let i = 0; i < k; i++) if (hits[i]) right++;
        sum += right / k;
      }
      total += sum / Math.min(limit, query.relevant.length);
    }
    const { map } = retrieve(queries, limit);
    assertNear(map, total / queries.length, ROUNDING, "map");
    assertRisingRates([map], "map");
  });

  property("looks at 100 predictions by default, and no further", [fc.nat({ max: 140 })], (place) => {
    const ranking = Array.from({ length: 141 }, (_, i) => i);
    const { map, meanPosition } = retrieve([{ ranking, relevant: [place] }]);
    assert.deepEqual([map, meanPosition], place < 100 ? [1 / (place + 1), place + 1] : [0, 101]);
  });

  property(
    "precision at k counts first hits over k, also beyond the end of a list",
    [retrievals, limits],
    (queries, limit) => {
      const { meanPrecisionAt } = retrieve(queries, limit);
      assert.equal(meanPrecisionAt.length, limit);
      meanPrecisionAt.forEach((precision, i) => {
        const right = queries.map((query) => firstHits(query).slice(0, i + 1).filter(Boolean).length); // prettier-ignore
        const want = right.reduce((sum, count) => sum + count, 0) / (i + 1) / queries.length;
        assertNear(precision, want, ROUNDING, `precision at ${i + 1}`);
      });
    },
  );

  property("a position is that of the first hit, or one beyond the limit", [retrievals, limits], (queries, limit) => {
    const positions = queries
      .map((query) => firstHits(query).slice(0, limit).indexOf(true))
      .map((place) => (place < 0 ? limit + 1 : place + 1))
      .sort((a, b) => a - b);
    const { meanPosition, medianPosition, unanswered } = retrieve(queries, limit);
    assert.equal(meanPosition, positions.reduce((sum, position) => sum + position, 0) / queries.length);
    const half = (queries.length - 1) / 2;
    assert.equal(medianPosition, (positions[Math.floor(half)] + positions[Math.ceil(half)]) / 2);
    assert.equal(unanswered, queries.filter(({ ranking = [] }) => ranking.length === 0).length);
  });

  property("a query that finds nothing divides every mean", [retrievals, limits], (queries, limit) => {
    const [before, after] = [queries, [...queries, { ranking: undefined, relevant: [1] }]].map((all) =>
      retrieve(all, limit),
    );
    const share = queries.length / (queries.length + 1);
    assertNear(after.map, before.map * share, ROUNDING, "map");
    after.meanPrecisionAt.forEach((precision, k) =>
      assertNear(precision, before.meanPrecisionAt[k] * share, ROUNDING, `precision at ${k + 1}`),
    );
  });
});

interface RecognitionQuery {
  readonly landmark: number;
  readonly confidence: number;
  readonly shown: readonly number[];
  readonly isPredicted: boolean;
}

const recognitions = fc
  .array(
    fc.record({
      ...{ landmark: fc.nat({ max: 2 }), confidence: fc.integer({ min: -2, max: 2 }), isPredicted: fc.boolean() },
      shown: fc.uniqueArray(fc.nat({ max: 2 }), { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 9 },
  )
  .filter((queries) => queries.some(({ shown }) => shown.length > 0) && queries.some(({ isPredicted }) => isPredicted));

type Handling = "wrong" | "leftOut";

/** Predictions are handed over in another order than that of their queries' names. */
function recognise(queries: readonly RecognitionQuery[], withoutLandmark: Handling): number {
  const named = queries.map((query, q): [string, RecognitionQuery] => [`q${q}`, query]);
  const predictions = new Map(named.filter(([, { isPredicted }]) => isPredicted).reverse());
  return globalAveragePrecision({
    ...{ predictions, withoutLandmark },
    solution: new Map(named.map(([name, { shown }]) => [name, new Set(shown)])),
  });
}

describe("global average precision", () => {
  const handlings = fc.constantFrom<Handling>("wrong", "leftOut");

  property(
    "counts, for every right prediction, the right ones up to it among all up to it; equally sure ones by name",
    [recognitions, handlings],
    (queries, handling) => {
      const ranked = queries.filter(
        ({ isPredicted, shown }) => isPredicted && (handling === "wrong" || shown.length > 0),
      );
      ranked.sort((a, b) => b.confidence - a.confidence); // stable: q0, q1, … where equally sure
      const right = ranked.map(({ landmark, shown }) => shown.includes(landmark));
      const terms = right.map((isRight, i) => (isRight ? right.slice(0, i + 1).filter(Boolean).length / (i + 1) : 0));
      const shown = queries.filter((query) => query.shown.length > 0).length;
      const gap = recognise(queries, handling);
      assertNear(gap, terms.reduce((sum, term) => sum + term, 0) / shown, ROUNDING); // prettier-ignore
      assertRisingRates([gap], "gap");
    },
  );

  property("does not fall when queries without a landmark are left out", [recognitions], (queries) => {
    const [wrong, leftOut] = (["wrong", "leftOut"] as const).map((handling) => recognise(queries, handling));
    assert.ok(wrong <= leftOut + ROUNDING, `${wrong} exceeds ${leftOut}`);
  });

  property("sees the order of confidences alone", [recognitions, handlings], (queries, handling) => {
    const cubed = queries.map((query) => ({ ...query, confidence: 7 + query.confidence ** 3 }));
    assert.equal(recognise(cubed, handling), recognise(queries, handling));
  });
});
