import assert from "node:assert/strict";
import { test } from "node:test";
import { QualityNetwork, QualityObjective, type QualityVariant } from "../../src/crfiqa/index.js";
import { builtinIdentities } from "../../src/data/builtin/builtinIdentities.js";
import { loader } from "../../src/data/loader.js";
import { BatchNorm1d, Flatten, Linear, Sequential, SGD } from "../../src/nn/index.js";
import { cosFace, PartialFC } from "../../src/pfc/index.js";
import type { Engine, FloatArray } from "../../src/tensor/engine.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { qualityNumbers } from "../../src/training/qualityNumbers.js";
import { trainingStep, type StepResult, type Trainee } from "../../src/training/trainingStep.js";
import { collect } from "../data/miniatures.js";

const side = 16;
// 32 images: whole batches of 8 and of 4, so that both loaders see the same images in an epoch
const set = builtinIdentities({ identities: 8, samples: 4, side, seed: 1 });

interface Made {
  readonly variant?: QualityVariant;
  readonly normalized?: boolean;
  readonly update?: "sparse" | "dense";
  readonly path?: "formula" | "fused";
}

/** Linear, so that a gradient is a sum over images; with batch norm where asked for. */
function trainee(engine: Engine, { variant, normalized = false, update, path }: Made = {}): Trainee {
  const linear = [new Flatten(), new Linear({ in: side * side, out: 6, bias: false })];
  const backbone = new QualityNetwork(new Sequential(normalized ? [...linear, new BatchNorm1d(6)] : linear), 6);
  backbone.allocate(engine, 5);
  const margin = cosFace({ scale: 8, margin: 0.2 });
  const head = new PartialFC(engine, { classes: 8, embedding: 6, ratio: 1, margin, seed: 5, update, path });
  const quality = new QualityObjective(backbone, head, { variant });
  const rule = { momentum: 0.9, decay: 5e-4 };
  const [backboneOptimizer, headOptimizer] = [new SGD(quality.trained, rule), new SGD(head, rule)];
  return { engine, backbone, head, quality, backboneOptimizer, headOptimizer, clip: 5, seed: 0 };
}

async function steps(of: Trainee, batch: number, passes: number, count: number): Promise<StepResult[]> {
  const batches = loader({ set, batch, seed: 2 });
  const results: StepResult[] = [];
  for (let step = 0; step < count; step++) {
    const group = await collect(batches.from(step * passes, (step + 1) * passes));
    results.push(await trainingStep(of, group, { rate: 0.1 }, [1, side, side]));
  }
  return results;
}

async function stateOf({ backbone, head }: Trainee): Promise<Record<string, number[]>> {
  const tensors = [...backbone.stateDictionary()].map(([name, tensor]) => [name, Array.from(tensor.dataSync())]);
  const { store } = head.centers;
  return { ...Object.fromEntries(tensors), centers: Array.from(await store.read(0, store.rows)) } as Record<string, number[]>; // prettier-ignore
}

function closeTo(a: ArrayLike<number>, b: ArrayLike<number>, what: string): void {
  assert.equal(a.length, b.length);
  for (let i = 0; i < a.length; i++)
    assert.ok(Math.abs(a[i] - b[i]) <= 1e-12 * (1 + Math.abs(b[i])), `${what}: ${a[i]} and ${b[i]} at ${i}`);
}

test("two accumulated passes of 4 images are one update with 8: quality numbers, network, unit and centers", async () => {
  const [whole, parts] = [new ReferenceEngine("float64"), new ReferenceEngine("float64")].map((e) => trainee(e));
  const [ofWhole, ofParts] = [await steps(whole, 8, 1, 3), await steps(parts, 4, 2, 3)];
  for (const [step, { loss, quality }] of ofWhole.entries()) {
    closeTo([ofParts[step].loss], [loss], "loss");
    closeTo(Object.values(ofParts[step].quality!), Object.values(quality!), `quality of step ${step}`);
  }
  const [a, b] = [await stateOf(parts), await stateOf(whole)];
  assert.deepEqual(Object.keys(b), ["1.weight", "qs.weight", "qs.bias", "centers"]);
  for (const [name, values] of Object.entries(b)) closeTo(a[name], values, name);
});

/** Counts what is awaited, as a queue would have to answer it. */
class CountedReads extends ReferenceEngine {
  reads = 0;

  override async read(tensor: Tensor): Promise<FloatArray> {
    this.reads++;
    return super.read(tensor);
  }
}

for (const variant of ["simultaneous", "onTop", "ccsOnly"] as const) {
  test(`a step of two passes with quality reads one tensor (${variant})`, async () => {
    const engine = new CountedReads("float64");
    await steps(trainee(engine, { variant }), 4, 2, 3);
    assert.equal(engine.reads, 3);
  });
}

for (const path of ["formula", "fused"] as const) {
  for (const update of ["sparse", "dense"] as const) {
    test(`on top of a finished network a step trains the unit, and moves no bit of backbone, statistics or centers: ${path}, ${update}`, async () => {
      const of = trainee(new ReferenceEngine("float32"), { variant: "onTop", normalized: true, path, update });
      const { "qs.weight": weight, "qs.bias": bias, ...rest } = await stateOf(of);
      const results = await steps(of, 8, 1, 4);
      const { "qs.weight": trained, "qs.bias": shifted, ...same } = await stateOf(of);
      assert.deepEqual(same, rest);
      assert.ok(trained.every((value, e) => value !== weight[e]) && shifted[0] !== bias[0]);
      assert.ok(results.every(({ gradientNorm }) => gradientNorm > 0));
    });
  }
}

test("a unit that is trained again and again on one batch comes nearer to its target", async () => {
  const of = trainee(new ReferenceEngine("float64"), { variant: "onTop" });
  const batch = await loader({ set, batch: 8, seed: 2 }).at(0);
  const losses: number[] = [];
  for (let step = 0; step < 20; step++) {
    const { quality } = await trainingStep(of, [batch], { rate: 8e-3 }, [1, side, side]);
    losses.push(quality!.loss);
  }
  assert.ok(losses[19] < losses[0] / 2, losses.join(", "));
});

test("numbers of a step are means over all images of all passes, and a rank correlation over them", () => {
  const first = [[0.5], [0.1, 0.3], [0, 0.2], [1, 3], [10, 30]];
  const second = [[1.5], [0.5, 0.7], [0.4, 0.6], [2, 4], [20, 25]];
  const { loss, classCenter, nearestNegative, target, score, correlation } = qualityNumbers([first, second]);
  closeTo([loss, classCenter, nearestNegative, target, score], [1, 0.4, 0.3, 2.5, 21.25], "means");
  // ranks of targets 1 3 2 4, of scores 1 4 2 3: 1 − 6 (0 + 1 + 0 + 1)/(4 · 15)
  closeTo([correlation], [0.8], "Spearman's");
});

test("a correlation of numbers that do not vary, or are none, is told as 0", () => {
  const of = (target: number[], score: number[]) => qualityNumbers([[[0], target, target, target, score]]);
  assert.equal(of([1, 1], [1, 2]).correlation, 0);
  assert.equal(of([1, 2], [NaN, 2]).correlation, 0);
  assert.ok(Number.isNaN(of([1, 2], [NaN, 2]).score));
});
