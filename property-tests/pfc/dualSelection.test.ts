/**
 * Selection of embedding dimensions beside the sample of classes (Unicom, section 3): a step compares in f of the d dimensions, normalised over
 * these alone.
 *
 * Expected is the head of a smaller problem: the one whose embeddings and centers are the selected columns and nothing else. What it says of
 * those columns holds, and all others have no gradient; on either path, on tables in one memory and in several, for float16 as well.
 */
import assert from "node:assert/strict";
import { after, describe } from "node:test";
import fc from "fast-check";
import { SGD } from "../../src/nn/index.js";
import { cosFace } from "../../src/pfc/margins/cosFace.js";
import type { PartialFC } from "../../src/pfc/partialFC.js";
import { drawFeatures, featuresByScores } from "../../src/pfc/sampleFeatures.js";
import type { Engine } from "../../src/tensor/engine.js";
import { roundToHalf } from "../../src/tensor/float16.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { stream } from "../../src/tensor/random.js";
import {
  BANK_BYTES,
  headProblems,
  ofSeveralMemories,
  ratios,
  wideHeadProblems,
  type HeadProblem,
} from "../arbitraries/headProblems.js";
import { marginChoices, toMargin } from "../arbitraries/margins.js";
import { assertWithin } from "../operations/close.js";
import { property } from "../property.js";
import { exact, single } from "../engines.js";
import { assertShares } from "../statistics.js";
import { headBounds } from "./headRounding.js";
import { runHeads, type HeadSettings } from "./headsOnRanks.js";
import { clearThreshold, pathBounds } from "./pathRounding.js";

const banked = await openEngine("wasm", { threads: 2, bankBytes: BANK_BYTES });
after(() => banked.close());

/** A problem, and which of its columns are selected, in any order. */
interface Selection {
  readonly problem: HeadProblem;
  readonly columns: Int32Array;
}

function selections(problems: fc.Arbitrary<HeadProblem>): fc.Arbitrary<Selection> {
  return fc.tuple(problems, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat()).map(([problem, share, key]) => {
    const features = Math.max(1, Math.ceil(share * problem.embedding));
    const request = { embedding: problem.embedding, features, step: 0, rank: 0 };
    return { problem, columns: drawFeatures(request, stream(key)) };
  });
}

/** What the head is told of a selection. */
const selecting = ({ columns }: Selection): Pick<HeadSettings, "features" | "featureSampler"> => ({
  features: columns.length,
  featureSampler: () => columns,
});

/** The selected columns alone: [R, d] → [R, f] */
function cut(rows: Float64Array, embedding: number, columns: Int32Array): Float64Array {
  const from = Array.from({ length: rows.length / embedding }, (_, row) => row * embedding);
  return Float64Array.from(from.flatMap((start) => Array.from(columns, (column) => rows[start + column])));
}

function cutProblem({ problem, columns }: Selection): HeadProblem {
  const { embedding, centers, batches } = problem;
  return {
    ...problem,
    embedding: columns.length,
    centers: cut(centers, embedding, columns),
    batches: batches.map(({ labels, embeddings }) => ({ labels, embeddings: cut(embeddings, embedding, columns) })),
  };
}

/** Back among the others, which are `fill`: [R, f] → [R, d] */
function spread(values: readonly number[], { problem: { embedding }, columns }: Selection, fill = 0): number[] {
  const rows = values.length / columns.length;
  const all = new Array<number>(rows * embedding).fill(fill);
  for (let row = 0; row < rows; row++) {
    columns.forEach((column, k) => (all[row * embedding + column] = values[row * columns.length + k]));
  }
  return all;
}

/** One step with the selection on `engine` says what the smaller problem does on `exact`; rounding has no part in what is not selected. */
async function assertCut(
  engine: Engine,
  selection: Selection,
  { filter: wanted, ...settings }: HeadSettings & { readonly filter: number },
): Promise<void> {
  const smaller = cutProblem(selection);
  const filter = clearThreshold(engine, smaller, wanted);
  const [expected] = (await runHeads(exact, 1, smaller, { ...settings, filter, path: "formula" })).steps;
  const own = { ...settings, ...selecting(selection), filter };
  const [actual] = (await runHeads(engine, 1, selection.problem, own)).steps;
  const { loss, dx, dw } = pathBounds(engine, smaller, settings.margin);
  assert.deepEqual(actual.sampled, expected.sampled);
  assertWithin(actual.losses, expected.losses, [loss], `${engine.name}: loss`);
  assertWithin(actual.dx, spread(expected.dx, selection), spread(dx, selection), `${engine.name}: embedding gradient`);
  assertWithin(actual.dw, spread(expected.dw, selection), spread(dw, selection), `${engine.name}: center gradient`);
}

