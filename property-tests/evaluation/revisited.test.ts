/** Revisited Oxford and Paris: places counted from scores, and read along rankings, are those that sorting and deleting give. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { evaluateRevisited, type RevisitedOptions } from "../../src/evaluation/revisited/evaluateRevisited.js";
import { isPositive, PROTOCOLS, type Mark, type Protocol } from "../../src/evaluation/revisited/groundTruth.js";
import { averagePrecisionAt, type PrecisionForm } from "../../src/evaluation/revisited/precisionForms.js";
import type { ProtocolScores } from "../../src/evaluation/revisited/protocolScores.js";
import { scoreRankings } from "../../src/evaluation/revisited/scoreRankings.js";
import { permutations } from "../arbitraries/shapes.js";
import { property } from "../property.js";
import { assertNear, assertNotAbove, assertRisingRates } from "./assertions.js";

const MARKS = ["easy", "hard", "junk"] as const;
type Truth = Readonly<Record<Mark, readonly number[]>>;

/** Of some images: a mark each, or none. */
type Marking = readonly (Mark | "plain")[];

function truthOf(marking: Marking): Truth {
  const of = (mark: Mark): number[] => [...marking.keys()].filter((image) => marking[image] === mark);
  return { easy: of("easy"), hard: of("hard"), junk: of("junk") };
}

const hasPositive = (marking: Marking): boolean => marking.some((mark) => mark === "easy" || mark === "hard");

function markings(images: number): fc.Arbitrary<Marking> {
  return fc.array(fc.constantFrom("plain", ...MARKS), { minLength: images, maxLength: images });
}

interface Problem {
  readonly queries: readonly (readonly number[])[];
  readonly images: readonly (readonly number[])[];
  readonly distractors: readonly (readonly number[])[];
  readonly marked: readonly Marking[];
}

/** Small whole numbers, so that there are ties between images of all kinds; one query at least has a positive. */
function problems(): fc.Arbitrary<Problem> {
  const sizes = [fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 12 }), fc.nat({ max: 6 })] as const;
  return fc.tuple(fc.integer({ min: 1, max: 3 }), ...sizes).chain(([embedding, queries, images, distractors]) => {
    const row = fc.array(fc.integer({ min: -2, max: 2 }), { minLength: embedding, maxLength: embedding });
    const rows = (count: number): fc.Arbitrary<number[][]> => fc.array(row, { minLength: count, maxLength: count });
    const marked = fc.array(markings(images), { minLength: queries, maxLength: queries });
    return fc.record({
      ...{ queries: rows(queries), images: rows(images), distractors: rows(distractors) },
      marked: marked.filter((all) => all.some(hasPositive)),
    });
  });
}

/** Different scores of one query, which is the number 1: an image is its score. */
interface Line {
  readonly scores: readonly number[];
  readonly marking: Marking;
}

function lines(): fc.Arbitrary<Line> {
  return fc
    .uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 14 })
    .chain((scores) =>
      fc.record({ scores: fc.constant(scores), marking: markings(scores.length).filter(hasPositive) }),
    );
}

const flat = (rows: readonly (readonly number[])[]): Float64Array => Float64Array.from(rows.flat());

function onLine({ scores, marking }: Line): RevisitedOptions {
  return {
    ...{ queries: Float64Array.of(1), database: Float64Array.from(scores), embedding: 1, kappas: KAPPAS },
    groundTruth: [truthOf(marking)],
  };
}

const KAPPAS = [1, 3, 10];

/** Numbers of images and distractors in order of their inner products; `sort` keeps the order of equal ones. */
function rankingOf(query: readonly number[], images: readonly (readonly number[])[]): number[] {
  const scores = images.map((image) => image.reduce((sum, value, e) => sum + value * query[e], 0));
  return [...images.keys()].sort((a, b) => scores[b] - scores[a]);
}

/** The ranking as a protocol sees it: whether each image that counts is positive. */
function judged(ranking: readonly number[], marking: Marking, protocol: Protocol): boolean[] {
  const counted = { easy: ["plain", "easy"], medium: ["plain", "easy", "hard"], hard: ["plain", "hard"] }[protocol];
  const marks = ranking.map((image) => marking[image] ?? "plain").filter((mark) => counted.includes(mark));
  return marks.map((mark) => mark !== "plain");
}

