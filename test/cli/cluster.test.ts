import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { clusterCommand } from "../../src/cli/commands/cluster.js";
import { ClusterFolder, digestOf } from "../../src/cli/cluster/clusterFolder.js";
import { clusterSettingsSchema } from "../../src/cli/cluster/clusterSettings.js";
import { clusterTable, type ClusterResult } from "../../src/cli/cluster/clusterResult.js";
import { runClustering } from "../../src/cli/cluster/runClustering.js";
import { writeNpy } from "../../src/data/npy/npy.js";
import { readNpyFile } from "../../src/data/readNpyFile.node.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { stream } from "../../src/tensor/random.js";
import { complete } from "../../src/training/configuration.js";
import { RunFolder } from "../../src/training/runFolder.node.js";
import { train } from "../../src/training/train.node.js";
import { fuseModalities, kMeans, rowsOf, type KMeansState } from "../../src/unicom/index.js";
import { outcome, pfc, start, temporaryFolder, tinySettings } from "./pfc.js";
import { refused } from "./refused.js";
import { TINY_EMOJI, writeTinyEmoji } from "./tinyEmoji.js";

let root: string;
before(async () => {
  root = await temporaryFolder();
});

async function npy(name: string, rows: readonly (readonly number[])[]): Promise<string> {
  const file = join(root, name);
  const data = Float32Array.from(rows.flat());
  await writeFile(file, writeNpy({ shape: [rows.length, rows[0].length], data }));
  return file;
}

async function labelsIn(folder: string): Promise<number[]> {
  const { shape, dtype, data } = await readNpyFile(join(folder, "labels.npy"));
  assert.deepEqual([shape, dtype], [[data.length], "<i4"]);
  return [...data];
}

async function resultIn(folder: string): Promise<ClusterResult> {
  return (JSON.parse(await readFile(join(folder, "cluster.json"), "utf8")) as { result: ClusterResult }).result;
}

/** Rows of the same cluster have the same letter. */
const partition = (labels: readonly number[]): string =>
  labels.map((label) => "abcdefgh"[[...new Set(labels)].indexOf(label)]).join("");

/** Two directions in the images, two in the texts: three pairs of both. */
const images = [[2, 0], [2, 0], [0, 1], [0, 1], [0, 3], [0, 1]]; // prettier-ignore
const texts = [[0, 1], [0, 1], [0, 1], [0, 5], [-1, 0], [-1, 0]]; // prettier-ignore

