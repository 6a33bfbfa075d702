/**
 * k ranks equal one rank (Partial FC, section 3: class centers are spread over devices, and nothing is approximated by it).
 *
 * The loss, the gradient of every embedding and of every center, for any number of ranks and classes, shards without a class or without a
 * sample among them; with r < 1 one rank is given the union of what the ranks drew.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { cosFace } from "../../src/pfc/margins/cosFace.js";
import type { Margin } from "../../src/pfc/margins/margin.js";
import { PartialFC } from "../../src/pfc/partialFC.js";
import { InProcessRanks } from "../../src/ranks/inProcessRanks.js";
import type { Engine } from "../../src/tensor/engine.js";
import { headProblems, ratios, type HeadProblem } from "../arbitraries/headProblems.js";
import { marginChoices, toMargin } from "../arbitraries/margins.js";
import { permutations } from "../arbitraries/shapes.js";
import { assertWithin } from "../operations/close.js";
import { property } from "../property.js";
import { engines, exact } from "../engines.js";
import { headBounds } from "./headRounding.js";
import { runHeads, type HeadStep } from "./headsOnRanks.js";

const filters = (): fc.Arbitrary<number> => fc.constantFrom(0, 0.4);

function assertSameStep(engine: Engine, problem: HeadProblem, margin: Margin, many: HeadStep, one: HeadStep): void {
  const { loss, dx, dw } = headBounds(engine, problem, margin);
  assert.equal(new Set(many.losses).size, 1, `ranks report different losses: ${many.losses.join(", ")}`);
  assertWithin([many.losses[0]], one.losses, [loss], "loss");
  assertWithin(many.dx, one.dx, dx, "embedding gradient");
  assertWithin(many.dw, one.dw, dw, "center gradient");
}

describe("k ranks", () => {
  property(
    "give the loss, embedding gradients and center gradients of one rank, with all centers",
    [headProblems(), marginChoices(), filters()],
    async (problem, choice, filter) => {
      const settings = { ratio: 1, margin: toMargin(choice), filter };
      const [many] = (await runHeads(exact, problem.ranks, problem, settings)).steps;
      const [one] = (await runHeads(exact, 1, problem, settings)).steps;
      assertSameStep(exact, problem, settings.margin, many, one);
    },
  );

  property(
    "give those of one rank that is handed the union of their samples, whatever the ratio",
    [headProblems(), ratios(), marginChoices(), filters()],
    async (problem, ratio, choice, filter) => {
      const settings = { ratio, margin: toMargin(choice), filter };
      const [many] = (await runHeads(exact, problem.ranks, problem, settings)).steps;
      const [one] = (await runHeads(exact, 1, problem, { ...settings, samples: [many.sampled] })).steps;
      assert.deepEqual(one.sampled, many.sampled);
      assertSameStep(exact, problem, settings.margin, many, one);
    },
  );

  property(
    "do so in float32 and on the wasm engine too",
    [headProblems(), fc.oneof(fc.constant(1), ratios())],
    async (problem, ratio) => {
      // CosFace without a filter: cosines that differ in the last bit meet no kink
      const settings = { ratio, margin: cosFace({ scale: 8 }) };
      for (const engine of engines) {
        const [many] = (await runHeads(engine, problem.ranks, problem, settings)).steps;
        const [one] = (await runHeads(engine, 1, problem, { ...settings, samples: [many.sampled] })).steps;
        assertSameStep(engine, problem, settings.margin, many, one);
      }
    },
    { runs: 50 },
  );

  property(
    "give the same bits in whatever order they take their turns",
    [headProblems().chain((problem) => fc.tuple(fc.constant(problem), permutations(problem.ranks))), ratios()],
    async ([problem, order], ratio) => {
      const settings = { ratio, margin: cosFace() };
      const inOrder = await runHeads(exact, problem.ranks, problem, settings);
      assert.deepEqual(await runHeads(exact, problem.ranks, problem, { ...settings, order }), inOrder);
    },
    { runs: 50 },
  );

  property(
    "start from the centers of one rank, bit for bit",
    [fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 20 }), fc.integer()],
    async (ranks, classes, seed) => {
      const centersOn = async (count: number): Promise<number[]> => {
        const rows: number[] = [];
        for (const communicator of new InProcessRanks(exact, count).communicators) {
          const head = new PartialFC(exact, { classes, embedding: 3, margin: cosFace(), seed, communicator });
          rows.push(...(await head.centers.store.read(0, head.centers.rows)));
        }
        return rows;
      };
      assert.deepEqual(await centersOn(ranks), await centersOn(1));
    },
  );
});

describe("the factor of world size in the public code", () => {
  property(
    "gives, averaged over ranks, what a sum without it gives: the gradient of one rank; averaged without it, a k-th",
    [headProblems({ minEmbedding: 2 }), ratios()],
    async (problem, ratio) => {
      const { ranks, embedding, batches } = problem;
      const settings = { ratio, margin: cosFace() };
      const [many] = (await runHeads(exact, ranks, problem, settings)).steps;
      const [one] = (await runHeads(exact, 1, problem, { ...settings, samples: [many.sampled] })).steps;
      // a backbone of one weight, by which every embedding was multiplied: dL/dweight = Σ ⟨x, dx⟩ over the rows of a rank, here of
      // the first element only, as Σ ⟨x, dx⟩ over all of a row is 0
      const rows = batches[0].labels.length;
      const [first] = batches;
      const shares = Array.from({ length: rows }, (_, i) => first.embeddings[i * embedding]);
      const gradientOf = (dx: readonly number[], from: number, to: number): number =>
        shares.slice(from, to).reduce((sum, x, i) => sum + x * dx[(from + i) * embedding], 0);
      const byRank = Array.from({ length: ranks }, (_, k) =>
        gradientOf(many.dx, (k * rows) / ranks, ((k + 1) * rows) / ranks),
      );
      const sum = byRank.reduce((total, share) => total + share, 0);
      const average = (factor: number): number => byRank.reduce((total, share) => total + factor * share, 0) / ranks;
      const expected = gradientOf(one.dx, 0, rows);

      const { dx } = headBounds(exact, problem, settings.margin);
      const allowed = shares.reduce(
        (total, x, i) => total + Math.abs(x) * (dx[i * embedding] + rows * 2 ** -52 * Math.abs(one.dx[i * embedding])),
        0,
      );
      assertWithin(
        [sum, average(ranks), ranks * average(1)],
        [expected, expected, expected],
        [allowed, allowed, allowed],
        "gradient",
      );
    },
    { runs: 50 },
  );
});
