/** The ROC curve of all pairs, streamed in tiles: that of the pairs written out one by one. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { allPairsRoc, exactAllPairsRoc } from "../../src/evaluation/allPairsRoc.js";
import { rocCurve, tarAtFar, type RocCurve } from "../../src/evaluation/roc.js";
import { dot, unitRows, type Labelled } from "../../test/evaluation/embeddings.js";
import { largeEmbeddings, powersOfTwo, reorder, scaleRows, verifiableEmbeddings } from "../arbitraries/embeddings.js";
import { falseAcceptRates } from "../arbitraries/scores.js";
import { permutations } from "../arbitraries/shapes.js";
import { property } from "../property.js";
import { assertAmong, assertNotAbove } from "./assertions.js";

/** Every unordered pair once, scored by the cosine in order of e: the same bits as the tiles have. */
function explicitCurve(set: Labelled): RocCurve {
  const rows = unitRows(set);
  const scores: number[] = [];
  const genuine: boolean[] = [];
  for (let i = 0; i < rows.length; i++) {
    for (let j = i + 1; j < rows.length; j++) {
      scores.push(dot(rows[i], rows[j]));
      genuine.push(set.labels[i] === set.labels[j]);
    }
  }
  return rocCurve(scores, genuine);
}

/** Similarities as a matrix product of an engine would give them: whole rows, in float32. */
function float32Block(set: Labelled): (start: number, end: number) => Float32Array {
  const rows = unitRows(set);
  return (start, end) =>
    Float32Array.from(rows.slice(start, end).flatMap((query) => rows.map((row) => dot(query, row))));
}

/** Equal but for the sign of a zero threshold. */
function assertSameCurve(got: RocCurve, want: RocCurve): void {
  const plain = ({ thresholds, ...others }: RocCurve): unknown => ({
    ...others,
    thresholds: thresholds.map((t) => t + 0),
  });
  assert.deepEqual(plain(got), plain(want));
}

/** TAR at any threshold. */
function acceptedAt({ thresholds, trueAccept }: RocCurve, threshold: number): number {
  return trueAccept[thresholds.findLastIndex((vertex) => vertex >= threshold)];
}

/** A vertex of the counted curve is one of the exact curve; its TAR never exceeds the exact one. */
function assertCounted(counted: RocCurve, exact: RocCurve, far: number): void {
  const vertices = new Set(Array.from(exact.falseAccept, (rate, v) => `${rate} ${exact.trueAccept[v]}`));
  const found = Array.from(counted.falseAccept, (rate, v) => `${rate} ${counted.trueAccept[v]}`);
  assertAmong(found, vertices, "vertex");
  assert.deepEqual([counted.genuine, counted.impostor], [exact.genuine, exact.impostor]);
  assertNotAbove(tarAtFar(counted, [far])[0].tar, tarAtFar(exact, [far])[0].tar, "TAR");
}

/** At a threshold of the counted curve as many genuine pairs are accepted as have that cosine or more. */
function assertThresholds(counted: RocCurve, exact: RocCurve): void {
  const rounding = 4 * Number.EPSILON; // finding its bin rounds a cosine twice, to numbers below 2
  counted.thresholds.forEach((threshold, v) => {
    assertNotAbove(acceptedAt(exact, threshold + rounding), counted.trueAccept[v], `TAR above ${threshold}`);
    assertNotAbove(counted.trueAccept[v], acceptedAt(exact, threshold - rounding), `TAR at ${threshold}`);
  });
}

describe("ROC of all pairs", () => {
  property("is the ROC of the pairs written out", [verifiableEmbeddings()], async (set) => {
    assertSameCurve(await exactAllPairsRoc(set), explicitCurve(set));
  });

  property(
    "is that also across tiles",
    [largeEmbeddings()],
    async (set) => assertSameCurve(await exactAllPairsRoc(set), explicitCurve(set)),
    { runs: 20 },
  );

  property(
    "has among its vertices those that are counted in bins",
    [verifiableEmbeddings(), fc.integer({ min: 2, max: 70 }), falseAcceptRates()],
    async (set, bins, far) => {
      const [counted, exact] = [await allPairsRoc(set, bins), explicitCurve(set)];
      assertCounted(counted, exact, far);
      assertThresholds(counted, exact);
    },
  );

  property(
    "has among its vertices those that are counted in bins, also across tiles",
    [largeEmbeddings(), falseAcceptRates()],
    async (set, far) => assertCounted(await allPairsRoc(set), explicitCurve(set), far),
    { runs: 20 },
  );

  property(
    "is the same from whole rows of similarities",
    // one dimension: cosines are −1, 0 and 1, exact in float32; more rows than a band has
    [
      fc.oneof(
        { weight: 3, arbitrary: verifiableEmbeddings({ maxEmbedding: 1 }) },
        {
          weight: 1,
          arbitrary: largeEmbeddings(250, 270).map((set) => ({
            ...set,
            embeddings: set.embeddings.filter((_, i) => i % set.embedding === 0),
            embedding: 1,
          })),
        },
      ),
    ],
    async (set) => {
      const given = { ...set, similarityBlock: float32Block(set) };
      assertSameCurve(await exactAllPairsRoc(given), explicitCurve(set));
      assertSameCurve(await allPairsRoc(given, 8), await allPairsRoc(set, 8));
    },
    { runs: 30 },
  );

  property(
    "does not see the order of the images, nor their lengths",
    [
      verifiableEmbeddings().chain((set) =>
        fc.tuple(fc.constant(set), permutations(set.labels.length), powersOfTwo(set.labels.length)),
      ),
    ],
    async ([set, order, factors]) => {
      const scaled = { ...set, embeddings: scaleRows(set, factors) };
      const [plain, moved] = [await exactAllPairsRoc(set), await exactAllPairsRoc(reorder(scaled, order))];
      assertSameCurve(moved, plain);
    },
  );
});
