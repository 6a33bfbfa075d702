/** Retrieval from a gallery: rankings, Recall@K of cut embeddings and mean average precision, each counted a second way. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { averagePrecision, meanAveragePrecision } from "../../src/evaluation/averagePrecision.js";
import { cutEmbeddings, type CutConvention } from "../../src/evaluation/cutEmbeddings.js";
import { mapAtK } from "../../src/evaluation/mapAtK.js";
import { nearestInGallery } from "../../src/evaluation/nearestInGallery.js";
import { prefixRecall, subsetRecall } from "../../src/evaluation/prefixRecall.js";
import { recallAtK } from "../../src/evaluation/recall.js";
import { topByScore } from "../../src/evaluation/topByScore.js";
import { dot, unitRows, type Labelled } from "../../test/evaluation/embeddings.js";
import { classLabels, labelledEmbeddings, powersOfTwo, reorder, rowsOf, scaleRows } from "../arbitraries/embeddings.js";
import { permutations } from "../arbitraries/shapes.js";
import { property } from "../property.js";
import { assertNotAbove, assertRisingRates } from "./assertions.js";

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

/** Rows of numbers as they are, as lists. */
function rowsIn({ embeddings, embedding }: Labelled): number[][] {
  return Array.from({ length: embeddings.length / embedding }, (_, row) =>
    Array.from(embeddings.subarray(row * embedding, (row + 1) * embedding)),
  );
}

type Score = (query: readonly number[], image: readonly number[]) => number;

/** (‖q‖² − ‖q − x‖²)/2: what rises as the distance falls. Sums in this order, so that ties are the same ties. */
const nearness: Score = (query, image) => {
  const half = image.reduce((sum, value) => sum + value * value, 0) / 2;
  return dot(query, image) - half;
};

/** All numbers of the gallery, the best score first, of equal ones the lower first. */
function ranked(query: readonly number[], gallery: readonly (readonly number[])[], score: Score): number[] {
  const scores = gallery.map((image) => score(query, image));
  return [...gallery.keys()].sort((a, b) => scores[b] - scores[a] || a - b);
}

/** Unit rows cut, and what ranks them. */
function cut(set: Labelled, kept: number, convention: CutConvention): number[][] {
  if (convention === "normaliseThenSlice") return unitRows(set).map((row) => row.slice(0, kept));
  const embeddings = Float64Array.from(rowsIn(set).flatMap((row) => row.slice(0, kept)));
  return unitRows({ ...set, embeddings, embedding: kept });
}

const scoreOf = (convention: CutConvention): Score => (convention === "normaliseThenSlice" ? nearness : dot);
const conventions = (): fc.Arbitrary<CutConvention> => fc.constantFrom("sliceThenNormalise", "normaliseThenSlice");

/** For each query what its ranking shows: whether each image has its class. */
function hitsIn(queries: Labelled, rankings: readonly (readonly number[])[], labels: ArrayLike<number>): boolean[][] {
  return rankings.map((ranking, query) => ranking.map((image) => labels[image] === queries.labels[query]));
}

/** The share of rankings with a hit among the first k. */
function recallOf(hits: readonly (readonly boolean[])[], k: number): number {
  return hits.filter((hit) => hit.slice(0, k).includes(true)).length / hits.length;
}

describe("the head of a ranking", () => {
  property(
    "is the head of everything sorted",
    [
      fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 40 }),
      fc.nat({ max: 45 }),
      fc.integer({ min: -1, max: 40 }),
    ],
    (scores, limit, leaveOut) => {
      const sorted = [...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b).filter((i) => i !== leaveOut);
      assert.deepEqual([...topByScore(Float64Array.from(scores), limit, leaveOut)], sorted.slice(0, limit));
    },
  );
});

describe("a gallery", () => {
  property(
    "is ranked by distance or by product",
    [searches(), fc.integer({ min: 1, max: 13 })],
    async ({ queries, gallery }, neighbours) => {
      const options = {
        queries: queries.embeddings,
        gallery: gallery.embeddings,
        embedding: queries.embedding,
        neighbours,
      };
      for (const [by, score] of [
        ["distance", nearness],
        ["product", dot],
      ] as const) {
        // prettier-ignore
        const found = await nearestInGallery({ ...options, by });
        const expected = rowsIn(queries).map((query) => ranked(query, rowsIn(gallery), score).slice(0, neighbours));
        assert.deepEqual(found.map((nearest) => nearest.map(({ index }) => index)), expected); // prettier-ignore
      }
    },
  );
});

const ks = [1, 2, 3, 5, 100];

