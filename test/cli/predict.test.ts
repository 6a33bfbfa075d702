import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { predictCommand } from "../../src/cli/commands/predict.js";
import { parsePredictions } from "../../src/data/predictions.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { complete } from "../../src/training/configuration.js";
import { embedImages } from "../../src/training/embedImages.js";
import { RunFolder } from "../../src/training/runFolder.node.js";
import { openSafetensors } from "../../src/training/safetensors.node.js";
import { openData, train } from "../../src/training/train.node.js";
import { openTrainedBackbone } from "../../src/training/trainedBackbone.node.js";
import { pfc, temporaryFolder, tinySettings } from "./pfc.js";
import { refused } from "./refused.js";

const EMBEDDING = tinySettings.network.embedding;
const configuration = complete({ ...tinySettings, steps: 3 });
let [root, run]: string[] = [];

before(async () => {
  root = await temporaryFolder();
  run = join(root, "run");
  const engine = await openEngine("wasm", { threads: 1 });
  await train({ run: RunFolder.vacant(run), configuration, engine, resume: false });
  await engine.close();
});

const unit = (row: Float32Array): number[] => Array.from(row, (value) => value / Math.hypot(...row));

/** Of each training image the class whose center has the largest cosine, plainly; and that cosine. */
async function nearestCenters(): Promise<{ truth: Int32Array; nearest: { label: number; cosine: number }[] }> {
  const engine = await openEngine("wasm", { threads: 1 });
  const { backbone } = await openTrainedBackbone(engine, run);
  const { train: set } = await openData(configuration, undefined);
  const embeddings = await embedImages({ engine, backbone, set });
  await engine.close();
  const file = await openSafetensors((await RunFolder.open(run)).run.model());
  const values = Float32Array.from(await file.tensors.get("head.centers")!.read());
  await file.close();
  const row = (rows: Float32Array, i: number): number[] => unit(rows.subarray(i * EMBEDDING, (i + 1) * EMBEDDING));
  const centers = Array.from({ length: set.classes }, (_, label) => row(values, label));
  const nearest = Array.from({ length: set.count }, (_, image) => {
    const x = row(embeddings, image);
    const cosines = centers.map((center) => center.reduce((sum, value, e) => sum + value * x[e], 0));
    const cosine = Math.max(...cosines);
    return { label: cosines.indexOf(cosine), cosine };
  });
  return { truth: set.labels, nearest };
}

test("predict writes the class of the nearest center of every training image, and says how many are right", async () => {
  const out = join(root, "predictions.txt");
  const { code, out: said, error } = await pfc("predict", run, "--out", out);
  assert.equal(code, 0, error);
  const { paths, truth, predicted, scores } = parsePredictions(await readFile(out, "utf8"), out);
  const expected = await nearestCenters();
  assert.deepEqual(truth, expected.truth);
  assert.equal(paths[5], `class${truth[5]}/image5`);
  for (const [image, { label, cosine }] of expected.nearest.entries()) {
    assert.ok(Math.abs(scores[image] - cosine) < 1e-5);
    assert.equal(predicted[image], label);
  }
  const right = expected.nearest.filter(({ label }, image) => label === truth[image]).length;
  assert.ok(said.startsWith(`${right} of ${truth.length} training images (`), said);
  assert.equal(said.trimEnd().split("\n").length, 1);
});

test("a file of another kind is not written over, and a run must be there", async () => {
  const out = join(root, "thesis.txt");
  await writeFile(out, "dear reader\n");
  await refused(predictCommand(), [run, "--out", out], /thesis\.txt is there already and holds no predictions/);
  assert.equal(await readFile(out, "utf8"), "dear reader\n");
  await refused(predictCommand(), [join(root, "no-run"), "--out", join(root, "p.txt")], /no-run holds no run/);
});
