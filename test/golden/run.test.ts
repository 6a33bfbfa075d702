/** The runner itself: what it lets pass, what it calls unsupported, how it exits; and what of the committed fixtures it leaves out. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { loadFixtures } from "./fixture.js";
import { isTensor, Unsupported, type Json } from "./fields.js";
import { judge, prepare } from "./judge.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { nodeArguments } from "../nodeArguments.js";
import { inEveryMode } from "../tensor/engines/gpu/inEveryMode.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const runner = import.meta.resolve("./run.js");

/** ReLU of (−1, 2), weighed by (3, 5): computed by hand. */
const relu = {
  name: "relu by hand",
  op: "relu",
  dtype: "float64",
  params: {},
  inputs: { x: { shape: [1, 2], data: [-1, 2] }, grad_out: { shape: [1, 2], data: [3, 5] } },
  outputs: { y: { shape: [1, 2], data: [0, 2] } },
  grads: { x: { shape: [1, 2], data: [0, 5] } },
  tol: { f64: { rtol: 1e-6, atol: 1e-8 }, f32: { rtol: 1e-4, atol: 1e-5 } },
};

function file(...cases: readonly object[]): object {
  return { schema: "golden/v1", group: "by hand", cases };
}

interface Run {
  readonly status: number | null;
  readonly output: string;
  readonly lastLine: string;
}