describe("pfc cluster", () => {
  test("finds the classes that image and text tell together, and writes labels, centroids and numbers", async () => {
    const [image, text] = [await npy("clip image.npy", images), await npy("text.npy", texts)];
    const truth = join(root, "true.npy");
    await writeFile(truth, writeNpy({ shape: [6], data: Int32Array.of(4, 4, 0, 0, 7, 7) }));
    const given = ["--image-features", image, "--text-features", text, "--labels", truth];
    const out = join(root, "joint");
    const { code, out: printed, error } = await pfc("cluster", ...given, "--clusters", "3", "--out", out);
    assert.equal(code, 0, error);
    assert.match(printed, /│ 6 +│ average │ 3 .*│ 100\.0 % │ 1\.000 │/);
    assert.match(printed, /labels: .*joint\/labels\.npy/);
    assert.deepEqual((await readdir(out)).sort(), ["centroids.npy", "cluster.json", "labels.npy"]);
    const labels = await labelsIn(out);
    assert.equal(partition(labels), "aabbcc");
    const { shape, data } = await readNpyFile(join(out, "centroids.npy"));
    assert.deepEqual(shape, [3, 2]);
    const r = Math.SQRT1_2;
    const expected = [[r, r], [0, 1], [-r, r]]; // prettier-ignore
    for (const [pair, [x, y]] of expected.entries()) {
      const centroid = labels[2 * pair] * 2;
      assert.ok(Math.hypot(data[centroid] - x, data[centroid + 1] - y) < 1e-6);
    }
    const { agreement, trueClasses, histogram, empty } = await resultIn(out);
    assert.deepEqual([agreement, trueClasses, empty], [{ purity: 1, normalizedMutualInformation: 1 }, 3, 0]);
    assert.deepEqual(histogram.at(-1), { from: 2, to: 3, clusters: 3 });

    // the images alone know two: purity 4/6; I = H(clusters), for these follow from the classes
    const alone = join(root, "alone");
    await clusterCommand().parseAsync([...given, "--fusion", "image", "--clusters", "2", "--out", alone], {
      from: "user",
    });
    assert.equal(partition(await labelsIn(alone)), "aabbbb");
    const result = await resultIn(alone);
    const entropy = -(1 / 3) * Math.log(1 / 3) - (2 / 3) * Math.log(2 / 3);
    assert.equal(result.agreement!.purity, 4 / 6);
    assert.ok(
      Math.abs(result.agreement!.normalizedMutualInformation - (2 * entropy) / (entropy + Math.log(3))) < 1e-12,
    );
  });

  test("drops small clusters, thins large ones, and numbers the others without gaps", async () => {
    const rows = [[1, 0], [0, 1], [0, 1], [-1, 0], [-1, 0], [-1, 0], [-1, 0], [-1, 0]]; // prettier-ignore
    const features = await npy("sizes.npy", rows);
    const out = join(root, "sizes");
    const limits = ["--min-size", "2", "--max-per-cluster", "3"];
    const args = ["--image-features", features, "--clusters", "3", ...limits, "--out", out];
    await clusterCommand().parseAsync(args, { from: "user" });
    const labels = await labelsIn(out);
    assert.equal(labels[0], -1);
    assert.deepEqual(labels.filter((label) => label >= 0).sort(), labels[1] === 0 ? [0, 0, 1, 1, 1] : [0, 0, 0, 1, 1]);
    assert.deepEqual((await readNpyFile(join(out, "centroids.npy"))).shape, [2, 2]);
    assert.deepEqual((await resultIn(out)).leftOut, { emptyClusters: 0, rowsOfSmallClusters: 1, rowsBeyondMost: 2 });
  });

  test("makes features of a data set: of its pixels, of its words, and with a run's network", async () => {
    const data = await writeTinyEmoji(join(root, "emoji"));
    const { trainClasses: k, train: count, side } = TINY_EMOJI;
    const of = ["--dataset", "emoji", "--data", data, "--side", String(side), "--clusters", String(k)];
    for (const [name, sources, columns] of [
      ["words", ["--text-from", "words"], 256],
      ["joint", ["--image-from", "pixels", "--text-from", "words"], 3 * 16 * 16],
    ] as const) {
      const out = join(root, `emoji-${name}`);
      await clusterCommand().parseAsync([...of, ...sources, "--out", out], { from: "user" });
      const result = await resultIn(out);
      assert.deepEqual([result.rows, result.columns, result.trueClasses], [count, columns, k]);
      assert.equal(result.agreement!.purity, 1, "a thing has one text, and twelve are twelve");
    }

    const run = join(root, "run");
    const engine = await openEngine("wasm", { threads: 1 });
    const { batch, network, head } = tinySettings;
    const configuration = complete({
      ...{ network, head, batch, steps: 3, dataset: { name: "emoji", side } },
    });
    await train({ run: RunFolder.vacant(run), configuration, engine, data, resume: false });
    await engine.close();
    const out = join(root, "emoji-embedded");
    const embedded = ["--dataset", "emoji", "--data", data, "--clusters", "5", "--image-from", run, "--out", out];
    await clusterCommand().parseAsync(embedded, { from: "user" });
    const result = await resultIn(out);
    assert.deepEqual([result.rows, result.columns], [count, network.embedding]);

    // and pfc train takes the classes, without a word about which images they are of
    const trained = await pfc(
      ...["train", "--quiet", "--dataset", "emoji", "--data", data, "--side", String(side), "--features", "4"],
      ...["--pseudo-labels", join(out, "labels.npy"), "--steps", "2", "--batch", "8", "--embedding", "8"],
      ...["--set", "network.widths=[4,8]", "--set", "network.blocks=[1,1]", "--out", join(root, "on-pseudo")],
    );
    assert.equal(trained.code, 0, trained.error);
  });
});

/** Lloyd's method takes more than three iterations on them. */
const noise = (): number[][] => {
  const random = stream("noise");
  return Array.from({ length: 600 }, () => Array.from({ length: 8 }, () => random.normal()));
};

