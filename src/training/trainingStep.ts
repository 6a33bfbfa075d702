/**
 * One update: forward, backward, clip, step, in the order of the public training code (insightface, arcface_torch).
 *
 * The head is differentiated by itself, from its own leaf: dL/dembeddings is all that it hands to the backbone. So what the head
 * costs can be timed apart, and over ranks this is the place where embedding gradients travel. With gradient accumulation the loss
 * of each of the k passes is divided by k, and the schedule counts updates, not passes.
 *
 * Where the quality of images is learned too (CR-FIQA), its regression is part of what is differentiated from that leaf. Local descriptors
 * (CFCD) are cells of the backbone's own map: their triplets are differentiated with the backbone.
 *
 * A step reads one tensor, before it updates anything: on a queued engine each read waits for all the work before it.
 */
import { add, affine, constant, multiply, noGrad, sum, Variable } from "../autograd/index.js";
import type { LocalTriplets } from "../cfcd/index.js";
import type { QualityObjective } from "../crfiqa/index.js";
import type { Batch } from "../data/loader.js";
import { clipGradientNorm, evaluating, training, type Module, type Optimizer, type StepSettings } from "../nn/index.js";
import { meanCenterNorm, type PartialFC } from "../pfc/index.js";
import type { Engine, FloatArray } from "../tensor/engine.js";
import type { Tensor } from "../tensor/tensor.js";
import { localNumbers, localPass, type LocalNumbers, type LocalObjective } from "./localObjective.js";
import { qualityNumbers, qualityTensors, type QualityNumbers } from "./qualityNumbers.js";

/** Class centers whose norms are watched. */
const CENTERS_WATCHED = 100;

type ImageShape = readonly [channels: number, height: number, width: number];

export interface Trainee {
  readonly engine: Engine;
  readonly backbone: Module;
  readonly head: PartialFC;
  /** Learns the quality of images beside their classes; the backbone is then its network. */
  readonly quality?: QualityObjective;
  /** Learns from matched local descriptors besides (CFCD); the backbone is then its network, and batches are whole tuples. */
  readonly local?: LocalObjective;
  /** Of the backbone and of the class centers; the same rule and rate. */
  readonly backboneOptimizer: Optimizer;
  readonly headOptimizer: Optimizer;
  /** Largest gradient norm of the backbone; Infinity: no clipping. */
  readonly clip: number;
  readonly seed: number | string;
}

/** s, m and the median target cosine they come from. */
export interface MarginNumbers {
  readonly scale: number;
  readonly margin: number;
  readonly median: number;
}

export interface StepResult {
  /** The margin softmax, mean over the passes of this update. */
  readonly loss: number;
  readonly quality?: QualityNumbers;
  /** Where the margin is supplied batch by batch: what it was, mean over the passes. */
  readonly margin?: MarginNumbers;
  /** Of the local stage. */
  readonly local?: LocalNumbers;
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
  const { engine, backbone, head, quality, backboneOptimizer, headOptimizer, clip } = trainee;
  const done: Pass[] = [];
  let headMilliseconds = 0;
  try {
    for (const batch of passes) {
      if (done.length > 0) await engine.ready(); // no more than one pass is queued
      const pass = engine.scope(() => differentiate(trainee, batch, 1 / passes.length, shape));
      done.push(pass);
      headMilliseconds += pass.headMilliseconds;
    }
    const trained = backbone.parameters().filter(({ trainable }) => trainable);
    const [[loss], [gradientNorm], [centerNorm], ...rest] = await readTogether(engine, () => [
      done.map((pass) => pass.loss).reduce((sum, other) => engine.binary("add", sum, other)),
      clipGradientNorm(trained, clip),
      meanCenterNorm(head.centers.store, CENTERS_WATCHED),
      ...done.flatMap((pass) => [...pass.supplied, ...pass.quality]),
      ...done.flatMap((pass) => pass.triplets?.sums ?? []),
    ]);
    if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) {
      engine.scope(() => backboneOptimizer.step(settings));
      const started = performance.now();
      engine.scope(() => headOptimizer.step(settings)); // of centers that took part without a tape: nothing
      headMilliseconds += performance.now() - started;
    }
    const tuples = done.flatMap((pass) => (pass.triplets ? [pass.triplets.tuples] : []));
    const sums = rest.splice(rest.length - tuples.flat().length).map(([sum]) => sum);
    const ofPasses = evenly(rest, done.length);
    const supplied = done[0].supplied.length;
    return {
      loss,
      ...(supplied > 0 && { margin: marginNumbers(ofPasses) }),
      ...(quality && { quality: qualityNumbers(ofPasses.map((pass) => pass.slice(supplied))) }),
      ...(tuples.length > 0 && { local: localNumbers(tuples, sums) }),
      gradientNorm,
      centerNorm,
      headMilliseconds: engine.kind === "gpu" ? undefined : headMilliseconds,
    };
  } finally {
    const held = done.flatMap((pass) => [pass.loss, ...pass.supplied, ...pass.quality, ...(pass.triplets?.sums ?? [])]);
    for (const tensor of held) tensor.dispose();
    backboneOptimizer.zeroGrad();
    headOptimizer.zeroGrad();
  }
}

