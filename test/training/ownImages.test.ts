import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { PNG } from "pngjs";
import { openEngine } from "../../src/tensor/openEngine.js";
import type { Engine } from "../../src/tensor/engine.js";
import { complete, type Configuration, type DatasetName } from "../../src/training/configuration.js";
import type { EvaluationLine } from "../../src/training/metrics.js";
import { RunFolder } from "../../src/training/runFolder.node.js";
import { train } from "../../src/training/train.node.js";
import { temporaryFolder, tinySettings } from "../cli/pfc.js";
import { SAMPLES, SIDE, writeFolders, writeRecordSet } from "../data/facesOnDisk.js";

describe("training on images of one's own", () => {
  let engine: Engine;
  let root: string;
  before(async () => {
    engine = await openEngine("wasm");
    root = await temporaryFolder();
    await writeFolders(join(root, "folder"));
    await writeRecordSet(join(root, "recordio"));
  });
  after(async () => engine.close());

  const configured = (name: DatasetName): Configuration =>
    complete({
      ...tinySettings,
      dataset: { name, side: SIDE, testShare: 0.25 },
      accumulate: 2,
      steps: 6,
      checkpointEvery: 2,
    });

  /** Trains to the end, or stops after a step and goes on. */
  async function trained(name: DatasetName, run: string, stopAfter?: number): Promise<RunFolder> {
    const folder = RunFolder.vacant(join(root, run));
    const options = { run: folder, configuration: configured(name), engine, data: join(root, name) };
    if (stopAfter !== undefined) {
      const stop = new AbortController();
      const onStep = ({ step }: { step: number }): void => (step === stopAfter ? stop.abort() : undefined);
      assert.equal(await train({ ...options, resume: false, signal: stop.signal, onStep }), false);
    }
    assert.equal(await train({ ...options, resume: stopAfter !== undefined }), true);
    return folder;
  }

  for (const name of ["folder", "recordio"] as const) {
    it(`${name}: ends, stopped and resumed, in the same bytes as without a stop`, async () => {
      const [whole, resumed] = [await trained(name, `${name} whole`), await trained(name, `${name} resumed`, 3)];
      assert.ok((await readFile(whole.last)).equals(await readFile(resumed.last)));
      const test = (run: RunFolder) => run.metrics().find((line) => line.kind === "evaluation") as EvaluationLine;
      assert.deepEqual(test(resumed).result, test(whole).result);
      const { images, classes, pairSets } = test(whole).result;
      assert.deepEqual([images, classes], [3 * SAMPLES, 3]);
      assert.deepEqual(
        pairSets?.map((set) => [set.name, set.pairs]),
        name === "recordio" ? [["eleven", 22]] : undefined,
      );
    });
  }

  it("shows the report its examples in colour", async () => {
    const run = RunFolder.vacant(join(root, "pictures"));
    await train({ run, configuration: configured("folder"), engine, data: join(root, "folder"), resume: false });
    const { picture } = run.examples()[0].query;
    const { data, width } = PNG.sync.read(Buffer.from(picture.split(",")[1], "base64"));
    assert.equal(width, SIDE);
    for (let at = 0; at < data.length; at += 4) {
      assert.ok(data[at + 1] === 0 && Math.abs(data[at] + data[at + 2] - 255) <= 1); // red ink on blue
    }
  });
});