describe("a clustering that was stopped", () => {
  test("goes on after Ctrl-C, and ends with the labels of one that was not", async () => {
    const features = await npy("noise.npy", noise());
    const mini = ["--clusters", "20", "--method", "mini-batch", "--iterations", "800"];
    const args = (out: string): string[] => [
      "cluster",
      "--image-features",
      features,
      ...mini,
      "--out",
      join(root, out),
    ];
    const stopped = start(...args("stopped"));
    const ended = outcome(stopped);
    await once(stopped.stderr!, "data"); // the line of the first iteration
    stopped.kill("SIGINT");
    const { code, out, error } = await ended;
    assert.equal(code, 130, error);
    assert.match(error, /stopping after this iteration/);
    assert.match(out, /stopped and saved; go on with: pfc cluster --resume .*stopped/);
    assert.deepEqual((await readdir(join(root, "stopped"))).sort(), ["cluster.json", "state.safetensors"]);
    await clusterCommand().parseAsync(args("whole").slice(1), { from: "user" });
    const resumed = await pfc("cluster", "--resume", join(root, "stopped"));
    assert.equal(resumed.code, 0, resumed.error);
    assert.doesNotMatch(resumed.out, /train on them/); // features from elsewhere have no images
    for (const file of ["labels.npy", "centroids.npy"]) {
      assert.deepEqual(await readFile(join(root, "stopped", file)), await readFile(join(root, "whole", file)));
    }
    assert.deepEqual(await readdir(join(root, "stopped")), await readdir(join(root, "whole")));
    const inertias = async (of: string): Promise<number[]> => (await resultIn(join(root, of))).iterations.map(({ inertia }) => inertia); // prettier-ignore
    assert.deepEqual(await inertias("stopped"), await inertias("whole"));
  });

  test("goes on by Lloyd's method, with the same features only", async () => {
    const rows = noise();
    const features = await npy("lloyd.npy", rows);
    const settings = clusterSettingsSchema.parse({
      ...{ imageFeatures: features, textFeatures: null, labels: null, imageFrom: null, textFrom: null },
      ...{ dataset: null, data: null, clusters: 20, fusion: null, spherical: true, method: "lloyd", start: "random" },
      ...{ iterations: 50, batchRows: null, seed: 5, minSize: 1, maxPerCluster: null, engine: "wasm" },
    });
    const whole = ClusterFolder.vacant(join(root, "lloyd"));
    await runClustering({ folder: whole, settings, resume: false });
    assert.ok((await resultIn(whole.path)).iterations.length > 3);

    const engine = await openEngine("wasm", { threads: 1 });
    const fused = fuseModalities({ image: { values: Float32Array.from(rows.flat()), columns: 8 } }, "image");
    const states: KMeansState[] = [];
    await kMeans(engine, rowsOf(fused.values, 8), {
      ...{ clusters: 20, spherical: true, start: "random", seed: 5, iterations: 3 },
      onIteration: (progress) => states.push(progress.state()),
    });
    await engine.close();
    const folder = ClusterFolder.vacant(join(root, "lloyd-stopped"));
    folder.begin(settings);
    const digest = digestOf(fused.values);
    await folder.save({ state: states[2], history: [], digest });
    assert.deepEqual(await folder.load(), { state: states[2], history: [], digest });

    await writeFile(
      features,
      writeNpy({ shape: [600, 8], data: Float32Array.from(rows.flat(), (value) => value + 1) }),
    );
    await refused(clusterCommand(), ["--resume", folder.path], /was begun with other features than there are now/);
    await npy("lloyd.npy", rows);
    await clusterCommand().parseAsync(["--resume", folder.path], { from: "user" });
    assert.deepEqual(await labelsIn(folder.path), await labelsIn(whole.path));
    await refused(clusterCommand(), ["--resume", folder.path], /holds a finished clustering: its classes are in/);
    await refused(clusterCommand(), ["--resume", root], /holds no clustering: its cluster\.json cannot be read/);
    await refused(clusterCommand(), ["--clusters", "3", "--image-features", features, "--out", folder.path], /is there already and not empty; name another/); // prettier-ignore
  });
});

