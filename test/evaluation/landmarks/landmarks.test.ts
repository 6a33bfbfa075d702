import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { globalAveragePrecision } from "../../../src/evaluation/landmarks/globalAveragePrecision.js";
import { landmarkRetrieval } from "../../../src/evaluation/landmarks/landmarkRetrieval.js";

const sets = <Item>(lists: Readonly<Record<string, readonly Item[]>>): Map<string, Set<Item>> =>
  new Map(Object.entries(lists).map(([query, items]) => [query, new Set(items)]));
const lists = (all: Readonly<Record<string, readonly string[]>>): Map<string, readonly string[]> =>
  new Map(Object.entries(all));

describe("landmarkRetrieval", () => {
  const solution = sets({ a: ["x", "y"], b: ["z"], c: ["x"] });

  it("means over all queries, those without predictions too, and keeps the place of what is named again", () => {
    const result = landmarkRetrieval({
      predictions: lists({ a: ["x", "x", "y"], b: ["x", "z"] }),
      solution,
      limit: 3,
    });
    assert.deepEqual(result, {
      map: ((1 + 2 / 3) / 2 + 1 / 2) / 3,
      meanPrecisionAt: Float64Array.of(1 / 1 / 3, 1 / 2 / 3 + 1 / 2 / 3, 2 / 3 / 3 + 1 / 3 / 3),
      meanPosition: (1 + 2 + 4) / 3,
      medianPosition: 2,
      queries: 3,
      unanswered: 1,
    });
  });

  it("looks at the first K, and expects no more than K", () => {
    const result = landmarkRetrieval({ predictions: lists({ a: ["x", "y"], b: ["x", "z"] }), solution, limit: 1 });
    assert.equal(result.map, 1 / 3);
    assert.deepEqual([result.meanPosition, result.medianPosition], [(1 + 2 + 2) / 3, 2]);
  });

  it("takes the mean of the two positions in the middle", () => {
    const two = sets({ a: ["x"], b: ["z"] });
    const result = landmarkRetrieval({ predictions: lists({ a: ["x"], b: ["p", "q", "r", "z"] }), solution: two });
    assert.equal(result.medianPosition, 2.5);
  });

  it("says what is wrong with its input", () => {
    const predictions = lists({ a: ["x"] });
    assert.throws(() => landmarkRetrieval({ predictions, solution, limit: 0 }), /K is a whole number ≥ 1, given 0/);
    assert.throws(() => landmarkRetrieval({ predictions, solution: new Map() }), /the solution has no query/);
    assert.throws(() => landmarkRetrieval({ predictions: lists({ d: [] }), solution }), /query "d" .* the 3 queries/);
    assert.throws(() => landmarkRetrieval({ predictions, solution: sets<string>({ a: [] }) }), /relevant to query a/);
    assert.throws(() => landmarkRetrieval({ predictions: lists({ a: [] }), solution }), /none of 3 queries has a pred/);
  });
});

describe("globalAveragePrecision", () => {
  const solution = sets({ a: [1], b: [2], c: [], d: [4] });
  const predictions = new Map([
    ["d", { landmark: 5, confidence: 0.1 }],
    ["c", { landmark: 1, confidence: 0.9 }],
    ["b", { landmark: 2, confidence: 0.5 }],
    ["a", { landmark: 1, confidence: 0.8 }],
  ]);

  it("ranks the predictions of all queries, and divides by those that show a landmark", () => {
    assert.equal(globalAveragePrecision({ predictions, solution }), (1 / 2 + 2 / 3) / 3);
    assert.equal(globalAveragePrecision({ predictions, solution, withoutLandmark: "leftOut" }), (1 + 1) / 3);
  });

  it("ranks equally confident predictions by their queries", () => {
    const equal = new Map([...predictions].map(([query, { landmark }]) => [query, { landmark, confidence: 1 }]));
    assert.equal(globalAveragePrecision({ predictions: equal, solution }), (1 + 1) / 3);
  });

  it("says what is wrong with its input", () => {
    assert.throws(() => globalAveragePrecision({ predictions: new Map(), solution }), /no prediction to rank/);
    const unsure = new Map([["a", { landmark: 1, confidence: NaN }]]);
    assert.throws(() => globalAveragePrecision({ predictions: unsure, solution }), /that of query a is NaN/);
    const unknown = new Map([["e", { landmark: 1, confidence: 1 }]]);
    assert.throws(() => globalAveragePrecision({ predictions: unknown, solution }), /query "e" has a prediction/);
    assert.throws(
      () => globalAveragePrecision({ predictions: new Map(), solution: sets({ c: [] }) }),
      /none of 1 queries/,
    );
  });
});
