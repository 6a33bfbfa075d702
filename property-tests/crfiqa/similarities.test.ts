/**
 * Similarities to class centers, which CR-FIQA learns from (Boutros et al. 2023, section 3), as Partial FC finds them: on both paths of the
 * head, over all centers and over a sample, on one rank and on several.
 *
 * The second computation is a loop over rows on plain arrays. A cosine of E products, two lengths and a quotient is off by no more than
 * 2 (E + 4) roundings, and so is the largest of several. NNCCS where there is no wrong class at all is a number far below −1.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { nearestNegative, relativeClassifiability } from "../../src/crfiqa/relativeClassifiability.js";
import { cosFace } from "../../src/pfc/margins/cosFace.js";
import type { Engine } from "../../src/tensor/engine.js";
import { powersOfTwo } from "../arbitraries/embeddings.js";
import { headProblems, ratios, wideHeadProblems, type HeadProblem } from "../arbitraries/headProblems.js";
import { marginChoices, toMargin } from "../arbitraries/margins.js";
import { permutations } from "../arbitraries/shapes.js";
import { engines, exact, roundingOf } from "../engines.js";
import { assertWithin } from "../operations/close.js";
import { clearThreshold } from "../pfc/pathRounding.js";
import { toRows } from "../pfc/plainHead.js";
import { property } from "../property.js";
import { classified, type ProblemHeadSettings } from "./problemHeads.js";

const paths = () => fc.constantFrom("formula" as const, "fused" as const);
const anyRatio = () => fc.oneof(fc.constant(1), ratios());
const filters = () => fc.constantFrom(0, 0.4);

/** Where the margin does not matter. */
const margin = cosFace({ scale: 8 });
/** Shortest length that is divided by. */
const SHORTEST = 1e-12;
/** Where there is no wrong class. */
const NONE = -2;

interface Similarities {
  readonly own: readonly number[];
  readonly nearest: readonly number[];
}

/** The definition, over the classes of a sample. */
function plainSimilarities(
  { embedding, centers, batches: [{ labels, embeddings }] }: HeadProblem,
  sample: readonly number[],
  filter: number,
): Similarities {
  const unit = (row: readonly number[]): number[] => {
    const length = Math.max(Math.hypot(...row), SHORTEST);
    return row.map((value) => value / length);
  };
  const [x, w] = [toRows(embeddings, embedding).map(unit), toRows(centers, embedding).map(unit)];
  const cosine = (i: number, j: number): number => {
    const product = x[i].reduce((sum, value, e) => sum + value * w[j][e], 0);
    return Math.min(1, Math.max(-1, product));
  };
  return {
    own: labels.map((label, i) => cosine(i, label)),
    nearest: labels.map((label, i) => {
      let largest = -Infinity;
      for (const j of sample) {
        if (j === label) continue;
        const value = cosine(i, j);
        largest = Math.max(largest, filter > 0 && value > filter ? 0 : value);
      }
      return largest;
    }),
  };
}

/** What rounding may change in a cosine of this engine. */
function slackOf(engine: Engine, { embedding }: HeadProblem): number {
  return 2 * (embedding + 4) * roundingOf(engine);
}

function assertSimilarities(found: Similarities, expected: Similarities, slack: number, what: string): void {
  const allowed = expected.own.map(() => slack);
  assertWithin(found.own, expected.own, allowed, `${what}: CCS`);
  for (const [i, value] of expected.nearest.entries()) {
    if (value < NONE)
      assert.ok(found.nearest[i] < NONE, `${what}: NNCCS of row ${i}, without a wrong class, is ${found.nearest[i]}`); // prettier-ignore
    else assertWithin([found.nearest[i]], [value], [slack], `${what}: NNCCS of row ${i}`);
  }
}

