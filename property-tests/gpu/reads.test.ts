/** Training on the GPU engine, whatever the settings: a step reads one tensor, and leaves on the device what it found there. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { loader } from "../../src/data/loader.js";
import { buildTrainee } from "../../src/training/buildModel.js";
import { complete } from "../../src/training/configuration.js";
import { trainingStep } from "../../src/training/trainingStep.js";
import { numberedSet } from "../../test/data/miniatures.js";
import { inEveryMode } from "../../test/tensor/engines/gpu/inEveryMode.js";
import { property } from "../property.js";

const SIDE = 8;
const set = numberedSet(12, SIDE);

/** Networks of two blocks; both paths of the head, sparse and dense centers, all that an optimizer may keep; with quality and without. */
const configurations = fc
  .record({
    path: fc.constantFrom("fused" as const, "formula" as const),
    update: fc.constantFrom("sparse" as const, "dense" as const),
    ratio: fc.constantFrom(0.2, 0.5, 1),
    kind: fc.constantFrom("sgd" as const, "adamw" as const),
    momentum: fc.constantFrom(0, 0.9),
    accumulate: fc.constantFrom(1, 2, 3),
    clip: fc.constantFrom(0, 1),
    variant: fc.constantFrom("none" as const, "simultaneous" as const, "onTop" as const, "ccsOnly" as const),
  })
  .map(({ path, update, ratio, kind, momentum, accumulate, clip, variant }) =>
    complete({
      quality: { variant, base: variant === "onTop" ? "any run: weights are those of the seed" : "" },
      head: { path, update, ratio },
      optimizer: { kind, momentum, nesterov: momentum > 0 && update === "sparse", clip },
      dataset: { side: SIDE },
      network: { widths: [2, 3], blocks: [1, 1], embedding: 4 },
      ...{ batch: 4, accumulate, steps: 10, engine: "gpu:webasm" },
    }),
  );

const STEPS = 3;

inEveryMode(
  "training on the GPU engine",
  (engine) => {
    property(
      "reads once a step, and from tables of rows never",
      [configurations],
      async (configuration) => {
        const { batch, accumulate, seed } = configuration;
        const trainee = buildTrainee(engine(), configuration, set, () => undefined);
        const batches = loader({ set, batch, seed });
        await engine().ready();
        const before = engine().traffic;
        let held: number | undefined;
        for (let step = 0; step < STEPS; step++) {
          const passes = [];
          for await (const pass of batches.from(step * accumulate, (step + 1) * accumulate)) passes.push(pass);
          await trainingStep(trainee, passes, { rate: 0.01 }, [set.channels, SIDE, SIDE]);
          held ??= engine().memory().tensors; // with the state that the first step makes
          assert.equal(engine().memory().tensors, held, `tensors after step ${step}`);
        }
        await engine().ready();
        const { reads, streamedReads } = engine().traffic;
        assert.deepEqual([reads - before.reads, streamedReads - before.streamedReads], [STEPS, 0]);
        const { backbone, head, backboneOptimizer, headOptimizer } = trainee;
        for (const part of [backboneOptimizer, headOptimizer, backbone, head]) part.dispose();
        assert.equal(engine().memory().tensors, 0);
      },
      { runs: 16 },
    );
  },
  {},
  ["webasm", "cpu"],
);
