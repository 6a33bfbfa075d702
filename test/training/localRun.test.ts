import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { openEngine } from "../../src/tensor/openEngine.js";
import type { Engine } from "../../src/tensor/engine.js";
import { complete, type Configuration, type PartialConfiguration } from "../../src/training/configuration.js";
import { openSafetensors } from "../../src/training/safetensors.node.js";
import { RunFolder } from "../../src/training/runFolder.node.js";
import { train, type TrainOptions } from "../../src/training/train.node.js";
import { temporaryFolder, tinySettings } from "../cli/pfc.js";

const network = {
  kind: "small-resnet" as const,
  widths: [4, 8],
  blocks: [1, 1],
  embedding: 8,
} satisfies PartialConfiguration["network"];
const FROM = 4;

function configured(more: PartialConfiguration = {}): Configuration {
  const local = { tuple: 4, from: FROM, ...more.local };
  const { head, ...others } = more;
  const margin = { kind: "madacos" as const, ...head?.margin };
  const settings = { ...tinySettings, network, steps: 8, checkpointEvery: 2, evaluateEvery: 5, ...others };
  return complete({ ...settings, head: { ...tinySettings.head, ...head, margin }, local });
}

let engine: Engine;
let folder: string;
before(async () => {
  engine = await openEngine("wasm", { threads: 1 });
  folder = await temporaryFolder();
});
after(() => engine.close());

let runs = 0;
const newRun = (): RunFolder => RunFolder.vacant(join(folder, `run${runs++}`));

const go = (run: RunFolder, configuration: Configuration, more: Partial<TrainOptions> = {}): Promise<boolean> =>
  train({ run, configuration, engine, resume: false, ...more });

/** A new run that is stopped after that step. */
async function stoppedAfter(step: number, configuration: Configuration): Promise<RunFolder> {
  const run = newRun();
  const stop = new AbortController();
  const onStep: TrainOptions["onStep"] = (line) => (line.step === step ? stop.abort() : undefined);
  assert.equal(await go(run, configuration, { signal: stop.signal, onStep }), false);
  return run;
}

async function assertSameRuns(a: RunFolder, b: RunFolder, files: readonly string[]): Promise<void> {
  for (const file of files)
    assert.ok((await readFile(file)).equals(await readFile(file.replace(a.path, b.path))), file);
  const timeless = (of: RunFolder): unknown[] =>
    of.metrics().map((line) => ("time" in line ? { ...line, time: undefined } : line));
  assert.deepEqual(timeless(a), timeless(b));
}

describe("a run with a local stage", () => {
  const configuration = configured();
  let whole: RunFolder;
  before(async () => {
    whole = newRun();
    assert.equal(await go(whole, configuration), true);
  });

  test("has tuples from the step on that local.from names, with hard negatives by predictions written there", async () => {
    const steps = whole.metrics().flatMap((line) => (line.kind === "step" ? [line] : []));
    assert.deepEqual(steps.map(({ local }) => local !== undefined), [0, 0, 0, 0, 1, 1, 1, 1].map(Boolean)); // prettier-ignore
    assert.equal((await readFile(whole.predictions, "utf8")).trim().split("\n").length, 240);
  });

  for (const [step, when] of [
    [FROM - 1, "before the stage"],
    [FROM, "where it begins"],
    [FROM + 1, "just after it has begun"],
    [FROM + 3, "in its midst"],
  ] as const) {
    test(`stopped ${when} and resumed ends in the same bytes`, async () => {
      const run = await stoppedAfter(step, configuration);
      assert.equal(await go(run, configuration, { resume: true }), true);
      await assertSameRuns(whole, run, [whole.last, whole.best, whole.predictions]);
    });
  }

  test("goes back to a checkpoint before the stage, and predicts again what it had predicted", async () => {
    const run = await stoppedAfter(FROM - 1, configuration);
    const early = join(folder, "early.safetensors");
    await copyFile(run.last, early);
    assert.equal(await go(run, configuration, { resume: true }), true);
    await rm(run.path, { recursive: true });
    const again = await stoppedAfter(FROM + 1, configuration);
    await copyFile(early, again.last); // as if killed before the next checkpoint
    assert.equal(await go(again, configuration, { resume: true }), true);
    await assertSameRuns(whole, again, [whole.last, whole.best, whole.predictions]);
  });

  test("does not go on without its predictions", async () => {
    const run = await stoppedAfter(FROM + 1, configuration);
    await rm(run.predictions);
    await assert.rejects(go(run, configuration, { resume: true }), (error: Error) => {
      assert.equal(
        error.message,
        `${run.predictions} is missing, from which the tuples of the stage under way are drawn: put it back, or begin another run.`,
      );
      return true;
    });
  });

  test("does not go on with predictions of fewer images", async () => {
    const run = await stoppedAfter(FROM + 1, configuration);
    const lines = (await readFile(run.predictions, "utf8")).split("\n");
    await writeFile(run.predictions, lines.slice(1).join("\n"));
    await assert.rejects(go(run, configuration, { resume: true }), /239/);
  });

  test("does not go on with predictions of images in another order", async () => {
    const run = await stoppedAfter(FROM + 1, configuration);
    const [first, second, ...rest] = (await readFile(run.predictions, "utf8")).split("\n");
    await writeFile(run.predictions, [second, first, ...rest].join("\n")); // of one class: only names tell
    await assert.rejects(
      go(run, configuration, { resume: true }),
      /line 1 is of "\S+\/image1" and image 0 is "\S+\/image0"/,
    );
  });

  test("without hard tuples needs no predictions, and resumes to the same bytes", async () => {
    const plain = configured({ local: { hard: false } });
    const [once, twice] = [newRun(), await stoppedAfter(FROM + 1, plain)];
    assert.equal(await go(once, plain), true);
    assert.equal(await go(twice, plain, { resume: true }), true);
    await assertSameRuns(once, twice, [once.last, once.best]);
    await assert.rejects(readFile(once.predictions), { code: "ENOENT" });
  });

  test("is refused before the first step where the last map has no cells to match", async () => {
    const run = newRun();
    const coarse = configured({ network: { ...network, widths: [4, 4, 4, 4, 4, 4], blocks: [1, 1, 1, 1, 1, 1] } });
    await assert.rejects(
      go(run, coarse),
      /of images of 16x16 pixels the last map has 1x1 cells, and of a share of 0\.5 \(local\.prominent\) of these none/,
    );
    assert.ok(!existsSync(run.path));
  });

  test("begins from the network and centers of a finished run, of the same data alone", async () => {
    const restarted = configured({ local: { from: 0, base: whole.path }, steps: 1, optimizer: { rate: 1e-30 } });
    const run = newRun();
    assert.equal(await go(run, restarted), true);
    const file = await openSafetensors(run.last);
    const base = await openSafetensors(whole.model());
    for (const name of ["head.centers", "backbone.fc.weight"]) {
      assert.deepEqual(await file.tensors.get(name)!.read(), await base.tensors.get(name)!.read(), name);
    }
    await Promise.all([file.close(), base.close()]);
    const others = configured({
      dataset: { ...tinySettings.dataset, identities: 50 },
      local: { from: 0, base: whole.path },
    });
    await assert.rejects(go(newRun(), others), (error: Error) => {
      assert.equal(
        error.message,
        `local.base: centers of ${whole.path} are those of its classes, but it was trained with dataset.identities = 60, and this run has 50.`,
      );
      return true;
    });
  });
});