describe("similarities to class centers", () => {
  property(
    "are those of a loop over the classes of the sample, on both paths and every engine, with a filter and without",
    [headProblems(), anyRatio(), marginChoices(), filters(), paths(), fc.boolean()],
    (problem, ratio, choice, wanted, path, keepCosines) => {
      for (const engine of engines) {
        const filter = clearThreshold(engine, problem, wanted);
        const settings = { ratio, margin: toMargin(choice), filter, path, keepCosines };
        const found = classified(engine, 1, problem, settings);
        const expected = plainSimilarities(problem, found.sampled, filter);
        assertSimilarities(found, expected, slackOf(engine, problem), engine.name);
      }
    },
  );

  property(
    "are so across the blocks in which kernels compute",
    [wideHeadProblems(), anyRatio(), paths()],
    (problem, ratio, path) => {
      for (const engine of engines) {
        const found = classified(engine, 1, problem, { ratio, margin, path });
        assertSimilarities(found, plainSimilarities(problem, found.sampled, 0), slackOf(engine, problem), engine.name);
      }
    },
    { runs: 20 },
  );

  property(
    "come beside the loss and change no bit of it, nor of its gradients",
    [headProblems(), anyRatio(), marginChoices(), filters(), paths()],
    (problem, ratio, choice, filter, path) => {
      for (const engine of engines) {
        const settings: ProblemHeadSettings = { ratio, margin: toMargin(choice), filter, path };
        const { own: _, nearest: __, ...beside } = classified(engine, problem.ranks, problem, settings);
        const { own, nearest, ...alone } = classified(engine, problem.ranks, problem, settings, "loss");
        assert.deepEqual([own, nearest], [[], []]);
        assert.deepEqual(beside, alone, engine.name);
      }
    },
    { runs: 30 },
  );

  property(
    "leave no memory behind",
    [headProblems(), anyRatio(), paths()],
    (problem, ratio, path) => {
      for (const engine of engines) {
        const { tensors, inUse } = engine.memory();
        classified(engine, problem.ranks, problem, { ratio, margin, path });
        const after = engine.memory();
        assert.deepEqual([after.tensors, after.inUse], [tensors, inUse], engine.name);
      }
    },
    { runs: 30 },
  );

  property(
    "do not care how classes are numbered",
    [headProblems().chain((problem) => fc.tuple(fc.constant(problem), permutations(problem.classes))), anyRatio(), paths()], // prettier-ignore
    ([problem, newNumber], ratio, path) => {
      const { embedding, centers, batches: [{ embeddings, labels }] } = problem; // prettier-ignore
      const moved = new Float64Array(centers.length);
      newNumber.forEach((to, from) => moved.set(toRows(centers, embedding)[from], to * embedding));
      const batches = [{ embeddings, labels: labels.map((label) => newNumber[label]) }];
      for (const engine of engines) {
        const settings = { ratio, margin, path };
        const before = classified(engine, 1, problem, settings);
        const sample = before.sampled.map((j) => newNumber[j]).sort((a, b) => a - b);
        const after = classified(engine, 1, { ...problem, centers: moved, batches }, { ...settings, sample });
        assertSimilarities(after, before, 2 * slackOf(engine, problem), engine.name);
      }
    },
    { runs: 60 },
  );

  property(
    "do not see how long embeddings and centers are",
    [
      headProblems().chain((problem) =>
        fc.tuple(
          fc.constant(problem),
          powersOfTwo(problem.batches[0].labels.length, 8),
          powersOfTwo(problem.classes, 8),
        ),
      ),
      paths(),
    ],
    ([problem, ofRows, ofCenters], path) => {
      const { embedding, centers, batches: [{ embeddings, labels }] } = problem; // prettier-ignore
      const scaled = (values: Float64Array, factors: readonly number[]): Float64Array =>
        values.map((value, i) => value * factors[Math.floor(i / embedding)]);
      const batches = [{ labels, embeddings: scaled(embeddings, ofRows) }];
      const other = { ...problem, centers: scaled(centers, ofCenters), batches };
      for (const engine of engines) {
        const settings = { ratio: 1, margin, path };
        const [one, two] = [classified(engine, 1, problem, settings), classified(engine, 1, other, settings)];
        assertSimilarities(two, one, 2 * slackOf(engine, problem), engine.name);
      }
    },
    { runs: 60 },
  );

  property(
    "over a sample: CCS is that over all centers, NNCCS no more, and CR of the paper's form no less where CCS is positive",
    [headProblems(), ratios(), paths(), fc.constantFrom(undefined, null)],
    (problem, ratio, path, floor) => {
      const over = (of: number): Similarities => classified(exact, 1, problem, { ratio: of, margin, path });
      const [sample, all] = [over(ratio), over(1)];
      const target = ({ own, nearest }: Similarities): number[] =>
        exact.scope(() => {
          const [ccs, nnccs] = [own, nearest].map((values) => exact.tensor([...values], [values.length]));
          return Array.from(relativeClassifiability(ccs, nearestNegative(nnccs, floor)).dataSync());
        });
      assert.deepEqual(sample.own, all.own); // each cosine is a sum of its own, so that no bit depends on the others
      const [ofSample, ofAll] = [target(sample), target(all)];
      for (const [i, ccs] of all.own.entries()) {
        assert.ok(sample.nearest[i] <= all.nearest[i], `NNCCS of row ${i}`);
        assert.ok(ccs > 0 ? ofSample[i] >= ofAll[i] : ofSample[i] <= ofAll[i], `CR of row ${i}`);
      }
    },
  );

  property(
    "on k ranks, each row on one of them, are those of one rank: over all centers, and over the union of what the ranks sampled",
    [
      headProblems().chain((problem) => fc.tuple(fc.constant(problem), permutations(problem.ranks))),
      anyRatio(),
      marginChoices(),
      filters(),
      paths(),
    ],
    ([problem, order], ratio, choice, wanted, path) => {
      for (const engine of engines) {
        const filter = clearThreshold(engine, problem, wanted);
        const settings = { ratio, margin: toMargin(choice), filter, path };
        const many = classified(engine, problem.ranks, problem, { ...settings, order });
        assertSimilarities(many, plainSimilarities(problem, many.sampled, filter), slackOf(engine, problem), engine.name); // prettier-ignore
        const one = classified(engine, 1, problem, { ...settings, sample: many.sampled });
        assertSimilarities(many, one, 2 * slackOf(engine, problem), engine.name);
      }
    },
  );
});
