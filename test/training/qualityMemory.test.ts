import assert from "node:assert/strict";
import { test } from "node:test";
import { loader } from "../../src/data/loader.js";
import { builtinIdentities } from "../../src/data/builtin/builtinIdentities.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { buildTrainee } from "../../src/training/buildModel.js";
import { complete } from "../../src/training/configuration.js";
import { trainingStep } from "../../src/training/trainingStep.js";
import { tinySettings } from "../cli/pfc.js";

const side = 16;
const set = builtinIdentities({ identities: 40, samples: 4, side, seed: 3 });

for (const path of ["formula", "fused"] as const) {
  for (const variant of ["simultaneous", "onTop"] as const) {
    test(`200 steps with quality on the ${path} path leave the heap in use exactly as ten steps did (${variant})`, async () => {
      const engine = await openEngine("wasm");
      const base = variant === "onTop" ? "any run: weights are those of the seed" : "";
      const configuration = complete({ ...tinySettings, head: { ratio: 0.5, path }, quality: { variant, base } });
      const trainee = buildTrainee(engine, configuration, set, () => undefined);
      const batches = loader({ set, batch: 8, seed: 3 });
      let atTen: unknown;
      for (let step = 0; step < 200; step++) {
        const { quality } = await trainingStep(trainee, [await batches.at(step)], { rate: 0.05 }, [1, side, side]);
        assert.ok(Number.isFinite(quality?.loss));
        if (step + 1 === 10) atTen = engine.memory();
      }
      assert.deepEqual(engine.memory(), atTen);
      await engine.close();
    });
  }
}
