/** From `head.features` of a configuration to a step of training: which dimensions take part, and that nothing else of the centers moves. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { byteImageSet } from "../../src/data/ImageSet.js";
import { loader } from "../../src/data/loader.js";
import { seededFeatures } from "../../src/pfc/sampleFeatures.js";
import { hashBits, stream } from "../../src/tensor/random.js";
import { buildTrainee } from "../../src/training/buildModel.js";
import { complete, type Configuration } from "../../src/training/configuration.js";
import { trainingStep, type StepResult } from "../../src/training/trainingStep.js";
import { single } from "../engines.js";
import { property } from "../property.js";

const engine = single[1];
const [CLASSES, SIDE, EMBEDDING, STEPS] = [8, 8, 6, 3];

const key = stream("pictures").key();
const images = byteImageSet({
  ...{ name: "noise", height: SIDE, width: SIDE, channels: 1 },
  pixels: Uint8Array.from({ length: 4 * CLASSES * SIDE ** 2 }, (_, i) => hashBits(key, 0, i) & 255),
  labels: Int32Array.from({ length: 4 * CLASSES }, (_, image) => image % CLASSES),
});

interface Choice {
  readonly features: number;
  readonly ratio: number;
  readonly path: "formula" | "fused";
  readonly seed: number;
  readonly momentum: number;
}

const choices = fc.record<Choice>({
  features: fc.integer({ min: 1, max: EMBEDDING - 1 }),
  ratio: fc.constantFrom(0, 0.5, 1),
  path: fc.constantFrom("formula", "fused"),
  seed: fc.nat(),
  momentum: fc.constantFrom(0, 0.9),
});

function configurationOf({ features, ratio, path, seed, momentum }: Choice): Configuration {
  return complete({
    ...{ batch: 6, steps: STEPS, seed },
    network: { kind: "small", embedding: EMBEDDING, widths: [4], blocks: [1] },
    head: { features, ratio, path, margin: { scale: 8 } },
    optimizer: { momentum, nesterov: false, decay: 0, rate: 0.1, clip: 0 },
    schedule: { warmup: 0 },
  });
}

interface Seen {
  readonly step: StepResult;
  readonly features: Int32Array | undefined;
  readonly sampled: Int32Array;
  /** After it: [C, E] */
  readonly centers: ArrayLike<number>;
}

/** The centers before all, and what every step did. */
async function trained(choice: Choice): Promise<{ before: ArrayLike<number>; steps: Seen[] }> {
  const configuration = configurationOf(choice);
  const trainee = buildTrainee(engine, configuration, images, () => undefined);
  const { head, backbone, backboneOptimizer, headOptimizer } = trainee;
  const batches = loader({ set: images, batch: configuration.batch, seed: choice.seed });
  const centers = async (): Promise<ArrayLike<number>> => Float32Array.from(await head.centers.store.read(0, CLASSES));
  const before = await centers();
  const steps: Seen[] = [];
  for (let step = 0; step < STEPS; step++) {
    const result = await trainingStep(trainee, [await batches.at(step)], { rate: 0.1 }, [1, SIDE, SIDE]);
    const sampled = head.lastSample!.index.slice();
    steps.push({ step: result, features: head.lastFeatures?.slice(), sampled, centers: await centers() });
  }
  for (const made of [backboneOptimizer, headOptimizer, head, backbone]) made.dispose();
  return { before, steps };
}

describe("a training that selects dimensions", () => {
  property(
    "selects so many, those of (seed, step), and moves nothing else of the centers while there is no momentum",
    [choices],
    async (choice) => {
      const { before, steps } = await trained(choice);
      const sampler = seededFeatures(choice.seed, "shared");
      let last = before;
      for (const [step, { features, sampled, centers, step: result }] of steps.entries()) {
        const request = { embedding: EMBEDDING, features: choice.features, step, rank: 0 };
        assert.deepEqual(features, sampler(request), `step ${step}`);
        // in one dimension cosines are ±1 whatever the embedding, and nothing has anywhere to turn
        if (choice.features > 1) assert.ok(result.gradientNorm > 0, `step ${step}: the backbone has no gradient`);
        const moved = Array.from(centers, (value, at) => value !== last[at]);
        if (choice.momentum === 0) {
          for (const [at, hasMoved] of moved.entries()) {
            const isIn = sampled.includes(Math.floor(at / EMBEDDING)) && features.includes(at % EMBEDDING);
            if (hasMoved && !isIn)
              assert.fail(`step ${step}: class ${Math.floor(at / EMBEDDING)}, column ${at % EMBEDDING} moved`);
          }
        }
        if (choice.features > 1) assert.ok(moved.includes(true), `step ${step}: no center moved`);
        last = centers;
      }
    },
    { runs: 12 },
  );

  property(
    "of none given is that of all, bit for bit",
    [choices],
    async (choice) => {
      const [none, all] = [
        await trained({ ...choice, features: 0 }),
        await trained({ ...choice, features: EMBEDDING }),
      ];
      const timeless = ({ before, steps }: typeof none): unknown => [
        before,
        steps.map((seen) => ({ ...seen, step: { ...seen.step, headMilliseconds: undefined } })),
      ];
      assert.deepEqual(timeless(none), timeless(all));
      assert.ok(none.steps.every(({ features }) => features === undefined), "something was drawn"); // prettier-ignore
    },
    { runs: 6 },
  );
});
