/**
 * Training on the kernels of GPU.js, in the two modes that need no GPU: the way of the wasm engine, one read a step, memory that does not grow.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { builtinIdentities } from "../../src/data/builtin/builtinIdentities.js";
import { loader } from "../../src/data/loader.js";
import { SGD, smallIresnet } from "../../src/nn/index.js";
import { cosFace, PartialFC } from "../../src/pfc/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { trainingStep, type Trainee } from "../../src/training/trainingStep.js";

const seed = 3;
const side = 16;
const set = builtinIdentities({ identities: 40, samples: 4, side, seed });
const batches = loader({ set, batch: 8, seed });

type Path = "formula" | "fused";

/** Convolutions, batch norm, rectifiers, a sum of two branches, and half of 40 class centers. */
function tinyTrainee(engine: Engine, path: Path): Trainee {
  const backbone = smallIresnet(engine, { side, seed, widths: [4, 8], blocks: [1, 1], embedding: 8 });
  const margin = cosFace({ scale: 16, margin: 0.2 });
  const head = new PartialFC(engine, { classes: 40, embedding: 8, ratio: 0.5, path, margin, seed });
  const rule = { momentum: 0.9, decay: 5e-4 };
  const [backboneOptimizer, headOptimizer] = [new SGD(backbone, rule), new SGD(head, rule)];
  return { engine, backbone, head, seed, clip: 5, backboneOptimizer, headOptimizer };
}

/** Loss, gradient's norm and centers' norm of every step. */
async function curveOf(trainee: Trainee, steps: number): Promise<number[][]> {
  const lines: number[][] = [];
  for (let step = 0; step < steps; step++) {
    const result = await trainingStep(trainee, [await batches.at(step)], { rate: 0.05 }, [1, side, side]);
    lines.push([result.loss, result.gradientNorm, result.centerNorm]);
  }
  return lines;
}

/** On an engine that is opened for it. */
async function curveOn(opened: Promise<Engine>, path: Path): Promise<number[][]> {
  const engine = await opened;
  const curve = await curveOf(tinyTrainee(engine, path), STEPS);
  await engine.close();
  return curve;
}

/** Few enough that no activation comes so near to 0, where a rectifier has its kink, that rounding decides on which side it lies. */
const STEPS = 12;
const UNIT = 2 ** -24; // what float32 rounds by, relative to a number
/** Of numbers that are made by some tens of additions and multiplications, whatever the order: before training has amplified anything. */
const FLOOR = 64 * UNIT;
/** Sums in one row stray from the truth some √8 times as far as those in eight lanes, and two engines may stray to opposite sides. */
const WIDER = 8;

/** Each number is as near to that of wasm as wasm has been to float64 until then, times `WIDER`: each step amplifies what those before it rounded. */
function assertSameCurve(curve: number[][], wasm: number[][], exact: number[][]): void {
  const drift = [0, 0, 0];
  for (const [step, line] of exact.entries()) {
    for (const [i, value] of line.entries()) {
      drift[i] = Math.max(drift[i], Math.abs(wasm[step][i] / value - 1));
      const apart = Math.abs(curve[step][i] - wasm[step][i]) / value;
      const what = ["the loss", "the gradient's norm", "the centers' norm"][i];
      const allowed = Math.max(FLOOR, WIDER * drift[i]);
      assert.ok(apart <= allowed, `${what} of step ${step}: ${apart} apart, ${allowed} allowed`);
    }
  }
}

for (const path of ["formula", "fused"] as const) {
  describe(`training on the ${path} path`, async () => {
    const exact = await curveOn(openEngine("reference", { float: "float64" }), path);
    const wasm = await curveOn(openEngine("wasm", { multiplyAdd: "separate" }), path);

    for (const [name, runs] of [
      ["gpu:webasm", "gpu.js webasm"],
      ["gpu:cpu", "gpu.js cpu"],
    ] as const) {
      test(`on ${name} goes the way of wasm, and reads once a step`, async () => {
        const engine = await openEngine(name);
        assert.equal(engine.name, runs);
        assertSameCurve(await curveOf(tinyTrainee(engine, path), STEPS), wasm, exact);
        const { reads, streamedReads } = engine.traffic;
        assert.deepEqual({ reads, streamedReads }, { reads: STEPS, streamedReads: 0 });
        await engine.close();
      });
    }

    test("is the same to the bit with class centers that stay on the host; what comes from there is counted apart", async () => {
      const resident = await curveOn(openEngine("gpu:webasm"), path);
      const engine = await openEngine("gpu:webasm", { residentBytes: 0 });
      assert.deepEqual(await curveOf(tinyTrainee(engine, path), STEPS), resident);
      await engine.ready();
      const { reads, streamedReads } = engine.traffic;
      assert.deepEqual({ reads, streamedReads }, { reads: STEPS, streamedReads: 2 * STEPS }, "centers and momentum");
      await engine.close();
    });
  });
}

for (const { path, steps } of [
  { path: "fused", steps: 250 },
  { path: "formula", steps: 100 },
] as const) {
  test(`${steps} steps on gpu:webasm, on the ${path} path, leave on the device exactly what ten steps did`, async () => {
    const engine = await openEngine("gpu:webasm");
    const trainee = tinyTrainee(engine, path);
    await curveOf(trainee, 10);
    await engine.ready(); // the update is queued, and what it gives back
    const { inUse, tensors } = engine.memory();
    const losses = (await curveOf(trainee, steps - 10)).map(([loss]) => loss);
    await engine.ready();
    const after = engine.memory();
    assert.deepEqual({ inUse: after.inUse, tensors: after.tensors }, { inUse, tensors });
    assert.equal(engine.traffic.reads, steps);
    assert.ok(losses.every((loss) => Number.isFinite(loss)));
    await engine.close();
  });
}
