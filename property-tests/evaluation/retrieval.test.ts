/** Retrieval from a gallery: rankings, Recall@1 of cut embeddings and mean average precision, each counted a second way. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { averagePrecision, meanAveragePrecision } from "../../src/evaluation/averagePrecision.js";
import { leadingDimensions, nearestInGallery, recallAtOne } from "../../src/evaluation/galleryRetrieval.js";
import { recallAtK } from "../../src/evaluation/recall.js";
import { dot, unitRows, type Labelled } from "../../test/evaluation/embeddings.js";
import { classLabels, labelledEmbeddings, powersOfTwo, rowsOf, scaleRows } from "../arbitraries/embeddings.js";
import { permutations } from "../arbitraries/shapes.js";
import { property } from "../property.js";
import { assertNear, assertNotAbove, assertRisingRates } from "./assertions.js";

interface Search {
  readonly queries: Labelled;
  readonly gallery: Labelled;
  readonly kept: number;
}

/** Two small sets of the same number of dimensions, some of which are kept. */
function searches(): fc.Arbitrary<Search> {
  return labelledEmbeddings({ minCount: 1 }).chain((queries) =>
    fc.integer({ min: 1, max: 12 }).chain((count) =>
      fc.record({
        queries: fc.constant(queries),
        gallery: fc.record({
          embeddings: rowsOf(count, queries.embedding),
          labels: classLabels(count),
          embedding: fc.constant(queries.embedding),
        }),
        kept: fc.integer({ min: 1, max: queries.embedding }),
      }),
    ),
  );
}

/** Gallery numbers by rising distance, of equal ones the lower first. */
function byDistance(query: readonly number[], gallery: readonly (readonly number[])[]): number[] {
  const distances = gallery.map((row) => Math.sqrt(row.reduce((sum, value, e) => sum + (query[e] - value) ** 2, 0)));
  return [...gallery.keys()].sort((a, b) => distances[a] - distances[b] || a - b);
}

const cut = (set: Labelled, kept: number): number[][] => unitRows(set).map((row) => row.slice(0, kept));

describe("a gallery", () => {
  property(
    "is ranked by distance or by product",
    [searches(), fc.integer({ min: 1, max: 13 })],
    ({ queries, gallery }, neighbours) => {
      const rows = (set: Labelled): number[][] =>
        Array.from(set.labels, (_, row) =>
          Array.from(set.embeddings.subarray(row * set.embedding, (row + 1) * set.embedding)),
        );
      const options = {
        queries: queries.embeddings,
        gallery: gallery.embeddings,
        embedding: queries.embedding,
        neighbours,
      };
      const images = rows(gallery);
      const found = (by: "distance" | "product"): number[][] =>
        nearestInGallery({ ...options, by }).map((nearest) => nearest.map(({ index }) => index));
      assert.deepEqual(found("distance"), rows(queries).map((query) => byDistance(query, images).slice(0, neighbours))); // prettier-ignore
      const byProduct = (query: number[]): number[] =>
        [...images.keys()].sort((a, b) => dot(query, images[b]) - dot(query, images[a]) || a - b).slice(0, neighbours);
      assert.deepEqual(found("product"), rows(queries).map(byProduct)); // prettier-ignore
    },
  );
});