/** Precision after n images; before any of them 1. */
function precisionAfter(hits: readonly boolean[], n: number): number {
  return n === 0 ? 1 : hits.slice(0, n).filter(Boolean).length / n;
}

/** The area under precision over recall: recall rises by 1/P at each positive, from the precision before it to that after it. */
function area(hits: readonly boolean[], form: PrecisionForm): number {
  const terms = [...hits.keys()]
    .filter((place) => hits[place])
    .map((place) => {
      const after = precisionAfter(hits, place + 1);
      return form === "precisions" ? after : (precisionAfter(hits, place) + after) / 2;
    });
  return terms.reduce((sum, term) => sum + term, 0) / terms.length;
}

function precisionUpTo(hits: readonly boolean[], k: number): number {
  return precisionAfter(hits, Math.min(k, hits.lastIndexOf(true) + 1));
}

function mean(values: readonly number[]): number {
  const numbers = values.filter((value) => !Number.isNaN(value));
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}

/** The table by the definition. */
function expected(all: readonly (readonly boolean[])[], form: PrecisionForm): ProtocolScores {
  const counts = all.map((hits) => hits.includes(true));
  const averages = all.map((hits, q) => (counts[q] ? area(hits, form) : NaN));
  const precisions = all.map((hits, q) => KAPPAS.map((k) => (counts[q] ? precisionUpTo(hits, k) : NaN)));
  return {
    ...{ map: mean(averages), averagePrecisions: Float64Array.from(averages), precisionAt: flat(precisions) },
    meanPrecisionAt: Float64Array.from(KAPPAS, (_, k) => mean(precisions.map((row) => row[k]))),
    queries: counts.filter(Boolean).length,
  };
}

describe("Revisited Oxford and Paris", () => {
  property(
    "is what sorting, deleting and measuring the area give, from descriptors and from rankings, in both forms, with ties",
    [problems(), fc.constantFrom<PrecisionForm>("trapezoid", "precisions")],
    async ({ queries, images, distractors, marked }, form) => {
      const rankings = queries.map((query) => rankingOf(query, [...images, ...distractors]));
      const groundTruth = marked.map(truthOf);
      const options = { groundTruth, kappas: KAPPAS, form };
      const found = await evaluateRevisited({
        ...{ ...options, queries: flat(queries), database: flat(images), embedding: queries[0].length },
        distractors: distractors.length > 0 ? flat(distractors) : undefined,
      });
      for (const protocol of PROTOCOLS) {
        const hits = rankings.map((ranking, query) => judged(ranking, marked[query], protocol));
        assert.deepEqual(found[protocol], expected(hits, form));
      }
      assert.deepEqual(scoreRankings({ ...options, rankings, images: images.length }), found);
    },
    { runs: 200 },
  );

  property(
    "does not see an image that a protocol leaves out: without it the protocol's table is the same",
    [lines(), fc.constantFrom(...PROTOCOLS), fc.nat()],
    async (line, protocol, choice) => {
      const { scores, marking } = line;
      const out = [...marking.keys()].filter(
        (image) => marking[image] !== "plain" && !isPositive(marking[image], protocol),
      );
      const isCounted = marking.some((mark) => mark !== "plain" && isPositive(mark, protocol));
      if (out.length === 0 || !isCounted) return;
      const gone = out[choice % out.length];
      const rest = <Item>(items: readonly Item[]): Item[] => items.filter((_, image) => image !== gone);
      const [before, after] = [
        await evaluateRevisited(onLine(line)),
        await evaluateRevisited(onLine({ scores: rest(scores), marking: rest(marking) })),
      ];
      assert.deepEqual(after[protocol], before[protocol]);
    },
  );

  property(
    "gives rates: 1 exactly where all positives come first",
    [lines(), fc.constantFrom<PrecisionForm>("trapezoid", "precisions")],
    async (line, form) => {
      const scores = await evaluateRevisited({ ...onLine(line), form });
      const images = line.scores.map((score) => [score]);
      const ranking = rankingOf([1], images);
      for (const protocol of PROTOCOLS) {
        const { map, queries, meanPrecisionAt } = scores[protocol];
        if (queries === 0) continue;
        for (const rate of [map, ...meanPrecisionAt]) assertRisingRates([rate], "rate");
        const hits = judged(ranking, line.marking, protocol);
        assert.equal(map === 1, !hits.includes(false) || hits.indexOf(false) > hits.lastIndexOf(true));
      }
    },
  );

  property(
    "does not see distractors below the last positive, or as near as it, nor their order above it",
    [lines(), fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 8 }), fc.integer({ min: -50, max: 50 })],
    async (line, below, between) => {
      const positives = line.scores.filter((_, image) => ["easy", "hard"].includes(line.marking[image]));
      const lowest = Math.min(...positives);
      const evaluate = async (distractors?: number[]): Promise<unknown> =>
        evaluateRevisited({ ...onLine(line), ...(distractors && { distractors: Float64Array.from(distractors) }) });
      const worse = below.map((distance) => lowest - distance);
      assert.deepEqual(await evaluate(worse), await evaluate());
      const mixed = [between, ...worse, between + 1];
      assert.deepEqual(await evaluate(mixed), await evaluate([...mixed].reverse()));
    },
  );

  property(
    "has precisions at k that the head of a ranking tells, where the head has k images that count, and no larger average precision",
    [lines(), fc.nat({ max: 14 })],
    ({ scores, marking }, cut) => {
      const ranking = rankingOf([1], scores.map((score) => [score])); // prettier-ignore
      const head = ranking.slice(0, 1 + (cut % ranking.length));
      const asked = { groundTruth: [truthOf(marking)], images: scores.length, kappas: KAPPAS };
      const [whole, part] = [ranking, head].map((images) => scoreRankings({ ...asked, rankings: [images] }));
      for (const protocol of PROTOCOLS) {
        if (whole[protocol].queries === 0) continue;
        const told = judged(head, marking, protocol).length;
        KAPPAS.forEach((k, at) => {
          if (k <= told) assert.equal(part[protocol].precisionAt[at], whole[protocol].precisionAt[at]);
        });
        assert.ok(part[protocol].map <= whole[protocol].map);
      }
    },
  );

  property(
    "does not care how the database is numbered, where no two images are equally near",
    [lines().chain((line) => fc.tuple(fc.constant(line), permutations(line.scores.length)))],
    async ([line, order]) => {
      const renumbered = {
        scores: order.map((image) => line.scores[image]),
        marking: order.map((image) => line.marking[image]),
      };
      assert.deepEqual(await evaluateRevisited(onLine(renumbered)), await evaluateRevisited(onLine(line)));
    },
  );
});

