/** What must not change a bit of the fused path: threads, cosines that are kept or computed anew, and doing it again. */
import assert from "node:assert/strict";
import { after, describe } from "node:test";
import fc from "fast-check";
import { SGD } from "../../src/nn/index.js";
import type { PartialFC } from "../../src/pfc/partialFC.js";
import type { Engine } from "../../src/tensor/engine.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { ratios, wideHeadProblems, type HeadProblem } from "../arbitraries/headProblems.js";
import { marginChoices, toMargin } from "../arbitraries/margins.js";
import { property } from "../property.js";
import { runHeads, type HeadRun, type HeadSettings } from "./headsOnRanks.js";

const engines = await Promise.all([1, 2, 3].map((threads) => openEngine("wasm", { threads })));
const separate = await openEngine("wasm", { threads: 2, multiplyAdd: "separate" });
after(async () => {
  for (const engine of [...engines, separate]) await engine.close();
});

const optimizer = { rate: 0.1, make: (of: PartialFC) => new SGD(of, { momentum: 0.9, decay: 0.01 }) };
const problems = (): fc.Arbitrary<HeadProblem> => wideHeadProblems({ maxRanks: 2, maxSteps: 2 });
const anyRatio = (): fc.Arbitrary<number> => fc.oneof(fc.constant(1), ratios());

/** Names the first number that differs: a list of all of them would be no help. */
function assertSameBits(actual: HeadRun, expected: HeadRun, what: string): void {
  const parts = ({ steps, centers, state }: HeadRun): [string, readonly number[]][] => [
    ...steps.flatMap(({ losses, dx, dw }, step): [string, readonly number[]][] => [
      [`losses of step ${step}`, losses],
      [`dx of step ${step}`, dx],
      [`dw of step ${step}`, dw],
    ]),
    ["centers", centers],
    ...Object.entries(state),
  ];
  const others = new Map(parts(expected));
  for (const [name, values] of parts(actual)) {
    const place = values.findIndex((value, i) => !Object.is(value, others.get(name)![i]));
    if (place !== -1) assert.fail(`${what}: ${name}[${place}] is ${values[place]}, not ${others.get(name)![place]}`);
  }
}

const fusedRun = (engine: Engine, problem: HeadProblem, settings: Omit<HeadSettings, "path">): Promise<HeadRun> =>
  runHeads(engine, problem.ranks, problem, { ...settings, path: "fused", optimizer });

describe("the fused path gives the same bits", () => {
  property(
    "on one, two and three threads",
    [problems(), anyRatio(), marginChoices(), fc.constantFrom(0, 0.1), fc.boolean()],
    async (problem, ratio, choice, filter, keepCosines) => {
      const settings = { ratio, margin: toMargin(choice), filter, keepCosines };
      const [alone, ...others] = engines;
      const expected = await fusedRun(alone, problem, settings);
      for (const engine of others) assertSameBits(await fusedRun(engine, problem, settings), expected, engine.name);
    },
    { runs: 15 },
  );

  property(
    "whether cosines are kept or computed anew, and when it is done again",
    [problems(), anyRatio(), marginChoices(), fc.constantFrom(0, 0.1)],
    async (problem, ratio, choice, filter) => {
      const settings = { ratio, margin: toMargin(choice), filter };
      for (const engine of [engines[0], separate]) {
        const kept = await fusedRun(engine, problem, { ...settings, keepCosines: true });
        const anew = await fusedRun(engine, problem, { ...settings, keepCosines: false });
        assertSameBits(anew, kept, `${engine.name}, computed anew`);
        const again = await fusedRun(engine, problem, { ...settings, keepCosines: true });
        assertSameBits(again, kept, `${engine.name}, again`);
      }
    },
    { runs: 15 },
  );
});