const anyRatio = (): fc.Arbitrary<number> => fc.oneof(fc.constantFrom(0, 1), ratios());
const paths = fc.constantFrom("formula" as const, "fused" as const);
const filters = fc.constantFrom(0, 0.4);

describe("a selection of dimensions", () => {
  property(
    "is the head of the selected columns, and nothing of the others, exactly",
    [selections(headProblems()), anyRatio(), marginChoices(), filters, paths, fc.boolean()],
    (selection, ratio, choice, filter, path, keepCosines) =>
      assertCut(exact, selection, { ratio, margin: toMargin(choice), filter, path, keepCosines }),
    { runs: 150 },
  );

  property(
    "is so in float32",
    [selections(headProblems()), anyRatio(), marginChoices(), filters, paths, fc.boolean()],
    async (selection, ratio, choice, filter, path, keepCosines) => {
      const settings = { ratio, margin: toMargin(choice), filter, path, keepCosines };
      for (const engine of single) await assertCut(engine, selection, settings);
    },
    { runs: 100 },
  );

  property(
    "is so across all blocks of the kernels, and from a table of float16",
    [selections(wideHeadProblems()), anyRatio(), marginChoices(), filters, fc.boolean(), fc.boolean()],
    async ({ problem, columns }, ratio, choice, filter, keepCosines, half) => {
      const centers = half ? problem.centers.map(roundToHalf) : problem.centers;
      const storage = half ? ("float16" as const) : ("float32" as const);
      const settings = { ratio, margin: toMargin(choice), filter, path: "fused" as const, keepCosines, storage };
      for (const engine of single) await assertCut(engine, { problem: { ...problem, centers }, columns }, settings);
    },
    { runs: 20 },
  );

  property(
    "is so from a table in several memories",
    [selections(wideHeadProblems(ofSeveralMemories)), anyRatio(), marginChoices(), fc.boolean()],
    (selection, ratio, choice, keepCosines) =>
      assertCut(banked, selection, { ratio, margin: toMargin(choice), filter: 0, path: "fused", keepCosines }),
    { runs: 6 },
  );

  property(
    "of all dimensions is Partial FC, bit for bit, and asks for no draw",
    [headProblems(), anyRatio(), marginChoices(), paths],
    async (problem, ratio, choice, path) => {
      const settings = { ratio, margin: toMargin(choice), path };
      const featureSampler = (): never => assert.fail("nothing is to be drawn");
      const selected = { ...settings, features: problem.embedding, featureSampler };
      assert.deepEqual(await runHeads(exact, 1, problem, selected), await runHeads(exact, 1, problem, settings));
    },
    { runs: 50 },
  );

  property(
    "that all ranks share makes k ranks one rank",
    [headProblems({ minEmbedding: 2 }), anyRatio(), marginChoices(), fc.integer({ min: 1, max: 4 }), paths],
    async (problem, ratio, choice, wanted, path) => {
      const features = Math.min(wanted, problem.embedding);
      const settings = { ratio, margin: toMargin(choice), features, path };
      const [many] = (await runHeads(exact, problem.ranks, problem, settings)).steps;
      const [one] = (await runHeads(exact, 1, problem, { ...settings, samples: [many.sampled] })).steps;
      assert.equal(new Set(many.losses).size, 1);
      const columns = drawFeatures(
        { embedding: problem.embedding, features, step: 0, rank: 0 },
        stream(7, "features", 0), // the seed of runHeads, its first step
      );
      const selection = { problem, columns };
      const { loss, dx, dw } = headBounds(exact, cutProblem(selection), settings.margin);
      assertWithin([many.losses[0]], one.losses, [loss], "loss");
      assertWithin(many.dx, one.dx, spread(dx, selection), "embedding gradient");
      assertWithin(many.dw, one.dw, spread(dw, selection), "center gradient");
    },
    { runs: 100 },
  );

  property(
    "of its own for each rank gives each what it alone would: centers of a rank have a gradient in its dimensions only",
    [headProblems({ maxRanks: 4, minEmbedding: 3 }), paths],
    async (problem, path) => {
      const settings = { ratio: 1, margin: cosFace({ scale: 8 }), features: 2, featureMask: "per-rank" as const, path };
      const { steps } = await runHeads(exact, problem.ranks, problem, settings);
      const { embedding, classes, ranks } = problem;
      let row = 0;
      for (let rank = 0; rank < ranks; rank++) {
        const columns = drawFeatures({ embedding, features: 2, step: 0, rank }, stream(7, "features", 0, rank));
        const own = Math.floor(classes / ranks) + (rank < classes % ranks ? 1 : 0);
        for (const end = row + own; row < end; row++) {
          for (let column = 0; column < embedding; column++) {
            const value = steps[0].dw[row * embedding + column];
            if (!columns.includes(column)) assert.equal(value, 0, `rank ${rank}, class ${row}, column ${column}`);
          }
        }
      }
    },
    { runs: 50 },
  );
});

