/**
 * Whole trainings of the class centers on the fused path go the way of the formula: centers, momentum, moments, and what every step reports.
 *
 * Updates are taken in one sweep by SGD; AdamW and `dense` multiply the gradient out. On K ranks, on tables in several memories, with cosines
 * kept or computed anew. How far rounding may lead apart is measured (conditioning.ts).
 */
import assert from "node:assert/strict";
import { after, describe } from "node:test";
import fc from "fast-check";
import { AdamW, SGD } from "../../src/nn/index.js";
import { cosFace } from "../../src/pfc/margins/cosFace.js";
import type { PartialFC } from "../../src/pfc/partialFC.js";
import type { Engine } from "../../src/tensor/engine.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import {
  BANK_BYTES,
  headProblems,
  ofSeveralMemories,
  ratios,
  wideHeadProblems,
  type HeadProblem,
} from "../arbitraries/headProblems.js";
import { property } from "../property.js";
import { exact, roundingOf, single } from "../engines.js";
import { assertSameTraining, nudge } from "./conditioning.js";
import { headBounds } from "./headRounding.js";
import { runHeads, type HeadRun, type HeadSettings } from "./headsOnRanks.js";

/** Two elements at least: with one there is no direction to learn. */
const problems = (): fc.Arbitrary<HeadProblem> =>
  headProblems({ maxRanks: 4, minEmbedding: 2, maxSteps: 4, maxClasses: 12, regular: true });

/** Not ArcFace: its sin θ makes 1e-8 of a rounding where a center lies on an embedding. `pfc/fusedPath` has all margins. */
const margin = cosFace({ scale: 8, margin: 0.3 });

const optimizers: readonly HeadSettings["optimizer"][] = [
  { rate: 0.1, make: (of: PartialFC) => new SGD(of, {}) },
  { rate: 0.1, make: (of: PartialFC) => new SGD(of, { momentum: 0.9, decay: 0.05 }) },
  { rate: 0.1, make: (of: PartialFC) => new SGD(of, { momentum: 0.9, nesterov: true, decay: 0.01 }) },
  // a large ε: Adam divides by the size of a gradient, and of one that is 0 up to rounding nothing but the sign is left
  { rate: 0.02, make: (of: PartialFC) => new AdamW(of, { decay: 0.1, epsilon: 0.125 }) },
];
const named = (optimizer: number): string => ["SGD", "SGD with momentum", "SGD after Nesterov", "AdamW"][optimizer];

interface Choice {
  /** Place in `optimizers`. */
  readonly optimizer: number;
  readonly ratio: number;
  readonly update: "sparse" | "dense";
  readonly keepCosines: boolean;
  /** Dimensions of the embedding that a step leaves out, where two remain at least. */
  readonly leftOut: number;
}

const choices = (): fc.Arbitrary<Choice> =>
  fc.record({
    optimizer: fc.nat({ max: optimizers.length - 1 }),
    ratio: fc.oneof(fc.constantFrom(0, 1), ratios()),
    update: fc.constantFrom("sparse" as const, "sparse" as const, "dense" as const),
    keepCosines: fc.boolean(),
    leftOut: fc.constantFrom(0, 0, 1, 2),
  });

/** Those that are updated in one sweep, with momentum. */
const swept = (): fc.Arbitrary<Choice> =>
  fc
    .tuple(choices(), fc.constantFrom(1, 2))
    .map(([choice, optimizer]) => ({ ...choice, optimizer, update: "sparse" as const }));

/** What later steps make of the rounding of one, each: centers of these lengths and rates let it grow by less. */
const GROWTH = 4;

async function assertSameTrainings(engines: readonly Engine[], problem: HeadProblem, choice: Choice): Promise<void> {
  const features = Math.max(Math.min(2, problem.embedding), problem.embedding - choice.leftOut);
  const settings = { margin, ...choice, features, optimizer: optimizers[choice.optimizer] };
  for (const engine of engines) {
    const before = engine.memory();
    const fused = await runHeads(engine, problem.ranks, problem, { ...settings, path: "fused" });
    const { tensors, inUse } = engine.memory();
    assert.deepEqual([tensors, inUse], [before.tensors, before.inUse], `${engine.name} keeps something`);
    const samples = fused.steps.map(({ sampled }) => sampled);
    const formula = await runHeads(exact, 1, problem, { ...settings, samples, path: "formula" });
    const nudged = await runHeads(exact, 1, nudgedProblem(problem), { ...settings, samples, path: "formula" });
    assertSameRun(engine, problem, { fused, formula, nudged }, `${engine.name}, ${named(choice.optimizer)}`);
  }
}

function nudgedProblem(problem: HeadProblem): HeadProblem {
  const batches = problem.batches.map(({ labels, embeddings }) => ({ labels, embeddings: nudge(embeddings) }));
  return { ...problem, centers: nudge(problem.centers), batches };
}

function assertSameRun(
  engine: Engine,
  problem: HeadProblem,
  { fused, formula, nudged }: Readonly<Record<"fused" | "formula" | "nudged", HeadRun>>,
  who: string,
): void {
  const compare = (what: string, of: (run: HeadRun) => readonly number[], floor: readonly number[]): void =>
    assertSameTraining(
      `${who}: ${what}`,
      floor.length % problem.embedding === 0 ? problem.embedding : 1,
      of(fused),
      of(formula),
      of(nudged),
      floor.map((bound) => GROWTH ** problem.batches.length * bound),
      roundingOf(engine),
    );
  for (const [step, { losses }] of fused.steps.entries()) {
    assert.equal(new Set(losses).size, 1);
    const { loss, dx } = headBounds(engine, { ...problem, batches: [problem.batches[step]] }, margin);
    compare(`loss of step ${step}`, ({ steps }) => steps[step].losses.slice(0, 1), [loss]);
    compare(`dx of step ${step}`, ({ steps }) => steps[step].dx, dx);
  }
  const { dw } = headBounds(engine, problem, margin);
  compare("centers", ({ centers }) => centers, dw);
  assert.deepEqual(Object.keys(fused.state), Object.keys(formula.state));
  for (const name of Object.keys(formula.state)) compare(name, ({ state }) => state[name], dw);
}

const banked = await openEngine("wasm", { threads: 2, bankBytes: BANK_BYTES });
after(() => banked.close());

describe("trainings on the fused path", () => {
  property(
    "on any number of ranks go the way of the formula on one, in float64",
    [problems(), choices()],
    (problem, choice) => assertSameTrainings([exact], problem, choice),
    { runs: 100 },
  );

  property(
    "do so in float32",
    [problems(), choices()],
    (problem, choice) => assertSameTrainings(single, problem, choice),
    { runs: 60 },
  );

  property(
    "do so across all blocks of the kernels, from a table in several memories with its momentum",
    [wideHeadProblems({ ...ofSeveralMemories, maxSteps: 3 }), swept()],
    (problem, choice) => assertSameTrainings([banked], problem, choice),
    { runs: 8 },
  );
});
