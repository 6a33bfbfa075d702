/** Checkpoints: a state that is saved and loaded is the same state, bit for bit, and trains on as if nothing had happened. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe } from "node:test";
import fc from "fast-check";
import { loader } from "../../src/data/loader.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { buildTrainee } from "../../src/training/buildModel.js";
import { loadCheckpoint, saveCheckpoint, type Progress } from "../../src/training/checkpoint.node.js";
import { complete, type Configuration } from "../../src/training/configuration.js";
import { trainingStep, type Trainee } from "../../src/training/trainingStep.js";
import { numberedSet } from "../../test/data/miniatures.js";
import { property } from "../property.js";
import { evenly } from "../arbitraries/numbers.js";

const folder = mkdtempSync(join(tmpdir(), "checkpoint-laws-"));
after(() => rmSync(folder, { recursive: true }));
const engine = await openEngine("reference");
const SIDE = 8;
const set = numberedSet(12, SIDE);
const file = (name: string): string => join(folder, `${name}.safetensors`);

/** Networks of two blocks with everything that has a state: momentum or moments, sparse and dense centers. */
const configurations: fc.Arbitrary<Configuration> = fc
  .record({
    seed: fc.oneof(fc.integer(), fc.string({ maxLength: 5 })),
    kind: fc.constantFrom("sgd" as const, "adamw" as const),
    momentum: fc.constantFrom(0, 0.9),
    update: fc.constantFrom("sparse" as const, "dense" as const),
    ratio: fc.constantFrom(0.2, 0.5, 1),
  })
  .map(({ seed, kind, momentum, update, ratio }) =>
    complete({
      seed,
      head: { update, ratio },
      optimizer: { kind, momentum, nesterov: momentum > 0 },
      dataset: { side: SIDE },
      network: { widths: [2, 3], blocks: [1, 1], embedding: 4 },
      ...{ batch: 4, steps: 10, engine: "reference" },
    }),
  );

const progresses: fc.Arbitrary<Progress> = fc.record(
  {
    step: fc.nat(),
    best: evenly(0, 1).map((score) => score + 0), // JSON has one zero
    validationDue: fc.constant(true as const),
  },
  { requiredKeys: ["step"], noNullPrototype: true },
);

function newTrainee(configuration: Configuration): Trainee {
  return buildTrainee(engine, configuration, set, () => undefined);
}

/** Steps `from` … `to` − 1. */
async function trainSteps(trainee: Trainee, { batch, seed }: Configuration, from: number, to: number): Promise<void> {
  const batches = loader({ set, batch, seed });
  for (let step = from; step < to; step++) {
    const passes = [];
    for await (const pass of batches.from(step, step + 1)) passes.push(pass);
    await trainingStep(trainee, passes, { rate: 0.05 }, [set.channels, SIDE, SIDE]);
  }
}

describe("a checkpoint", () => {
  property(
    "of a state that was loaded is the file from which it was loaded",
    [configurations, progresses, fc.integer({ min: 0, max: 3 })],
    async (configuration, progress, steps) => {
      const trained = newTrainee(configuration);
      await trainSteps(trained, configuration, 0, steps);
      await saveCheckpoint(file("first"), trained, progress, configuration);

      const other = newTrainee(configuration);
      await trainSteps(other, configuration, 5, 6); // so that nothing is right by chance
      assert.deepEqual(await loadCheckpoint(file("first"), other, configuration), progress);
      await saveCheckpoint(file("second"), other, progress, configuration);
      assert.ok(readFileSync(file("second")).equals(readFileSync(file("first"))));
    },
    { runs: 20 },
  );

  property(
    "between any two steps changes nothing of what training ends in",
    [configurations, fc.integer({ min: 0, max: 3 })],
    async (configuration, cut) => {
      const whole = newTrainee(configuration);
      await trainSteps(whole, configuration, 0, 3);
      await saveCheckpoint(file("whole"), whole, { step: 3 }, configuration);

      const first = newTrainee(configuration);
      await trainSteps(first, configuration, 0, cut);
      await saveCheckpoint(file("cut"), first, { step: cut }, configuration);
      const second = newTrainee(configuration);
      const { step } = await loadCheckpoint(file("cut"), second, configuration);
      await trainSteps(second, configuration, step, 3);
      await saveCheckpoint(file("resumed"), second, { step: 3 }, configuration);
      assert.ok(readFileSync(file("resumed")).equals(readFileSync(file("whole"))));
    },
    { runs: 20 },
  );

  property(
    "of other settings is refused by the setting that differs",
    [configurations, configurations],
    async (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other));
      const trainee = newTrainee(one);
      await saveCheckpoint(file("other"), trainee, { step: 1 }, one);
      await assert.rejects(
        loadCheckpoint(file("other"), trainee, other),
        /was made with [a-zA-Z.]+ = .*, but the run's settings/,
      );
    },
    { runs: 20 },
  );
});
