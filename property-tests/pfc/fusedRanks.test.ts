/**
 * K ranks on the fused path are one rank on the formula path, in one step, for every margin and filter: shards without a class or without a
 * sample, and ranks that are given up and started again in the middle of a sweep.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { headProblems, ratios } from "../arbitraries/headProblems.js";
import { marginChoices, toMargin } from "../arbitraries/margins.js";
import { permutations } from "../arbitraries/shapes.js";
import { assertWithin } from "../operations/close.js";
import { property } from "../property.js";
import { engines, exact } from "../engines.js";
import { runHeads } from "./headsOnRanks.js";
import { clearThreshold, pathBounds } from "./pathRounding.js";

const problemsWithOrder = () =>
  headProblems().chain((problem) => fc.tuple(fc.constant(problem), permutations(problem.ranks)));

describe("k ranks on the fused path", () => {
  property(
    "give the loss and the gradients of one rank on the formula path, in whatever order they take their turns, and leave nothing behind",
    [
      problemsWithOrder(),
      fc.oneof(fc.constantFrom(0, 1), ratios()),
      marginChoices(),
      fc.constantFrom(0, 0.4),
      fc.boolean(),
    ],
    async ([problem, order], ratio, choice, wanted, keepCosines) => {
      const margin = toMargin(choice);
      for (const engine of engines) {
        const filter = clearThreshold(engine, problem, wanted);
        const settings = { ratio, margin, filter, keepCosines };
        const before = engine.memory();
        const fused = await runHeads(engine, problem.ranks, problem, { ...settings, order, path: "fused" });
        const { tensors, inUse } = engine.memory();
        assert.deepEqual([tensors, inUse], [before.tensors, before.inUse], engine.name);
        const [many] = fused.steps;
        const [one] = (await runHeads(exact, 1, problem, { ...settings, samples: [many.sampled] })).steps;
        const { loss, dx, dw } = pathBounds(engine, problem, margin);
        assert.equal(new Set(many.losses).size, 1, `ranks report different losses: ${many.losses.join(", ")}`);
        assertWithin([many.losses[0]], one.losses, [loss], `${engine.name}: loss`);
        assertWithin(many.dx, one.dx, dx, `${engine.name}: embedding gradient`);
        assertWithin(many.dw, one.dw, dw, `${engine.name}: center gradient`);
      }
    },
    { runs: 80 },
  );
});
