/** Steps in vain: where the loss is no number or a pass throws, nothing is updated, nothing stays in memory, and the next step is as if there had been none. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { customOp, type Variable } from "../../src/autograd/index.js";
import { builtinIdentities } from "../../src/data/builtin/builtinIdentities.js";
import { loader, type Batch } from "../../src/data/loader.js";
import { Flatten, Linear, Module, Sequential, SGD, type Context } from "../../src/nn/index.js";
import { cosFace, PartialFC } from "../../src/pfc/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { trainingStep, type StepResult, type Trainee } from "../../src/training/trainingStep.js";
import { webgpuMissing } from "../tensor/engines/gpu/inEveryMode.js";

const side = 16;
const [CLASSES, EMBEDDING] = [8, 6];
const set = builtinIdentities({ identities: CLASSES, samples: 4, side, seed: 1 });
const batch = await loader({ set, batch: 8, seed: 2 }).at(0);

type Path = "formula" | "fused";

function traineeOn(engine: Engine, path: Path, ...more: Module[]): Trainee {
  const layers = [new Flatten(), new Linear({ in: side * side, out: EMBEDDING, bias: false }), ...more];
  const backbone = new Sequential(layers).allocate(engine, 5);
  const margin = cosFace();
  const head = new PartialFC(engine, { classes: CLASSES, embedding: EMBEDDING, margin, ratio: 0.75, path, seed: 5 });
  const rule = { momentum: 0.9 };
  const [backboneOptimizer, headOptimizer] = [new SGD(backbone, rule), new SGD(head, rule)];
  return { engine, backbone, head, backboneOptimizer, headOptimizer, clip: 1, seed: 0 };
}

function stepOf(trainee: Trainee, passes: readonly Batch[]): Promise<StepResult> {
  return trainingStep(trainee, passes, { rate: 0.1 }, [1, side, side]);
}

async function weightsOf({ backbone, head }: Trainee): Promise<number[][]> {
  const weight = backbone.stateDictionary().get("1.weight")!;
  return [[...(await weight.data())], [...(await head.centers.store.read(0, CLASSES))]];
}

/** After a step in vain: as on an engine that has seen nothing else. */
async function assertStepsAsNew(trainee: Trainee, path: Path, passes: readonly Batch[]): Promise<void> {
  const other = traineeOn(trainee.engine, path);
  const [found, expected] = [await stepOf(trainee, passes), await stepOf(other, passes)];
  assert.ok(Number.isFinite(expected.loss) && expected.gradientNorm > 0);
  assert.deepEqual({ ...found, headMilliseconds: 0 }, { ...expected, headMilliseconds: 0 });
  assert.deepEqual(await weightsOf(trainee), await weightsOf(other));
}

const poisoned: Batch = { ...batch, images: batch.images.map((value, i) => (i === 5 ? NaN : value)) };

function centerOf(engine: Engine, values: readonly number[]): Tensor {
  return engine.tensor(values, [1, EMBEDDING]);
}

const ENGINES: readonly (readonly [name: string, missing: string | undefined, open: () => Promise<Engine>])[] = [
  ["wasm", undefined, () => openEngine("wasm", { threads: 1 })],
  ["gpu:webasm", undefined, () => openEngine("gpu:webasm")],
  ["gpu:cpu", undefined, () => openEngine("gpu:cpu")],
  ["gpu:webgpu", webgpuMissing, () => openEngine("gpu:webgpu")],
];

for (const [name, missing, open] of ENGINES) {
  for (const path of ["formula", "fused"] as const) {
    describe(`a step on ${name}, on the ${path} path`, { skip: missing ?? false }, () => {
      test("with an image that is no number comes to nothing", async () => {
        const engine = await open();
        const trainee = traineeOn(engine, path);
        const before = await weightsOf(trainee);
        const { tensors } = engine.memory();
        const { loss, gradientNorm } = await stepOf(trainee, [batch, poisoned]);
        assert.ok(Number.isNaN(loss) && Number.isNaN(gradientNorm));
        assert.equal(engine.memory().tensors, tensors);
        assert.deepEqual(await weightsOf(trainee), before);
        await assertStepsAsNew(trainee, path, [batch, batch]);
        await engine.close();
      });

      test("with a center that is no number comes to nothing", async () => {
        const engine = await open();
        const trainee = traineeOn(engine, path);
        const row = batch.labels[0]; // in the sample, as all classes of the batch are
        const { store } = trainee.head.centers;
        const healthy = await store.read(row, 1);
        using center = centerOf(engine, [...healthy]);
        using broken = centerOf(engine, [...healthy.with(2, NaN)]);
        store.write(Int32Array.of(row), broken);
        const before = await weightsOf(trainee);
        const { tensors } = engine.memory();
        const { loss } = await stepOf(trainee, [batch]);
        assert.ok(Number.isNaN(loss));
        assert.equal(engine.memory().tensors, tensors);
        assert.deepEqual(await weightsOf(trainee), before);
        store.write(Int32Array.of(row), center);
        await assertStepsAsNew(trainee, path, [batch]);
        await engine.close();
      });
    });
  }
}

/** Passes on what it is given; its derivative is an error from step 7 on. */
class Fragile extends Module {
  override forward(x: Variable, { step }: Context): Variable {
    return step < 7 ? x : fragile([x], undefined);
  }
}

const fragile = customOp<[Tensor]>({
  name: "fragile",
  signature: "[…] → […]",
  forward: (_engine, [x]) => ({ y: x }),
  backward: () => {
    throw new Error("no derivative today");
  },
  samples: [],
});

for (const path of ["formula", "fused"] as const) {
  const wrong: Readonly<Record<string, readonly [Batch, RegExp]>> = {
    forward: [{ ...batch, labels: batch.labels.map(() => CLASSES) }, /class/],
    backward: [{ ...batch, step: 7 }, /no derivative today/],
  };
  for (const [where, [second, message]] of Object.entries(wrong)) {
    test(`a second pass that throws in its ${where} leaves nothing of the step in memory, on the ${path} path`, async () => {
      const engine = await openEngine("wasm", { threads: 1 });
      const trainee = traineeOn(engine, path, new Fragile());
      const before = await weightsOf(trainee);
      const { tensors } = engine.memory();
      await assert.rejects(stepOf(trainee, [batch, second]), message);
      assert.equal(engine.memory().tensors, tensors);
      assert.deepEqual(await weightsOf(trainee), before);
      await assertStepsAsNew(trainee, path, [batch]);
      await engine.close();
    });
  }
}
