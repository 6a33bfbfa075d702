import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openDataSet } from "../../src/data/openDataSet.node.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { buildTrainee } from "../../src/training/buildModel.js";
import { complete } from "../../src/training/configuration.js";
import { RunFolder } from "../../src/training/runFolder.node.js";
import { openStages } from "../../src/training/stages.node.js";
import { temporaryFolder, tinySettings } from "../cli/pfc.js";

const [FROM, STEPS, ACCUMULATE] = [3, 5, 2];

describe("the batches of a run's stages", () => {
  test("are numbered through the run, so that no stage draws the class samples of another again", async () => {
    const configuration = complete({
      ...tinySettings,
      network: { ...tinySettings.network, kind: "small-resnet" },
      local: { tuple: 4, from: FROM, hard: false },
      steps: STEPS,
      accumulate: ACCUMULATE,
    });
    const engine = await openEngine("reference");
    const { train: set } = await openDataSet({ ...configuration.dataset, data: "", seed: 1 });
    const trainee = buildTrainee(engine, configuration, set, () => undefined);
    const run = RunFolder.vacant(`${await temporaryFolder()}/run`);
    const stages = openStages({ configuration, set, run, trainee });
    const numbersFrom = async (step: number): Promise<number[]> => {
      const { batches } = await stages.at(step);
      const numbers: number[] = [];
      for (let next = await batches.next(); !next.done; next = await batches.next()) numbers.push(next.value.step);
      return numbers;
    };
    assert.deepEqual(await numbersFrom(0), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(await numbersFrom(FROM), [6, 7, 8, 9]);
    assert.deepEqual(await numbersFrom(FROM + 1), [8, 9]); // resumed in the midst of the stage
    await engine.close();
  });
});