const faults: [what: string, args: () => Promise<string[]> | string[], message: RegExp][] = [
  ["more clusters than rows", async () => ["--image-features", await npy("a.npy", images), "--clusters", "7"], /k is at most the number of rows.*k is 7, rows 6/], // prettier-ignore
  ["features that are all equal", async () => ["--image-features", await npy("equal.npy", [[1, 2], [1, 2], [1, 2]]), "--clusters", "2"], /2 clusters need as many different rows.*of the 3 rows given only 1 is different/], // prettier-ignore
  ["a NaN", async () => ["--text-features", await npy("nan.npy", [[1, 2], [3, 4], [5, NaN]]), "--clusters", "2"], /nan\.npy: features are finite in float32, but row 2 has NaN in column 1/], // prettier-ignore
  ["sides of different rows", async () => ["--image-features", await npy("a.npy", images), "--text-features", await npy("b.npy", texts.slice(1)), "--clusters", "2"], /a row for every pair, but .*a\.npy has 6 rows and .*b\.npy has 5/], // prettier-ignore
  ["an average of two widths", async () => ["--image-features", await npy("a.npy", images), "--text-features", await npy("wide.npy", texts.map((row) => [...row, 0])), "--clusters", "2"], /of one width, but .*a\.npy has 2 columns and .*wide\.npy has 3; .*--fusion concat/], // prettier-ignore
  ["a damaged file", async () => ["--image-features", await damaged(), "--clusters", "2"], /damaged\.npy: .*48 bytes, but 47 follow the header/], // prettier-ignore
  ["a file that is not there", () => ["--image-features", join(root, "none.npy"), "--clusters", "2"], /none\.npy does not exist/], // prettier-ignore
  ["no features", () => ["--clusters", "2"], /features come from files .* or are made from a data set/],
  ["no number of clusters", async () => ["--image-features", await npy("a.npy", images)], /--clusters <k>/],
  ["makers without a data set", () => ["--image-from", "pixels", "--clusters", "2"], /makes features of a data set, and none was named/], // prettier-ignore
  ["a run that is not there", () => ["--dataset", "builtin", "--image-from", join(root, "no-run"), "--clusters", "2"], /"pixels" or the folder of a run; .*no-run does not exist/], // prettier-ignore
  ["words of a set without", () => ["--dataset", "builtin", "--set", "dataset.identities=2", "--text-from", "words", "--clusters", "2"], /nothing is written of the classes of builtin/], // prettier-ignore
  ["rows that are not those of the set", async () => ["--dataset", "builtin", "--set", "dataset.identities=2", "--set", "dataset.samples=2", "--image-features", await npy("a.npy", images), "--clusters", "2"], /a\.npy has 6 rows, but .* has 4 images/], // prettier-ignore
  ["true classes of other rows", async () => ["--image-features", await npy("a.npy", images), "--labels", await npy("b.npy", texts), "--clusters", "2"], /b\.npy: true classes are a vector of 6, .* given \[6, 2\]/], // prettier-ignore
  ["settings of training", async () => ["--image-features", await npy("a.npy", images), "--set", "head.ratio=1", "--clusters", "2"], /--set: a clustering has the settings of a data set.*head\.ratio/], // prettier-ignore
  ["a least size above the most", async () => ["--image-features", await npy("a.npy", images), "--clusters", "2", "--min-size", "5", "--max-per-cluster", "4"], /--min-size .* is not above it; given 5 and 4/], // prettier-ignore
  ["no true class that is known", async () => ["--image-features", await npy("a.npy", images), "--labels", await noClasses(), "--clusters", "2"], /none\.npy: a row whose true class is known is needed; all 6 are −1/], // prettier-ignore
  ["a data set's flags without one", async () => ["--image-features", await npy("a.npy", images), "--clusters", "2", "--data", root, "--side", "9", "--hold-out"], /--data, --side, --hold-out: of a data set, which --dataset names/], // prettier-ignore
  ["a data set's settings without one", async () => ["--image-features", await npy("a.npy", images), "--clusters", "2", "--set", "dataset.side=9"], /--set: of a data set, which --dataset names/], // prettier-ignore
  ["a least size that no cluster has", async () => ["--image-features", await npy("a.npy", images), "--clusters", "2", "--min-size", "5"], /none of 2 clusters has the 5 rows/], // prettier-ignore
];

for (const [what, args, message] of faults) {
  test(`${what}: a sentence, and no folder`, async () => {
    const out = join(root, "refused");
    await refused(clusterCommand(), [...(await args()), "--out", out], message);
    assert.equal(existsSync(out), false);
  });
}

async function noClasses(): Promise<string> {
  const path = join(root, "none.npy");
  await writeFile(path, writeNpy({ shape: [6], data: new Int32Array(6).fill(-1) }));
  return path;
}

test("clusters that stay without rows, and labels that did not settle, are said", () => {
  const numbers = { rows: 4, unlabelled: 0, clusters: 2, empty: 0, inertia: 1, histogram: [] };
  const shared = { sizes: { smallest: 2, median: 2, mean: 2, largest: 2 }, fusion: "image", columns: 2, withoutDirection: 0, seconds: 1 }; // prettier-ignore
  const line = { iteration: 1, inertia: 1, empty: 1, seconds: 1, compared: 1 };
  const table = (converged: boolean, emptyClusters: number, changed?: number): string =>
    clusterTable({
      ...{ ...numbers, ...shared, converged, iterations: [{ ...line, ...(changed !== undefined && { changed }) }] },
      leftOut: { emptyClusters, rowsOfSmallClusters: 0, rowsBeyondMost: 0 },
    });
  assert.match(table(false, 3, 2), /2, and 3 without rows .* 1, labels not settled/);
  assert.doesNotMatch(table(true, 0, 0), /without rows|not settled/);
  assert.doesNotMatch(table(false, 0), /not settled/); // of mini-batches nobody knows
});

async function damaged(): Promise<string> {
  const path = join(root, "damaged.npy");
  await writeFile(path, (await readFile(await npy("whole.npy", images))).subarray(0, -1));
  return path;
}

test("a folder that holds something is not written to", async () => {
  const out = join(root, "taken");
  await mkdir(out);
  await writeFile(join(out, "thesis.txt"), "dear");
  const args = ["--image-features", await npy("a.npy", images), "--clusters", "2", "--out", out];
  await refused(clusterCommand(), args, /taken is there already and not empty/);
  assert.deepEqual(await readdir(out), ["thesis.txt"]);
});
