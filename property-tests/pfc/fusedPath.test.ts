/**
 * The fused path of Partial FC (`sweptSoftmax`: three passes over the table) is the formula written out in `PartialFC.loss`: the loss, the
 * gradient of every embedding and of every center.
 *
 * In float64 on plain loops up to rounding; in float32 on the kernels up to theirs, on tables in one memory and in many, with a
 * multiply-add that rounds twice or once. The threshold of the filter is put where no cosine meets it: at cos θ = τ the last bit decides, on either path.
 */
import assert from "node:assert/strict";
import { after, describe } from "node:test";
import fc from "fast-check";
import type { Margin } from "../../src/pfc/margins/margin.js";
import type { Engine } from "../../src/tensor/engine.js";
import { roundToHalf } from "../../src/tensor/float16.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import type { RowStorage } from "../../src/tensor/rowStore.js";
import { evenly } from "../arbitraries/numbers.js";
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
import { clearThreshold, pathBounds } from "./pathRounding.js";
import { runHeads } from "./headsOnRanks.js";

const filters = (): fc.Arbitrary<number> => fc.oneof(fc.constantFrom(0, 0.4), evenly(0.01, 0.9));
const anyRatio = (): fc.Arbitrary<number> => fc.oneof(fc.constantFrom(0, 1), ratios());

const large: readonly Engine[] = [
  await openEngine("wasm", { threads: 2, multiplyAdd: "separate" }),
  await openEngine("wasm", { threads: 1, multiplyAdd: "fused" }),
];
const banked = await openEngine("wasm", { threads: 2, bankBytes: BANK_BYTES });
after(async () => {
  for (const engine of [...large, banked]) await engine.close();
});

interface Settings {
  readonly ratio: number;
  readonly margin: Margin;
  readonly filter: number;
  readonly keepCosines: boolean;
  readonly storage?: RowStorage;
}

/** One step by the formula on `exact`, and by the fused path on every engine. */
async function assertSamePaths(
  engines: readonly Engine[],
  problem: HeadProblem,
  { filter: wanted, ...settings }: Settings,
): Promise<void> {
  for (const engine of engines) {
    const filter = clearThreshold(engine, problem, wanted);
    const [formula] = (await runHeads(exact, 1, problem, { ...settings, filter, path: "formula" })).steps;
    const [fused] = (await runHeads(engine, 1, problem, { ...settings, filter, path: "fused" })).steps;
    const { loss, dx, dw } = pathBounds(engine, problem, settings.margin);
    assert.deepEqual(fused.sampled, formula.sampled);
    assertWithin(fused.losses, formula.losses, [loss], `${engine.name}: loss`);
    assertWithin(fused.dx, formula.dx, dx, `${engine.name}: embedding gradient`);
    assertWithin(fused.dw, formula.dw, dw, `${engine.name}: center gradient`);
  }
}

describe("the fused path", () => {
  property(
    "gives the loss and the gradients of the formula, in float64",
    [headProblems(), anyRatio(), marginChoices(), filters(), fc.boolean()],
    (problem, ratio, choice, filter, keepCosines) =>
      assertSamePaths([exact], problem, { ratio, margin: toMargin(choice), filter, keepCosines }),
    { runs: 150 },
  );

  property(
    "gives them in float32",
    [headProblems(), anyRatio(), marginChoices(), filters(), fc.boolean()],
    (problem, ratio, choice, filter, keepCosines) =>
      assertSamePaths(single, problem, { ratio, margin: toMargin(choice), filter, keepCosines }),
    { runs: 150 },
  );

  property(
    "gives them across all blocks of its kernels, for either multiply-add",
    [wideHeadProblems(), anyRatio(), marginChoices(), filters(), fc.boolean()],
    (problem, ratio, choice, filter, keepCosines) =>
      assertSamePaths(large, problem, { ratio, margin: toMargin(choice), filter, keepCosines }),
    { runs: 25 },
  );

  property(
    "gives them from a table in several memories",
    [wideHeadProblems(ofSeveralMemories), anyRatio(), marginChoices(), filters(), fc.boolean()],
    (problem, ratio, choice, filter, keepCosines) =>
      assertSamePaths([banked], problem, { ratio, margin: toMargin(choice), filter, keepCosines }),
    { runs: 8 },
  );

  property(
    "gives them from a table of float16",
    [wideHeadProblems(), anyRatio(), marginChoices(), filters(), fc.boolean()],
    (problem, ratio, choice, filter, keepCosines) => {
      const centers = problem.centers.map(roundToHalf);
      const settings = { ratio, margin: toMargin(choice), filter, keepCosines, storage: "float16" as const };
      return assertSamePaths(single, { ...problem, centers }, settings);
    },
    { runs: 15 },
  );
});