describe("what a margin remembers", () => {
  for (const head of [
    { path: "fused", margin: { kind: "adacos" } },
    { path: "formula", margin: { kind: "adacos" } },
    { path: "formula", margin: { kind: "curricular" } },
  ] as const) {
    test(`is in the checkpoint: ${head.margin.kind} on the path ${head.path}, stopped and resumed, ends in the same bytes`, async () => {
      const configuration = configured({ head, local: { tuple: 0, from: 0 } });
      const [once, twice] = [newRun(), await stoppedAfter(3, configuration)];
      const name = `head.margin.${head.margin.kind === "adacos" ? "logB" : "t"}`;
      const file = await openSafetensors(twice.last);
      const [remembered] = await file.tensors.get(name)!.read();
      await file.close();
      assert.notEqual(remembered, Math.fround(head.margin.kind === "adacos" ? Math.log(59) : 0));
      assert.equal(await go(once, configuration), true);
      assert.equal(await go(twice, configuration, { resume: true }), true);
      await assertSameRuns(once, twice, [once.last, once.best]);
    });
  }
});

describe("a configuration with a local stage", () => {
  const says = (more: PartialConfiguration, sentence: RegExp): void => {
    assert.throws(() => configured(more), sentence, JSON.stringify(more));
  };

  test("is refused in a sentence where the stage does not fit the rest", () => {
    says(
      { local: { tuple: 0, from: 3 } },
      /local\.from and local\.base are of a stage with tuples; given local\.tuple 0, 3 and ""/,
    );
    says({ local: { tuple: 0, from: 0, base: "runs/a" } }, /given local\.tuple 0, 0 and "runs\/a"/);
    says(
      { network: { kind: "small", widths: [4, 8], blocks: [1, 1] } },
      /cells of the last map of small-resnet, resnet50 or resnet101; given network\.kind small\./,
    );
    says(
      { quality: { variant: "simultaneous" } },
      /learns quality or a local stage, not both; given quality\.variant simultaneous/,
    );
    says(
      { engine: "gpu", head: { path: "formula" } },
      /which cells match is read within a step, which needs the engine wasm or reference; given gpu/,
    );
    says({ batch: 10 }, /a batch holds whole tuples, but batch is 10 and local\.tuple 4/);
    says({ local: { from: 8 } }, /begins before the run ends, but local\.from is 8 and steps is 8/);
    says({ local: { tuple: 2 } }, /local\.tuple must be at least 3, given 2/);
    says({ local: { prominent: 0 } }, /local\.prominent/);
    says({ local: { ratio: 0 } }, /local\.ratio/);
    says({ local: { weight: -1 } }, /local\.weight/);
  });

  test("is refused in a sentence where a margin that sets itself does not fit", () => {
    says(
      { head: { path: "fused", margin: { kind: "curricular" } } },
      /curricular changes wrong classes too, which the path fused cannot: set head\.path to formula/,
    );
    says(
      { engine: "gpu", head: { path: "fused" }, local: { tuple: 0, from: 0 } },
      /batch by batch needs, on a GPU engine, head\.path formula; given fused on gpu/,
    );
    says(
      { head: { margin: { madacos: { minScale: 32, maxScale: 31 } } } },
      /largest scale below the smallest: 31 and 32/,
    );
  });
});
