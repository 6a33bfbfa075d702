/** Partial FC trains on the GPU engine as on the definition: losses and centers of several steps, and what goes between host and device. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { parameter } from "../../../../src/autograd/index.js";
import { AdamW, SGD, type Optimizer } from "../../../../src/nn/index.js";
import { arcFace, PartialFC, type PartialFCOptions } from "../../../../src/pfc/index.js";
import type { Engine } from "../../../../src/tensor/engine.js";
import type { GpuEngine } from "../../../../src/tensor/engines/gpu/gpuEngine.js";
import { ReferenceEngine } from "../../../../src/tensor/engines/reference/index.js";
import { stream } from "../../../../src/tensor/random.js";
import { inEveryMode } from "./inEveryMode.js";

const [CLASSES, EMBEDDING, BATCH, STEPS, SCALE] = [24, 6, 4, 4, 8];

interface Settings extends Pick<PartialFCOptions, "path" | "update" | "filter" | "keepCosines"> {
  readonly optimizer: "SGD" | "AdamW";
}

const settings: readonly Settings[] = [
  ...(["formula", "fused"] as const).flatMap((path) =>
    (["sparse", "dense"] as const).flatMap((update) =>
      (["SGD", "AdamW"] as const).map((optimizer) => ({ path, update, optimizer })),
    ),
  ),
  { path: "formula", update: "sparse", optimizer: "SGD", filter: 0.3 },
  { path: "fused", update: "sparse", optimizer: "SGD", filter: 0.3 },
  { path: "fused", update: "sparse", optimizer: "SGD", keepCosines: false },
];

interface Trained {
  readonly losses: readonly number[];
  readonly gradients: readonly number[];
  readonly centers: readonly number[];
}

async function train(engine: Engine, { optimizer, ...options }: Settings): Promise<Trained> {
  const margin = arcFace({ scale: SCALE, margin: 0.3 });
  const head = new PartialFC(engine, {
    classes: CLASSES,
    embedding: EMBEDDING,
    ratio: 0.5,
    margin,
    seed: 3,
    deviation: 1,
    states: optimizer === "SGD" ? ["float32"] : ["float32", "float32"],
    ...options,
  });
  const trained: Optimizer =
    optimizer === "SGD" ? new SGD(head, { momentum: 0.9, decay: 0.01 }) : new AdamW(head, { decay: 0.01 });
  const losses: number[] = [];
  const gradients: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const random = stream("partialFC on the GPU", step);
    const values = Float32Array.from({ length: BATCH * EMBEDDING }, () => random.normal());
    const labels = Int32Array.from({ length: BATCH }, () => random.integer(CLASSES));
    const embeddings = parameter(engine.tensor(values, [BATCH, EMBEDDING]));
    const loss = engine.scope(() => {
      const loss = head.loss(embeddings, labels, step);
      loss.backward();
      trained.step({ rate: 0.1 });
      trained.zeroGrad();
      return loss.tensor;
    });
    gradients.push(...(await embeddings.grad!.data()));
    embeddings.zeroGrad();
    embeddings.tensor.dispose();
    losses.push(await loss.item());
  }
  const centers = [...(await head.centers.store.read(0, CLASSES))];
  trained.dispose();
  head.dispose();
  return { losses, gradients, centers };
}

/**
 * Float32 takes a cosine of E terms off by (E + 4) · 2^-24 at most, of which the scale makes a relative error of exponentials and so of
 * gradients; every step adds its own to the centers of the one before.
 */
const RELATIVE = STEPS * SCALE * (EMBEDDING + 4) * 2 ** -24;

function assertNear(found: Trained, expected: Trained): void {
  for (const name of ["losses", "gradients", "centers"] as const) {
    const size = expected[name].reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    assert.equal(found[name].length, expected[name].length);
    for (const [place, value] of expected[name].entries()) {
      const difference = Math.abs(found[name][place] - value);
      assert.ok(difference <= RELATIVE * size, `${name}[${place}]: ${found[name][place]} in place of ${value}`);
    }
  }
}

for (const residentBytes of [2 ** 20, 0]) {
  inEveryMode(
    `Partial FC over a table on the ${residentBytes > 0 ? "device" : "host"}`,
    (engine) => {
      for (const given of settings) {
        it(`trains as on the definition: ${JSON.stringify(given)}`, async () => {
          const before = engine().traffic;
          const found = await train(engine(), given);
          assertNear(found, await train(new ReferenceEngine("float64"), given));
          assert.equal(engine().memory().tensors, 0);
          checkTraffic(engine(), before, given.optimizer);
        });
      }
    },
    { residentBytes },
    ["webasm", "cpu"],
  );

  /** Read are each step's loss and gradient, and the centers at the end. A table on the host takes back what each step writes, state too. */
  function checkTraffic(engine: GpuEngine, before: GpuEngine["traffic"], optimizer: "SGD" | "AdamW"): void {
    const { reads, streamedReads } = engine.traffic;
    const found = [reads - before.reads, streamedReads - before.streamedReads];
    const tables = optimizer === "SGD" ? 2 : 3;
    assert.deepEqual(found, residentBytes > 0 ? [2 * STEPS + 1, 0] : [2 * STEPS, STEPS * tables]);
  }
}
