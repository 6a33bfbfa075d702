import assert from "node:assert/strict";
import { test } from "node:test";
import { builtinIdentities } from "../../src/data/builtin/builtinIdentities.js";
import { loader } from "../../src/data/loader.js";
import { SGD, smallIresnet } from "../../src/nn/index.js";
import { cosFace, PartialFC } from "../../src/pfc/index.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { trainingStep, type Trainee } from "../../src/training/trainingStep.js";

for (const { path, steps } of [
  { path: "formula", steps: 1000 },
  { path: "fused", steps: 300 },
] as const) {
  test(`${steps} training steps on the ${path} path leave the heap in use exactly as ten steps did`, async () => {
    const engine = await openEngine("wasm");
    const seed = 3;
    const side = 16;
    const set = builtinIdentities({ identities: 40, samples: 4, side, seed });
    const backbone = smallIresnet(engine, { side, seed, widths: [4, 8], blocks: [1, 1], embedding: 8 });
    const head = new PartialFC(engine, {
      classes: 40,
      embedding: 8,
      ratio: 0.5,
      path,
      margin: cosFace({ scale: 16, margin: 0.2 }),
      seed,
    });
    const rule = { momentum: 0.9, decay: 5e-4 };
    const trainee: Trainee = {
      engine,
      backbone,
      head,
      seed,
      clip: 5,
      backboneOptimizer: new SGD(backbone, rule),
      headOptimizer: new SGD(head, rule),
    };
    const batches = loader({
      set,
      batch: 8,
      seed,
      augmentation: { affine: { rotation: 5, scale: 5, shear: 5, translation: 5 } },
    });
    let atTen: unknown;
    for (let step = 0; step < steps; step++) {
      const { loss } = await trainingStep(trainee, [await batches.at(step)], { rate: 0.05 }, [1, side, side]);
      assert.ok(Number.isFinite(loss));
      if (step + 1 === 10) atTen = engine.memory();
    }
    assert.deepEqual(engine.memory(), atTen);
    await engine.close();
  });
}