describe("an update after a selection", () => {
  property(
    "leaves centers that were not sampled, and columns that were not selected, as they are to the last bit",
    [selections(headProblems({ minEmbedding: 2 })), ratios(), paths],
    async (selection, ratio, path) => {
      const { problem, columns } = selection;
      const optimizer = { rate: 0.5, make: (of: PartialFC) => new SGD(of, {}) };
      const settings = { ratio, margin: cosFace({ scale: 8 }), path, optimizer, ...selecting(selection) };
      for (const engine of [exact, ...single]) {
        const { steps, centers } = await runHeads(engine, 1, problem, settings);
        const before = engine.float === "float64" ? problem.centers : Float32Array.from(problem.centers);
        for (const [i, value] of centers.entries()) {
          const [row, column] = [Math.floor(i / problem.embedding), i % problem.embedding];
          if (steps[0].sampled.includes(row) && columns.includes(column)) continue;
          assert.equal(value, before[i], `${engine.name}: class ${row}, column ${column}`);
        }
      }
    },
    { runs: 50 },
  );
});

describe("an update of float16 after a selection", () => {
  property(
    "is that of the formula in every column, rounded once: momentum and decay move those that were not selected",
    [selections(wideHeadProblems({ rows: fc.constantFrom(3, 8) })), anyRatio()],
    async ({ problem, columns }, ratio) => {
      const optimizer = { rate: 0.25, make: (of: PartialFC) => new SGD(of, { momentum: 0.5, decay: 0.25 }) };
      const halves = { problem: { ...problem, centers: problem.centers.map(roundToHalf) }, columns };
      const settings = { ratio, margin: cosFace({ scale: 8 }), optimizer, ...selecting(halves) };
      const expected = await runHeads(exact, 1, halves.problem, { ...settings, path: "formula" });
      const { dw } = pathBounds(single[1], cutProblem(halves), settings.margin);
      const bounds = spread(dw, halves);
      const rounded = (values: readonly number[], share: number): number[] =>
        values.map(
          (value, i) => share * bounds[i] + 2 ** -11 * (Math.abs(value) + 1.01 * share * bounds[i]) + 2 ** -25,
        );
      for (const engine of single) {
        const path = "fused" as const;
        const actual = await runHeads(engine, 1, halves.problem, { ...settings, path, storage: "float16" });
        assertWithin(actual.centers, expected.centers, rounded(expected.centers, 0.25), `${engine.name}: centers`);
        const { velocity } = expected.state;
        assertWithin(actual.state.velocity, velocity, rounded(velocity, 1), `${engine.name}: velocity`);
      }
    },
    { runs: 20 },
  );
});

describe("the draw of dimensions", () => {
  property(
    "takes the lowest scores, the lowest first",
    [fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 }), fc.nat()],
    (scores, wanted) => {
      const features = 1 + (wanted % scores.length);
      const columns = featuresByScores(scores, features);
      assert.equal(new Set(columns).size, features);
      const taken = Array.from(columns, (column) => scores[column]);
      assert.deepEqual(
        taken,
        [...taken].sort((a, b) => a - b),
      );
      const left = scores.filter((_, column) => !columns.includes(column));
      for (const score of left)
        assert.ok(score >= taken[features - 1], `${score} was left, ${taken[features - 1]} taken`);
    },
  );

  property(
    "takes every dimension equally often",
    [fc.integer({ min: 2, max: 9 }), fc.nat(), fc.nat()],
    (embedding, wanted, seed) => {
      const features = 1 + (wanted % (embedding - 1));
      const counts = new Array<number>(embedding).fill(0);
      const draws = 2000;
      for (let step = 0; step < draws; step++) {
        const request = { embedding, features, step, rank: 0 };
        for (const column of drawFeatures(request, stream(seed, step))) counts[column]++;
      }
      assertShares(counts, draws, features / embedding);
    },
    { runs: 20 },
  );
});
