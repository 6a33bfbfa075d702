/**
 * One update: forward, backward, clip, step, in the order of the public training code (insightface, arcface_torch).
 *
 * The head is differentiated by itself, from its own leaf: dL/dembeddings is all that it hands to the backbone. So what the head
 * costs can be timed apart, and over ranks this is the place where embedding gradients travel. With gradient accumulation the loss
 * of each of the k passes is divided by k, and the schedule counts updates, not passes.
 */
import { affine, constant, Variable } from "../autograd/index.js";
import type { Batch } from "../data/loader.js";
import { clipGradientNorm, training, type Module, type Optimizer, type StepSettings } from "../nn/index.js";
import type { PartialFC } from "../pfc/index.js";
import type { Engine } from "../tensor/engine.js";

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
  /** Sampling, forward, backward and update of the centers. */
  readonly headMilliseconds: number;
}

/**
 * Trains on the passes of one update. Returns numbers; nothing of the step stays in memory. Where the loss or the gradient's norm
 * is not finite, nothing is updated: the caller decides.
 *
 * @param shape of one image
 */
export async function trainingStep(
  trainee: Trainee,
  passes: readonly Batch[],
  settings: StepSettings,
  shape: readonly [channels: number, height: number, width: number],
): Promise<StepResult> {
  const { engine, backbone, head, backboneOptimizer, headOptimizer, clip } = trainee;
  let loss = 0;
  let headMilliseconds = 0;
  for (const { images, labels, step } of passes) {
    const passLoss = engine.scope(() => {
      const x = constant(engine.tensor(images, [labels.length, ...shape])); // [B, C, H, W]
      const embeddings = backbone.forward(x, training(step, { seed: trainee.seed })); // [B, E]
      const started = performance.now();
      const leaf = new Variable(embeddings.tensor, true); // the place where the head's gradient ends
      const mean = affine(head.loss(leaf, labels, step), 1 / passes.length, 0);
      mean.backward();
      headMilliseconds += performance.now() - started;
      embeddings.backward(leaf.grad);
      leaf.zeroGrad();
      return mean.detach();
    });
    loss += await passLoss.item();
  }
  if (!Number.isFinite(loss)) return { loss, gradientNorm: NaN, headMilliseconds };
  const trained = backbone.parameters().filter(({ trainable }) => trainable);
  const gradientNorm = await engine.scope(() => clipGradientNorm(trained, clip)).item();
  if (!Number.isFinite(gradientNorm)) return { loss, gradientNorm, headMilliseconds };
  engine.scope(() => backboneOptimizer.step(settings));
  const started = performance.now();
  engine.scope(() => headOptimizer.step(settings));
  headMilliseconds += performance.now() - started;
  backboneOptimizer.zeroGrad();
  headOptimizer.zeroGrad();
  return { loss, gradientNorm, headMilliseconds };
}
