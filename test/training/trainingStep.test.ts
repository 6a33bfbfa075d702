import assert from "node:assert/strict";
import { test } from "node:test";
import { constant, noGrad } from "../../src/autograd/index.js";
import { builtinIdentities } from "../../src/data/builtin/builtinIdentities.js";
import { loader } from "../../src/data/loader.js";
import { evaluating, Flatten, Linear, Sequential, SGD } from "../../src/nn/index.js";
import { centerNorms, cosFace, PartialFC } from "../../src/pfc/index.js";
import type { Engine, FloatArray } from "../../src/tensor/engine.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { trainingStep } from "../../src/training/trainingStep.js";
import { collect } from "../data/miniatures.js";

const side = 16;
// 32 images: whole batches of 16 and of 4, so that both loaders see the same images in an epoch
const set = builtinIdentities({ identities: 8, samples: 4, side, seed: 1 });

interface Made {
  readonly engine: Engine;
  readonly backbone: Sequential;
  readonly head: PartialFC;
}

/** A linear network without batch norm, whose gradient is a sum over images: so passes can be compared with one batch. */
function linearNetwork(engine: Engine = new ReferenceEngine("float64")): Made {
  const layers = [new Flatten(), new Linear({ in: side * side, out: 6, bias: false })];
  const margin = cosFace({ scale: 8, margin: 0.2 });
  const head = new PartialFC(engine, { classes: 8, embedding: 6, ratio: 1, margin, seed: 5 });
  return { engine, backbone: new Sequential(layers).allocate(engine, 5), head };
}

async function trained(
  batch: number,
  passes: number,
): Promise<{ weight: ArrayLike<number>; centers: ArrayLike<number>; loss: number }> {
  const { engine, backbone, head } = linearNetwork();
  const rule = { momentum: 0.9, decay: 5e-4, nesterov: true };
  const [backboneOptimizer, headOptimizer] = [new SGD(backbone, rule), new SGD(head, rule)];
  const batches = loader({ set, batch, seed: 2 });
  let loss = 0;
  for (let step = 0; step < 4; step++) {
    const group = await collect(batches.from(step * passes, (step + 1) * passes));
    const trainee = { engine, backbone, head, backboneOptimizer, headOptimizer, clip: 1, seed: 0 };
    ({ loss } = await trainingStep(trainee, group, { rate: 0.1 }, [1, side, side]));
  }
  const weight = backbone.stateDictionary().get("1.weight")!.dataSync();
  return { weight, centers: await head.centers.store.read(0, 8), loss };
}

function closeTo(a: ArrayLike<number>, b: ArrayLike<number>): void {
  for (let i = 0; i < a.length; i++)
    assert.ok(Math.abs(a[i] - b[i]) <= 1e-12 * (1 + Math.abs(b[i])), `${a[i]} and ${b[i]} at ${i}`);
}

test("four accumulated passes of 4 images are one update with 16: loss, network and centers", async () => {
  const whole = await trained(16, 1);
  const parts = await trained(4, 4);
  closeTo([parts.loss], [whole.loss]);
  closeTo(parts.weight, whole.weight);
  closeTo(parts.centers, whole.centers);
});

test("the embeddings' gradient reaches the backbone: training lowers the loss of a batch seen again and again", async () => {
  const { engine, backbone, head } = linearNetwork();
  const frozenHead = new SGD([], {});
  const backboneOptimizer = new SGD(backbone, {});
  const batch = await loader({ set, batch: 16, seed: 2 }).at(0);
  const trainee = { engine, backbone, head, backboneOptimizer, headOptimizer: frozenHead, clip: Infinity, seed: 0 };
  const losses: number[] = [];
  for (let step = 0; step < 20; step++) {
    losses.push((await trainingStep(trainee, [batch], { rate: 0.05 }, [1, side, side])).loss);
    head.centers.clear();
  }
  for (let step = 1; step < losses.length; step++)
    assert.ok(losses[step] < losses[step - 1], `step ${step}: ${losses.join(", ")}`);
});

/** Counts what is awaited, as a queue would have to answer it. */
class CountedReads extends ReferenceEngine {
  reads = 0;

  override async read(tensor: Tensor): Promise<FloatArray> {
    this.reads++;
    return super.read(tensor);
  }
}

test("a step of several passes reads one tensor: the mean loss, the gradient's norm, the centers' before the update", async () => {
  const engine = new CountedReads("float64");
  const { backbone, head } = linearNetwork(engine);
  const [backboneOptimizer, headOptimizer] = [new SGD(backbone, {}), new SGD(head, {})];
  const passes = await collect(loader({ set, batch: 4, seed: 2 }).from(0, 3));
  const losses: number[] = [];
  for (const { images, labels, step } of passes) {
    const embeddings = backbone.forward(constant(engine.tensor(images, [4, 1, side, side])), evaluating);
    losses.push(await noGrad(() => head.loss(embeddings, labels, step)).item());
  }
  const { mean } = await centerNorms(head.centers.store);
  engine.reads = 0;
  const trainee = { engine, backbone, head, backboneOptimizer, headOptimizer, clip: 1, seed: 0 };
  const result = await trainingStep(trainee, passes, { rate: 0.1 }, [1, side, side]);
  assert.equal(engine.reads, 1);
  closeTo([result.loss], [losses.reduce((sum, loss) => sum + loss / 3, 0)]);
  closeTo([result.centerNorm], [mean]);
  assert.ok(result.gradientNorm > 0);
  assert.notEqual((await centerNorms(head.centers.store)).mean, mean);
});