/** What one pass leaves in memory, and how long its head took. */
interface Pass {
  /** Its share of the margin softmax: [] */
  readonly loss: Tensor;
  /** Scale, margin and median where a margin was supplied, [] each, or none. */
  readonly supplied: readonly Tensor[];
  /** `qualityTensors`, or none. */
  readonly quality: readonly Tensor[];
  /** Of the local stage. */
  readonly triplets?: Pick<LocalTriplets, "sums" | "tuples">;
  readonly headMilliseconds: number;
}

/** One pass, forward and backward: gradients of `share` times its loss are added to those of the passes before. To be called in a scope. */
function differentiate(
  { engine, backbone, head, quality, local, seed }: Trainee,
  { images, labels, step }: Batch,
  share: number,
  shape: ImageShape,
): Pass {
  const x = constant(engine.tensor(images, [labels.length, ...shape])); // [B, C, H, W]
  const context = training(step, { seed });
  const described = local && localPass(local, x, context);
  const embeddings = quality?.frozen
    ? noGrad(() => backbone.forward(x, evaluating))
    : (described?.descriptor ?? backbone.forward(x, context)); // [B, E]
  const leaf = new Variable(embeddings.tensor, true); // the place where the head's gradient ends
  try {
    const started = performance.now();
    const losses = quality?.losses(leaf, labels, step);
    const total = losses?.total ?? head.loss(leaf, labels, step);
    affine(total, share, 0).backward();
    const headMilliseconds = performance.now() - started;
    if (leaf.grad && described) {
      // ⟨embeddings, dL/dembeddings⟩ has the gradient of L: one pass backward for both losses
      const classes = sum(multiply(embeddings, constant(leaf.grad))); // []
      add(classes, affine(described.triplets.loss, local.weight * share, 0)).backward();
    } else if (leaf.grad) embeddings.backward(leaf.grad);
    const loss = engine.affine(losses?.margin ?? total.tensor, share, 0);
    const { lastSupplied: own } = head;
    const supplied = own ? [own.scale, own.margin, own.median] : [];
    const triplets = described && { sums: described.triplets.sums, tuples: described.triplets.tuples };
    return { loss, supplied, quality: losses ? qualityTensors(losses) : [], triplets, headMilliseconds };
  } finally {
    leaf.zeroGrad();
  }
}

/** The values of some tensors, in one read. */
async function readTogether(engine: Engine, tensors: () => readonly Tensor[]): Promise<FloatArray[]> {
  const sizes: number[] = [];
  using joined = engine.scope(() => {
    const parts = tensors().map((tensor) => tensor.reshape([tensor.size]));
    sizes.push(...parts.map(({ size }) => size));
    return engine.concatenate(parts, 0);
  });
  const values = await joined.data();
  let end = 0;
  return sizes.map((size) => values.subarray(end, (end += size)));
}

/** Means over passes, of which each begins with the three numbers. */
function marginNumbers(passes: readonly (readonly ArrayLike<number>[])[]): MarginNumbers {
  const [scale, margin, median] = [0, 1, 2].map(
    (which) => passes.reduce((sum, pass) => sum + pass[which][0], 0) / passes.length,
  );
  return { scale, margin, median };
}

/** A list cut into that many parts of equal length. */
function evenly<T>(list: readonly T[], parts: number): T[][] {
  const length = list.length / parts;
  return Array.from({ length: parts }, (_, part) => list.slice(part * length, (part + 1) * length));
}