describe("Recall@K", () => {
  property(
    "from a gallery is what sorting it for every query gives, under both conventions of cutting",
    [searches(), conventions()],
    async ({ queries, gallery, kept }, convention) => {
      const images = cut(gallery, kept, convention);
      const rankings = cut(queries, kept, convention).map((query) => ranked(query, images, scoreOf(convention)));
      const hits = hitsIn(queries, rankings, gallery.labels);
      const options = { ...queries, gallery, dimensions: kept, convention, ks };
      const all = await recallAtK({ ...options, unanswerable: "missed" });
      assert.deepEqual(all.recall, ks.map((k) => ({ k, recall: recallOf(hits, k) }))); // prettier-ignore
      const answerable = hits.filter((hit) => hit.includes(true));
      if (answerable.length === 0) return;
      const { recall, leftOut } = await recallAtK(options);
      assert.deepEqual(recall, ks.map((k) => ({ k, recall: recallOf(answerable, k) }))); // prettier-ignore
      assert.equal(leftOut, hits.length - answerable.length);
      assertRisingRates(recall.map((entry) => entry.recall), "recall"); // prettier-ignore
    },
  );

  property(
    "with favourable ties asks whether fewer than K images of other classes are strictly nearer than the best of the own",
    [searches(), fc.boolean()],
    async ({ queries, gallery }, isApart) => {
      const [asking, asked] = [unitRows(queries), unitRows(isApart ? gallery : queries)];
      const labels = isApart ? gallery.labels : queries.labels;
      const nearer = asking.map((query, q) => {
        const scores = asked.map((image, i) => (isApart || i !== q ? dot(query, image) : -Infinity));
        const own = scores.filter((score, i) => labels[i] === queries.labels[q] && score > -Infinity);
        const best = own.length > 0 ? Math.max(...own) : -Infinity;
        return own.length === 0
          ? Infinity
          : scores.filter((score, i) => labels[i] !== queries.labels[q] && score > best).length;
      });
      if (asking.length < 2 && !isApart) return;
      const options = { ...queries, gallery: isApart ? gallery : undefined, ks, unanswerable: "missed" } as const;
      const { recall } = await recallAtK({ ...options, ties: "favourable" });
      const expected = ks.map((k) => ({ k, recall: nearer.filter((count) => count < k).length / asking.length }));
      assert.deepEqual(recall, expected);
    },
  );

  property(
    "of a set in itself leaves out the query, or whatever comes first",
    [labelledEmbeddings(), fc.nat(), conventions()],
    async (set, dimensions, convention) => {
      const kept = 1 + (dimensions % set.embedding);
      const rows = cut(set, kept, convention);
      const rankings = rows.map((query) => ranked(query, rows, scoreOf(convention)));
      const options = { ...set, dimensions: kept, convention, ks, unanswerable: "missed" } as const;
      const expected = (others: number[][]): { k: number; recall: number }[] =>
        ks.map((k) => ({ k, recall: recallOf(hitsIn(set, others, set.labels), k) }));
      const withoutIndex = rankings.map((ranking, query) => ranking.filter((image) => image !== query));
      assert.deepEqual((await recallAtK(options)).recall, expected(withoutIndex));
      const withoutFirst = rankings.map((ranking) => ranking.slice(1));
      assert.deepEqual((await recallAtK({ ...options, exclude: "nearest" })).recall, expected(withoutFirst));
    },
  );

  property(
    "does not see the lengths of embeddings, nor dimensions of zeros that are added, nor dimensions that are cut off",
    [labelledEmbeddings().chain((set) => fc.tuple(fc.constant(set), powersOfTwo(set.labels.length)))],
    async ([set, factors]) => {
      const recall = async (changed: Labelled, dimensions?: number): Promise<unknown> =>
        (await recallAtK({ ...changed, dimensions, ks, unanswerable: "missed" })).recall;
      const plain = await recall(set);
      assert.deepEqual(await recall({ ...set, embeddings: scaleRows(set, factors) }), plain);
      const width = set.embedding + 1;
      const widened = (last: (row: number) => number): Labelled => ({
        ...set,
        embeddings: Float64Array.from(rowsIn(set).flatMap((row, i) => [...row, last(i)])),
        embedding: width,
      });
      assert.deepEqual(await recall(widened(() => 0)), plain);
      assert.deepEqual(await recall(widened((row) => factors[row]), set.embedding), plain); // prettier-ignore
    },
  );

  property(
    "does not care about the order of queries, nor, where no two are equally near, of the gallery",
    [fc.uniqueArray(fc.nat({ max: 200 }), { minLength: 4, maxLength: 12 }), fc.nat(), classLabels(12), fc.nat()],
    async (turns, split, free, turned) => {
      // Different angles, and no image midway between two others: k² bends every such coincidence of k / 150 by 1e-6 or more.
      const angles = turns.map((k) => k / 150 + (k * k) / 1e6);
      const all: Labelled = {
        embeddings: Float64Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)])),
        labels: free.subarray(0, turns.length),
        embedding: 2,
      };
      const order = [...turns.keys()];
      const at = 1 + (split % (turns.length - 1));
      const rotate = (part: number[]): number[] => part.map((_, i) => part[(i + turned) % part.length]);
      const recall = async (asking: number[], asked: number[]): Promise<unknown> => {
        const options = { ...reorder(all, asking), gallery: reorder(all, asked), ks, unanswerable: "missed" } as const;
        return (await recallAtK(options)).recall;
      };
      const [asking, asked] = [order.slice(0, at), order.slice(at)];
      assert.deepEqual(await recall(rotate(asking), rotate(asked)), await recall(asking, asked));
    },
  );

  property(
    "at growing prefixes ends with that of whole embeddings",
    [searches()],
    async ({ queries, gallery, kept }) => {
      for (const convention of ["sliceThenNormalise", "normaliseThenSlice"] as const) {
        const options = { ...queries, gallery, convention, unanswerable: "missed" } as const;
        const prefixes = await prefixRecall({ ...options, widths: [kept, queries.embedding] });
        const recall = async (dimensions?: number): Promise<number> =>
          (await recallAtK({ ...options, dimensions, ks: [1] })).recall[0].recall;
        assert.deepEqual(prefixes, [
          { width: kept, recall: await recall(kept) },
          { width: queries.embedding, recall: await recall() },
        ]);
      }
    },
  );
});