describe("the two forms of average precision", () => {
  const positions = fc
    .uniqueArray(fc.nat({ max: 40 }), { minLength: 1, maxLength: 10 })
    .map((all) => all.sort((a, b) => a - b));
  /** 20 terms of size ≤ 1. */
  const rounding = 40 * Number.EPSILON;

  property(
    "the trapezoid's is never above the mean of the precisions",
    [positions, fc.nat({ max: 5 })],
    (at, missing) => {
      const [trapezoid, precisions] = (["trapezoid", "precisions"] as const).map((form) =>
        averagePrecisionAt(at, at.length + missing, form),
      );
      assertNotAbove(trapezoid, precisions + rounding, "trapezoid");
    },
  );

  property(
    "neither falls when a positive moves up",
    [positions, fc.nat(), fc.constantFrom<PrecisionForm>("trapezoid", "precisions")],
    (at, choice, form) => {
      const j = choice % at.length;
      if (at[j] - 1 === (at[j - 1] ?? -1)) return;
      const better = at.map((position, i) => position - (i === j ? 1 : 0));
      const [worse, moved] = [at, better].map((each) => averagePrecisionAt(each, at.length, form));
      assertNotAbove(worse, moved + rounding, "average precision");
    },
  );

  property(
    "with all positives together from a place on, the trapezoid's is a sum of two telescopes",
    [fc.nat({ max: 30 }), fc.integer({ min: 1, max: 10 })],
    (start, count) => {
      // j/(start + j) + (j + 1)/(start + j + 1) = 2 - start/(start + j) - start/(start + j + 1)
      let sum = 0;
      for (let j = 0; j < count; j++) {
        const before = start === 0 ? 0 : start / (start + j);
        sum += 2 - before - start / (start + j + 1);
      }
      const at = Array.from({ length: count }, (_, j) => start + j);
      assertNear(averagePrecisionAt(at, count), sum / 2 / count, rounding);
    },
  );
});