describe("Recall@1", () => {
  property(
    "from a gallery is the share of queries whose nearest image has their label",
    [searches()],
    ({ queries, gallery, kept }) => {
      const images = cut(gallery, kept);
      const hits = cut(queries, kept).filter(
        (query, q) => gallery.labels[byDistance(query, images)[0]] === queries.labels[q],
      );
      const recall = recallAtOne({ queries, gallery, embedding: queries.embedding, dimensions: kept });
      assert.equal(recall, hits.length / queries.labels.length);
    },
  );

  property("of a set in itself asks all the others", [labelledEmbeddings(), fc.nat()], (set, dimensions) => {
    const kept = 1 + (dimensions % set.embedding);
    const rows = cut(set, kept);
    const hits = rows.filter((query, q) => {
      const nearest = byDistance(query, rows).find((image) => image !== q);
      return set.labels[nearest!] === set.labels[q];
    });
    const recall = recallAtOne({ queries: set, embedding: set.embedding, dimensions: kept });
    assert.equal(recall, hits.length / set.labels.length);
  });

  property(
    "of whole embeddings is Recall@K with K = 1, but that queries with nothing to find count as misses",
    [fc.uniqueArray(fc.nat({ max: 60 }), { minLength: 3, maxLength: 8 }), classLabels(8)],
    async (turns, free) => {
      // At least one query has something to find.
      const labels = Int32Array.from(turns, (_, i) => free[Math.max(1, i)]);
      // Different angles, and no image midway between two others: k² bends every such coincidence of k / 50 by 2e-6 or more.
      const angles = turns.map((k) => k / 50 + (k * k) / 1e6);
      const embeddings = Float64Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]));
      const { recall, queries } = await recallAtK({ embeddings, labels, embedding: 2, ks: [1] });
      const hits = recallAtOne({ queries: { embeddings, labels }, embedding: 2 }) * labels.length;
      assertNear(hits, recall[0].recall * queries, 1e-9, "hits"); // both are whole numbers but for rounding
    },
  );

  property(
    "does not see the lengths of embeddings, nor dimensions of zeros that are added",
    [labelledEmbeddings().chain((set) => fc.tuple(fc.constant(set), powersOfTwo(set.labels.length)))],
    ([set, factors]) => {
      const plain = recallAtOne({ queries: set, embedding: set.embedding });
      const scaled = { ...set, embeddings: scaleRows(set, factors) };
      assert.equal(recallAtOne({ queries: scaled, embedding: set.embedding }), plain);
      const width = set.embedding + 1;
      const padded = Float64Array.from({ length: set.labels.length * width }, (_, i) =>
        i % width === set.embedding ? 0 : set.embeddings[Math.floor(i / width) * set.embedding + (i % width)],
      );
      const queries = { embeddings: padded, labels: set.labels };
      assert.equal(recallAtOne({ queries, embedding: width }), plain);
      assert.equal(recallAtOne({ queries, embedding: width, dimensions: set.embedding }), plain);
    },
  );

  property("cuts after normalising", [labelledEmbeddings(), fc.nat()], (set, dimensions) => {
    const kept = 1 + (dimensions % set.embedding);
    assert.deepEqual(Array.from(leadingDimensions(set.embeddings, set.embedding, kept)), cut(set, kept).flat());
  });
});

describe("mean average precision", () => {
  const ranking = fc.array(fc.nat({ max: 9 }), { maxLength: 14 });
  const relevant = fc.uniqueArray(fc.nat({ max: 11 }), { minLength: 1, maxLength: 8 });
  const limit = fc.integer({ min: 1, max: 12 });

  property(
    "sums precision where recall rises, duplicates adding nothing",
    [ranking, relevant, limit],
    (images, right, k) => {
      const set = new Set(right);
      // distinct relevant images among the first n
      const found = (n: number): number => new Set(images.slice(0, n).filter((image) => set.has(image))).size;
      const terms = Array.from(
        { length: Math.min(k, images.length) },
        (_, i) => ((found(i + 1) - found(i)) * found(i + 1)) / (i + 1),
      );
      const expected = terms.reduce((sum, term) => sum + term, 0) / Math.min(right.length, k);
      const precision = averagePrecision(images, set, k);
      assert.equal(precision, expected);
      assertRisingRates([precision], "precision");
    },
  );

  property(
    "is 1 exactly when the relevant images come first",
    [permutations(10), relevant, limit],
    (images, right, k) => {
      const set = new Set(right.map((image) => image % 10));
      const first = [...images].sort((a, b) => Number(set.has(b)) - Number(set.has(a)));
      assert.equal(averagePrecision(first, set, k), 1);
      const perfect = images.slice(0, Math.min(k, set.size)).every((image) => set.has(image));
      assert.equal(averagePrecision(images, set, k) === 1, perfect);
    },
  );

  property(
    "does not fall when a relevant image moves up",
    [permutations(10), relevant, limit, fc.nat({ max: 8 })],
    (images, right, k, place) => {
      const set = new Set(right);
      const swapped = [...images];
      [swapped[place], swapped[place + 1]] = [images[place + 1], images[place]];
      const [better, worse] = set.has(images[place]) ? [images, swapped] : [swapped, images];
      // 10 terms of size ≤ 1
      const rounding = 20 * Number.EPSILON;
      if (set.has(images[place]) || set.has(images[place + 1]))
        assertNotAbove(averagePrecision(worse, set, k) - rounding, averagePrecision(better, set, k), "precision");
    },
  );

  property(
    "does not see what comes after the limit, nor what images are called",
    [ranking, relevant, limit],
    (images, right, k) => {
      const plain = averagePrecision(images, new Set(right), k);
      assert.equal(averagePrecision(images.slice(0, k), new Set(right), k), plain);
      const names = (list: number[]): string[] => list.map((image) => `image ${image}`);
      assert.equal(averagePrecision(names(images), new Set(names(right)), k), plain);
    },
  );

  property(
    "is the mean over queries",
    [fc.array(fc.tuple(ranking, relevant), { minLength: 1, maxLength: 5 }), limit],
    (queries, k) => {
      const sets = queries.map(([, right]) => new Set(right));
      const lists = queries.map(([images]) => images);
      const each = lists.map((images, q) => averagePrecision(images, sets[q], k));
      assert.equal(meanAveragePrecision(lists, sets, k), each.reduce((sum, value) => sum + value, 0) / each.length);
    },
  );
});