/** `npm run golden` on a folder with these files. */
async function golden(files: Readonly<Record<string, object | string>>, ...flags: readonly string[]): Promise<Run> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "golden-"));
  try {
    for (const [name, content] of Object.entries(files)) {
      await writeFile(path.join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
    }
    const args = [...nodeArguments(runner), "--engine", "reference", ...flags];
    const child = spawn(process.execPath, args, { env: { ...process.env, GOLDEN_DIR: folder } });
    let output = "";
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { status, output, lastLine: output.trimEnd().split("\n").at(-1)! };
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("the golden runner", () => {
  it("passes a case that agrees, and exits with 0", async () => {
    const run = await golden({ "a.json": file(relu) });
    assert.equal(run.lastLine, "golden: 1 passed, 0 failed, 0 unsupported");
    assert.equal(run.status, 0);
  });

  it("fails a case whose output, gradient or shape is wrong, names the place, and exits with 1", async () => {
    const wrongOutput = { ...relu, name: "output", outputs: { y: { shape: [1, 2], data: [0, 2.001] } } };
    const wrongGradient = { ...relu, name: "gradient", grads: { x: { shape: [1, 2], data: [0, 3] } } };
    const wrongShape = { ...relu, name: "shape", outputs: { y: { shape: [2], data: [0, 2] } } };
    const run = await golden({ "a.json": file(relu, wrongOutput, wrongGradient, wrongShape) });
    assert.equal(run.lastLine, "golden: 1 passed, 3 failed, 0 unsupported");
    assert.equal(run.status, 1);
    assert.match(run.output, /outputs\.y: got 2, want 2\.001 at 1 \(1 of 2 differ\)/);
    assert.match(run.output, /grads\.x: got 5, want 3/);
    assert.match(run.output, /outputs\.y: got shape \[1, 2\], want \[2\]/);
  });

  it("calls unsupported what it does not know: operation, parameter, value, input, output, gradient, field, kind, schema", async () => {
    const unknown = [
      { ...relu, op: "relu7" },
      { ...relu, op: "toString" },
      { ...relu, params: { slope: 0.1 } },
      { ...relu, inputs: { ...relu.inputs, weight: { shape: [], data: [1] } } },
      { ...relu, outputs: { ...relu.outputs, z: { shape: [], data: [1] } } },
      { ...relu, grads: { ...relu.grads, weight: { shape: [], data: [1] } } },
      { ...relu, dtype: "float16" },
      { ...relu, device: "abacus" },
      { ...relu, op: "dropout", params: { p: 0.5, training: true } },
      { ...relu, op: "optimizer", params: { type: "rprop", lr: 0.1 } },
    ];
    const kind = { name: "b", kind: "by-hand", inputs: {}, params: {}, outputs: {} };
    const run = await golden({ "a.json": file(relu, ...unknown), "b.json": kind, "c.json": { schema: "golden/v7" } });
    assert.equal(run.lastLine, `golden: 1 passed, 0 failed, ${unknown.length + 2} unsupported`);
    assert.equal(run.status, 1);
  });

  it("calls unsupported what lacks something: an input, a parameter, or anything to compare", async () => {
    const lacking = [
      { ...relu, inputs: {} },
      { ...relu, op: "smooth_l1", inputs: { x: relu.inputs.x, target: relu.inputs.x } },
      { ...relu, outputs: {}, grads: {} },
    ];
    const run = await golden({ "a.json": file(...lacking) });
    assert.equal(run.lastLine, "golden: 0 passed, 0 failed, 3 unsupported");
    assert.match(run.output, /inputs\.x is missing/);
    assert.match(run.output, /params\.beta is missing/);
    assert.match(run.output, /nothing is recorded/);
  });

  it("exits with 0 on unsupported cases with --allow-unsupported, but never on failures", async () => {
    const strange = { ...relu, op: "relu7" };
    const allowed = await golden({ "a.json": file(relu, strange) }, "--allow-unsupported");
    assert.equal(allowed.lastLine, "golden: 1 passed, 0 failed, 1 unsupported");
    assert.equal(allowed.status, 0);
    const wrong = { ...relu, outputs: { y: { shape: [1, 2], data: [0, 9] } } };
    const failed = await golden({ "a.json": file(wrong, strange) }, "--allow-unsupported");
    assert.equal(failed.status, 1);
  });

  it("does not look at names: a case with a misleading name is what its operation says", async () => {
    const run = await golden({ "margin-losses.json": file({ ...relu, name: "s_gelu" }) });
    assert.equal(run.status, 0);
  });

  it("fails a damaged tensor and a file that does not parse, and goes on", async () => {
    const damaged = { ...relu, inputs: { ...relu.inputs, x: { shape: [1, 2], data: [1] } } };
    const run = await golden({ "a.json": file(damaged, relu), "b.json": "{ this is no JSON" });
    assert.equal(run.lastLine, "golden: 1 passed, 2 failed, 0 unsupported");
  });

  it("allows a float32 case its float32 tolerance on float64 engines", async () => {
    const rounded = { ...relu, dtype: "float32", outputs: { y: { shape: [1, 2], data: [0, 2.0001] } } };
    const run = await golden({ "a.json": file(rounded) });
    assert.equal(run.status, 0);
  });

  it("narrows to a word, lists with --verbose, and says when nothing matches", async () => {
    const sigmoid = { ...relu, name: "another", op: "sigmoid" };
    const narrowed = await golden({ "a.json": file(relu, sigmoid) }, "--verbose", "relu");
    assert.equal(narrowed.lastLine, "golden: 1 passed, 0 failed, 0 unsupported");
    assert.match(narrowed.output, /passed +a: relu by hand/);
    const nothing = await golden({ "a.json": file(relu) }, "nothing-like-this");
    assert.equal(nothing.status, 1);
    assert.match(nothing.lastLine, /no case that contains nothing-like-this/);
  });

  it("refuses engines and flags that do not exist", async () => {
    const engine = await golden({ "a.json": file(relu) }, "--engine", "abacus");
    assert.equal(engine.status, 1);
    assert.match(engine.lastLine, /engine "abacus" is not known; there are wasm, reference, gpu, /);
    assert.equal((await golden({ "a.json": file(relu) }, "--fast")).status, 1);
  });
});

describe("a case that not every engine can repeat", () => {
  const ranks = path.join(here, "pfc-distributed.json");
  const word = "s_ws2_r1_arc"; // two ranks

  it("is judged on the engines that can, and how many cases the others were left out of stands above the last line", async () => {
    const run = await golden({ "a.json": await readFile(ranks, "utf8") }, "--engine", "gpu:webasm", word);
    assert.equal(run.lastLine, "golden: 1 passed, 0 failed, 0 unsupported");
    assert.match(run.output, /\nleft out of 1 case: gpu\.js webasm \(several ranks .* computes at once\)\ngolden: /);
    assert.equal(run.status, 0);
  });

  it("is judged in the ways that they can, and the others are counted with their reason", async () => {
    const trajectory = await readFile(path.join(here, "cfcd-madacos-train-a.json"), "utf8");
    const run = await golden({ "a.json": trajectory }, "--engine", "gpu:webasm");
    assert.equal(run.lastLine, "golden: 1 passed, 0 failed, 0 unsupported");
    assert.match(
      run.output,
      /\nleft out of 1 case: gpu\.js webasm, fused \(the supplied scale is read before the sweep.* at once\)\n/,
    );
    assert.equal(run.status, 0);
  });

  it("is unsupported where none of them can", async () => {
    const gpu = await openEngine("gpu:webasm");
    for (const loaded of await loadFixtures(here)) {
      if (loaded.name !== word) continue;
      const { kind, remark } = await judge(loaded, { engines: [gpu], slow: true });
      assert.equal(kind, "unsupported");
      assert.match(remark, /^not on gpu\.js webasm: several ranks in one process/);
    }
    await gpu.close();
  });

  it("fails for a queued operation that failed and that nobody read, and the next case does not", async () => {
    const [loaded] = await loadFixtures(here).then((all) => all.filter(({ op }) => op === "relu"));
    const gpu = await openEngine("gpu:webasm");
    const broken = { arrays: 0, integers: 0, numbers: 0, helpers: [], fours: false, name: "broken" };
    gpu.launch({ ...broken, source: "function () { return y[0]; }" }, [1], [1], []).dispose();
    const first = await judge(loaded, { engines: [gpu], slow: false });
    assert.deepEqual([first.kind, /broken failed/.test(first.remark)], ["failed", true]);
    assert.equal((await judge(loaded, { engines: [gpu], slow: false })).kind, "passed");
    await gpu.close();
  });
});

/** Where in a recorded tree its numbers stand; of a tensor the first one. */
function* recordedNumbers(tree: Json, at: readonly string[] = []): Generator<readonly string[]> {
  if (typeof tree === "number") yield at;
  else if (isTensor(tree)) {
    if (tree.data.length > 0) yield [...at, "data", "0"];
  } else if (typeof tree === "object" && tree !== null) {
    for (const [key, value] of Object.entries(tree)) yield* recordedNumbers(value, [...at, key]);
  }
}

/** A copy of the tree with that number moved by more than any tolerance. */
function withWrongNumber<T>(tree: T, at: readonly string[]): T {
  const copy = structuredClone(tree);
  let inner = copy as Record<string, Json>;
  for (const key of at.slice(0, -1)) inner = inner[key] as Record<string, Json>;
  const last = at[at.length - 1];
  inner[last] = (inner[last] as number) * 1.1 + 1;
  return copy;
}

describe("the committed fixtures", () => {
  it("count number by number: none passes when one of its outputs or gradients is changed", async () => {
    const engine = await openEngine("reference", { float: "float64" });
    for (const loaded of await loadFixtures(here)) {
      // a pass through IResNet-18 takes seconds, and is compared by the same code
      if ("problem" in loaded || loaded.op === "iresnet_forward") continue;
      // a manifest has hundreds of numbers: some of them stand for all
      for (const at of [...recordedNumbers(loaded.expected)].slice(0, 12)) {
        const changed = { ...loaded, expected: withWrongNumber(loaded.expected, at) };
        const { kind } = await judge(changed, { engines: [engine], slow: false });
        assert.notEqual(kind, "passed", `${loaded.file}: ${loaded.name}: ${at.join(".")}`);
      }
    }
    await engine.close();
  });

  it("are all understood", async () => {
    const left: string[] = [];
    for (const loaded of await loadFixtures(here)) {
      assert.ok(!("problem" in loaded), `${loaded.file}: ${loaded.name} cannot be read`);
      try {
        prepare(loaded);
      } catch (error) {
        assert.ok(error instanceof Unsupported, `${loaded.file}: ${loaded.name}: ${(error as Error).message}`);
        left.push(loaded.name);
      }
    }
    assert.deepEqual(left, []);
  });
});

inEveryMode("the committed fixtures", (gpu) => {
  it("pass, but those that need an engine that computes at once, and leave nothing on the engine", async () => {
    const unsupported: string[] = [];
    for (const loaded of await loadFixtures(here)) {
      // a manifest computes nothing, and IResNet-18 takes minutes there: npm run golden -- --engine gpu:webasm
      if (loaded.op === "manifest" || loaded.op === "iresnet_forward") continue;
      const { kind, remark } = await judge(loaded, { engines: [gpu()], slow: false });
      if (kind === "unsupported" && /an engine that computes at once/.test(remark)) unsupported.push(loaded.name);
      else assert.equal(kind, "passed", `${loaded.file}: ${loaded.name}: ${remark}`);
      assert.equal(gpu().memory().tensors, 0, `${loaded.file}: ${loaded.name} leaves tensors`);
    }
    assert.deepEqual(unsupported.sort(), [
      "cfcd-local-triplet-a",
      "cfcd-local-triplet-b",
      "cfcd-local-triplet-nomatch",
      "s_dual_ws2",
      "s_traj_v2_sgd_ws2",
      "s_ws2_one_rank_no_positive",
      "s_ws2_overflow_rank1",
      "s_ws2_r0.4_cos",
      "s_ws2_r1_arc",
      "s_ws4_r0.3_cos",
    ]);
  });
});
