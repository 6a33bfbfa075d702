/** What a clustering says of itself to those that go on with it: settings that are filled in, the claim, the images it is of. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { clusterCommand } from "../../src/cli/commands/cluster.js";
import { ClusterFolder, digestOf } from "../../src/cli/cluster/clusterFolder.js";
import type { ClusterSettings } from "../../src/cli/cluster/clusterSettings.js";
import { writeNpy } from "../../src/data/npy/npy.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { stream } from "../../src/tensor/random.js";
import { openPairFeatures } from "../../src/training/pairFeatures.node.js";
import { kMeans, rowsOf, type KMeansState } from "../../src/unicom/index.js";
import { pfc, temporaryFolder } from "./pfc.js";
import { refused } from "./refused.js";

let root: string;
before(async () => {
  root = await temporaryFolder();
});

async function settingsIn(folder: string): Promise<ClusterSettings> {
  return (JSON.parse(await readFile(join(folder, "cluster.json"), "utf8")) as { settings: ClusterSettings }).settings;
}

/** Built-in identities: no files are needed. */
const builtin = (seed: number): string[] => {
  const few = ["--set", "dataset.identities=6", "--set", "dataset.samples=4", "--side", "16"];
  return ["--dataset", "builtin", ...few, "--image-from", "pixels", "--clusters", "5", "--seed", String(seed)];
};

describe("mini-batches", () => {
  test("have rows of --batch-rows, and iterations for five passes over all rows, but 50 at least", async () => {
    const random = stream("rows");
    const features = join(root, "rows.npy");
    const data = Float32Array.from({ length: 900 }, () => random.normal());
    await writeFile(features, writeNpy({ shape: [300, 3], data }));
    const of = ["--image-features", features, "--clusters", "4"];
    for (const [name, flags, expected] of [
      ["many", ["--method", "mini-batch", "--batch-rows", "10"], [10, 150]], // 5 · 300 / 10
      ["few", ["--method", "mini-batch"], [300, 50]],
      ["given", ["--method", "mini-batch", "--batch-rows", "100", "--iterations", "7"], [100, 7]],
      ["lloyd", [], [null, 50]],
    ] as const) {
      const out = join(root, name);
      await clusterCommand().parseAsync([...of, ...flags, "--out", out], { from: "user" });
      const { batchRows, iterations } = await settingsIn(out);
      assert.deepEqual([batchRows, iterations], expected, name);
    }
    const wrong = ["--out", join(root, "wrong")];
    await refused(clusterCommand(), [...of, "--batch-rows", "10", ...wrong], /--batch-rows is of --method mini-batch; given 10/); // prettier-ignore
    await refused(clusterCommand(), [...of, "--method", "mini-batch", "--batch-rows", "301", ...wrong], /at most the 300 rows there are; given 301/); // prettier-ignore
  });
});

/** A clustering of built-in identities that was stopped after its first iteration, as one process leaves it to another. */
async function stopped(name: string, seed: number): Promise<ClusterFolder> {
  const whole = join(root, `${name}-whole`);
  await clusterCommand().parseAsync([...builtin(seed), "--out", whole], { from: "user" });
  const settings = await settingsIn(whole);
  const engine = await openEngine("wasm", { threads: 1 });
  const { values, columns } = await openPairFeatures(engine, settings);
  const states: KMeansState[] = [];
  const onIteration = (progress: { state(): KMeansState }): void => void states.push(progress.state());
  await kMeans(engine, rowsOf(values, columns), { clusters: 5, spherical: true, seed, iterations: 1, onIteration });
  await engine.close();
  const folder = ClusterFolder.vacant(join(root, name));
  const release = folder.begin(settings);
  await folder.save({ state: states[0], history: [], digest: digestOf(values) });
  assert.throws(() => ClusterFolder.vacant(folder.path).begin(settings), /not empty; go on with its clustering/);
  release();
  return folder;
}

describe("a clustering that is gone on with", () => {
  test("is refused while another process is at it, and left as it was", async () => {
    const { path } = await stopped("claimed", 0);
    const claim = join(path, ".clustering.json");
    await writeFile(claim, JSON.stringify({ process: process.ppid, host: hostname() })); // the test's parent is alive
    const files = await readdir(path);
    const sentence = new RegExp(`claimed is being clustered in by process ${process.ppid} on .*delete .*\\.clustering`);
    await refused(clusterCommand(), ["--resume", path], sentence);
    assert.deepEqual(await readdir(path), files);
  });

  test("says how to train on what it found, as one that was not stopped does", async () => {
    const { path } = await stopped("hinted", 3);
    const { code, out, error } = await pfc("cluster", "--resume", path);
    assert.equal(code, 0, error);
    assert.match(out, /train on them: pfc train --dataset builtin --seed 3 .*dataset\.identities=6.* --pseudo-labels /);
    assert.deepEqual((await readdir(path)).sort(), ["centroids.npy", "cluster.json", "labels.npy"]);
    const labels = join(path, "labels.npy");
    assert.deepEqual(await readFile(labels), await readFile(join(root, "hinted-whole", "labels.npy")));

    // and pfc train takes them for those images only
    const few = ["--set", "dataset.identities=6", "--set", "dataset.samples=4", "--side", "16"];
    const train = (...flags: string[]) =>
      pfc("train", "--quiet", "--pseudo-labels", labels, ...flags, "--steps", "1", "--out", join(root, "run"));
    const other = await train("--dataset", "builtin", ...few, "--seed", "4");
    assert.equal(other.code, 1);
    assert.match(other.error, /^pfc: pseudo-labels: .* with --seed 3 \(.*cluster\.json\), and this run has 4; .*\.\n$/);
  });
});
