/**
 * One update: forward, backward, clip, step, in the order of the public training code (insightface, arcface_torch).
 *
 * The head is differentiated by itself, from its own leaf: dL/dembeddings is all that it hands to the backbone. So what the head
 * costs can be timed apart, and over ranks this is the place where embedding gradients travel. With gradient accumulation the loss
 * of each of the k passes is divided by k, and the schedule counts updates, not passes.
 *
 * A step reads one tensor, before it updates anything: on a queued engine each read waits for all the work before it.
 */
import { affine, constant, Variable } from "../autograd/index.js";
import type { Batch } from "../data/loader.js";
import { clipGradientNorm, training, type Module, type Optimizer, type StepSettings } from "../nn/index.js";
import { meanCenterNorm, type PartialFC } from "../pfc/index.js";
import type { Engine, FloatArray } from "../tensor/engine.js";
import type { Tensor } from "../tensor/tensor.js";

/** Class centers whose norms are watched. */
const CENTERS_WATCHED = 100;

type ImageShape = readonly [channels: number, height: number, width: number];

export interface Trainee {
  readonly engine: Engine;
  readonly backbone: Module;
  readonly head: PartialFC;
  /** Of the backbone and of the class centers; the same rule and rate. */
  readonly backboneOptimizer: Optimizer;
  readonly headOptimizer: Optimizer;
  /** Largest gradient norm of the backbone; Infinity: no clipping. */
  readonly clip: number;
  readonly seed: number | string;
}

export interface StepResult {
  /** Mean over the passes of this update. */
  readonly loss: number;
  /** Norm of the backbone's gradient before clipping. */
  readonly gradientNorm: number;
  /** Mean norm of some class centers, evenly spaced, before they were updated. */
  readonly centerNorm: number;
  /** Sampling, forward, backward and update of the centers. undefined on a GPU engine, which computes later than it is called. */
  readonly headMilliseconds: number | undefined;
}

/**
 * Trains on the passes of one update. Returns numbers; nothing of the step stays in memory, even if a pass throws. Where the loss or
 * the gradient's norm is not finite, nothing is updated: the caller decides. (Running statistics of batch norm are no update of this:
 * they have seen the images.)
 *
 * @param shape of one image
 */
export async function trainingStep(
  trainee: Trainee,
  passes: readonly Batch[],
  settings: StepSettings,
  shape: ImageShape,
): Promise<StepResult> {
  const { engine, backbone, head, backboneOptimizer, headOptimizer, clip } = trainee;
  const losses: Tensor[] = []; // [] each
  let headMilliseconds = 0;
  try {
    for (const batch of passes) {
      if (losses.length > 0) await engine.ready(); // no more than one pass is queued
      const pass = engine.scope(() => differentiate(trainee, batch, 1 / passes.length, shape));
      losses.push(pass.loss);
      headMilliseconds += pass.headMilliseconds;
    }
    const trained = backbone.parameters().filter(({ trainable }) => trainable);
    const [loss, gradientNorm, centerNorm] = await readTogether(engine, () => [
      losses.reduce((sum, other) => engine.binary("add", sum, other)),
      clipGradientNorm(trained, clip),
      meanCenterNorm(head.centers.store, CENTERS_WATCHED),
    ]);
    if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) {
      engine.scope(() => backboneOptimizer.step(settings));
      const started = performance.now();
      engine.scope(() => headOptimizer.step(settings));
      headMilliseconds += performance.now() - started;
    }
    return { loss, gradientNorm, centerNorm, headMilliseconds: engine.kind === "gpu" ? undefined : headMilliseconds };
  } finally {
    for (const loss of losses) loss.dispose();
    backboneOptimizer.zeroGrad();
    headOptimizer.zeroGrad();
  }
}

/** One pass, forward and backward: gradients of `share` times its loss are added to those of the passes before. To be called in a scope. */
function differentiate(
  { engine, backbone, head, seed }: Trainee,
  { images, labels, step }: Batch,
  share: number,
  shape: ImageShape,
): { readonly loss: Tensor; readonly headMilliseconds: number } {
  const x = constant(engine.tensor(images, [labels.length, ...shape])); // [B, C, H, W]
  const embeddings = backbone.forward(x, training(step, { seed })); // [B, E]
  const leaf = new Variable(embeddings.tensor, true); // the place where the head's gradient ends
  try {
    const started = performance.now();
    const loss = affine(head.loss(leaf, labels, step), share, 0);
    loss.backward();
    const headMilliseconds = performance.now() - started;
    embeddings.backward(leaf.grad);
    return { loss: loss.tensor, headMilliseconds };
  } finally {
    leaf.zeroGrad();
  }
}

/** The values of some scalars, in one read. */
async function readTogether(engine: Engine, scalars: () => readonly Tensor[]): Promise<FloatArray> {
  const rows = (): Tensor[] => scalars().map((scalar) => scalar.reshape([1]));
  using joined = engine.scope(() => engine.concatenate(rows(), 0));
  return await joined.data();
}