describe("Recall@1 of random subsets of the dimensions", () => {
  property(
    "is that of sets of so many dimensions, each a function of (seed, width, its number)",
    [searches(), fc.integer({ min: 1, max: 5 }), fc.nat()],
    async ({ queries, gallery, kept }, draws, seed) => {
      const { embedding } = queries;
      const options = { ...queries, gallery, unanswerable: "missed", seed } as const;
      const recall = async (dimensions?: number[]): Promise<number> =>
        (await recallAtK({ ...options, dimensions, ks: [1] })).recall[0].recall;
      const [some, all] = await subsetRecall({ ...options, draws, widths: [kept, embedding] });
      assert.deepEqual(all.draws, new Array<number>(draws).fill(await recall()));
      const possible = new Set<number>();
      for (let bits = 0; bits < 2 ** embedding; bits++) {
        const chosen = Array.from({ length: embedding }, (_, e) => e).filter((e) => (bits >> e) & 1);
        if (chosen.length === kept) possible.add(await recall(chosen));
      }
      assert.ok(some.draws.every((each) => possible.has(each)), `${some.draws.join()} of ${[...possible].join()}`); // prettier-ignore
      assert.deepEqual([some.least, some.largest], [Math.min(...some.draws), Math.max(...some.draws)]);
      assert.equal(some.mean, some.draws.reduce((sum, each) => sum + each, 0) / draws);
      const [more] = await subsetRecall({ ...options, draws: draws + 2, widths: [kept] });
      assert.deepEqual(more.draws.slice(0, draws), some.draws);
    },
    { runs: 60 },
  );
});

describe("cut embeddings", () => {
  property(
    "are normalised before or after, and by number they are the prefix",
    [labelledEmbeddings(), fc.nat(), conventions()],
    (set, dimensions, convention) => {
      const kept = 1 + (dimensions % set.embedding);
      const { rows } = cutEmbeddings(set.embeddings, set.embedding, { dimensions: kept, convention });
      assert.deepEqual(Array.from(rows), cut(set, kept, convention).flat());
      const named = Array.from({ length: kept }, (_, e) => e);
      assert.deepEqual(cutEmbeddings(set.embeddings, set.embedding, { dimensions: named, convention }).rows, rows);
    },
  );
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

  property(
    "of embeddings is that of their sorted gallery, by cosine and by product, queries with nothing to find left out",
    [searches(), limit],
    async ({ queries, gallery }, k) => {
      for (const isSelf of [true, false]) {
        const images = isSelf ? queries : gallery;
        for (const by of ["cosine", "product"] as const) {
          const rows = by === "cosine" ? unitRows : rowsIn;
          const precisions = rows(queries).flatMap((query, q) => {
            const ranking = ranked(query, rows(images), dot).filter((image) => !(isSelf && image === q));
            const right = new Set(ranking.filter((image) => images.labels[image] === queries.labels[q]));
            return right.size === 0 ? [] : [averagePrecision(ranking, right, k)];
          });
          if (precisions.length === 0) continue;
          const options = { ...queries, ...(!isSelf && { gallery }), limit: k, by };
          const found = await mapAtK(options);
          assert.equal(found.map, precisions.reduce((sum, value) => sum + value, 0) / precisions.length);
          assert.deepEqual(
            [found.queries, found.leftOut],
            [precisions.length, queries.labels.length - precisions.length],
          );
          assertRisingRates([found.map], "map");
        }
      }
    },
  );
});
