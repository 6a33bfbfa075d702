/** k ranks equal one rank over whole trainings of the class centers: momentum, decay and Adam's moments live with their centers. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { AdamW, SGD } from "../../src/nn/index.js";
import { cosFace } from "../../src/pfc/margins/cosFace.js";
import type { PartialFC } from "../../src/pfc/partialFC.js";
import { headProblems, ratios, type HeadProblem } from "../arbitraries/headProblems.js";
import { property } from "../property.js";
import { assertSameTraining, nudge } from "./conditioning.js";
import { exact } from "../engines.js";
import { headBounds } from "./headRounding.js";
import { runHeads, type HeadSettings } from "./headsOnRanks.js";

/** Two elements at least: with one there is no direction to learn. */
const problems = (): fc.Arbitrary<HeadProblem> =>
  headProblems({ minEmbedding: 2, maxSteps: 4, maxClasses: 12, regular: true });

/** Not ArcFace: its sin θ makes 1e-8 of a rounding where a center lies on an embedding, as some do here. `pfc/ranks` has all margins. */
const margin = cosFace({ scale: 8, margin: 0.3 });

const updates = (): fc.Arbitrary<"sparse" | "dense"> => fc.constantFrom("sparse" as const, "dense" as const);

const optimizers = {
  "SGD with momentum and decay": { rate: 0.1, make: (of: PartialFC) => new SGD(of, { momentum: 0.9, decay: 0.05 }) },
  // a large ε: Adam divides by the size of a gradient, and of one that is 0 up to rounding nothing but the sign is left
  AdamW: { rate: 0.02, make: (of: PartialFC) => new AdamW(of, { decay: 0.1, epsilon: 0.125 }) },
};

/** What the steps before make of the rounding of one step: centers of these lengths and rates let it grow by less than 4 a step. */
const LATER_STEPS = 4 ** 4;

async function assertSameHistory(problem: HeadProblem, settings: HeadSettings): Promise<void> {
  const many = await runHeads(exact, problem.ranks, problem, settings);
  const samples = many.steps.map(({ sampled }) => sampled);
  const one = await runHeads(exact, 1, problem, { ...settings, samples });
  const nudgedProblem = {
    ...problem,
    centers: nudge(problem.centers),
    batches: problem.batches.map(({ labels, embeddings }) => ({ labels, embeddings: nudge(embeddings) })),
  };
  const nudged = await runHeads(exact, 1, nudgedProblem, { ...settings, samples });
  for (const [step, { losses, dx }] of one.steps.entries()) {
    assert.equal(new Set(many.steps[step].losses).size, 1);
    const bounds = headBounds(exact, { ...problem, batches: [problem.batches[step]] }, settings.margin);
    const compare = (what: "losses" | "dx", columns: number, floor: readonly number[]): void =>
      assertSameTraining(
        `${what} of step ${step}`,
        columns,
        many.steps[step][what].slice(0, floor.length),
        one.steps[step][what],
        nudged.steps[step][what],
        floor.map((bound) => LATER_STEPS * bound),
      );
    compare("losses", 1, losses.map(() => bounds.loss)); // prettier-ignore
    compare("dx", problem.embedding, dx.map((_, i) => bounds.dx[i])); // prettier-ignore
  }
  const { dw } = headBounds(exact, problem, settings.margin);
  const floor = dw.map((bound) => LATER_STEPS * bound);
  assertSameTraining("centers", problem.embedding, many.centers, one.centers, nudged.centers, floor);
}

for (const [name, optimizer] of Object.entries(optimizers)) {
  describe(`k ranks, trained by ${name}`, () => {
    property(
      "go the way of one rank, with all centers",
      [problems(), updates()],
      (problem, update) => assertSameHistory(problem, { ratio: 1, margin, update, optimizer }),
      { runs: 60 },
    );

    property(
      "go the way of one rank that is handed the union of their samples in every step",
      [problems(), ratios(), updates()],
      (problem, ratio, update) => assertSameHistory(problem, { ratio, margin, update, optimizer }),
      { runs: 60 },
    );
  });
}
