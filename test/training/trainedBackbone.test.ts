import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { DescriptorNetwork } from "../../src/cfcd/index.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { complete } from "../../src/training/configuration.js";
import { RunFolder } from "../../src/training/runFolder.node.js";
import { train } from "../../src/training/train.node.js";
import { openTrainedBackbone } from "../../src/training/trainedBackbone.node.js";

const folder = await mkdtemp(path.join(os.tmpdir(), "trained-"));
after(() => rm(folder, { recursive: true }));

test("a run of the small ResNet on grey images opens as a descriptor network for grey images, its learned power trained", async () => {
  const engine = await openEngine("wasm", { threads: 1 });
  const configuration = complete({
    dataset: { identities: 60, testIdentities: 10, samples: 4, side: 16 },
    network: { kind: "small-resnet", widths: [4, 8], blocks: [1, 1], embedding: 8, resnet: { learnPower: true } },
    head: { ratio: 0.5 },
    schedule: { warmup: 0 },
    batch: 8,
    steps: 3,
  });
  const run = path.join(folder, "run");
  await train({ run: RunFolder.vacant(run), configuration, engine, resume: false });
  const { backbone, images } = await openTrainedBackbone(engine, run);
  assert.ok(backbone instanceof DescriptorNetwork);
  assert.deepEqual(images, { channels: 1, side: 16 });
  const [power] = await backbone.stateDictionary().get("pooling.p")!.data();
  assert.ok(power !== 3 && Math.abs(power - 3) < 1, `p is ${power} after three steps`);
  backbone.dispose();
  await engine.close();
});
