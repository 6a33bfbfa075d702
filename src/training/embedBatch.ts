/**
 * A network's embeddings of one batch; and of networks that take images of any size one embedding from several sizes of each image (CFCD at
 * test time: 0.3535, 0.5, 0.7071, 1 and 1.4142 times the image).
 *
 * A size is resized to by bilinear interpolation without antialiasing, as published. Scales are of the images as they are given: the paper's are of
 * photographs of any shape, those of a data set here are squares already.
 */
import { constant, noGrad } from "../autograd/index.js";
import { DescriptorNetwork } from "../cfcd/index.js";
import { QualityNetwork } from "../crfiqa/index.js";
import { resize, scaledSize } from "../data/resize.js";
import { averageDescriptors } from "../evaluation/averageDescriptors.js";
import { evaluating, type Module } from "../nn/index.js";
import type { Engine } from "../tensor/engine.js";

export interface EmbedBatchOptions {
  readonly engine: Engine;
  readonly backbone: Module;
  /** Sizes of an image that are embedded, as factors of its own; default: the image as it is. See `checkScales`. */
  readonly scales?: readonly number[];
}

type BatchShape = readonly [batch: number, channels: number, height: number, width: number];

/** [B, C, H, W] → [B, E]: as the network gives them, or with `scales` the mean over the sizes, each of length one, brought to length one again. */
export async function embedBatch(
  { engine, backbone, scales }: EmbedBatchOptions,
  images: Float32Array,
  shape: BatchShape,
): Promise<Float32Array> {
  if (scales === undefined) return embedAsTheyAre(engine, backbone, images, shape);
  const perScale: Float32Array[] = [];
  for (const scale of scales) {
    const [resized, size] = resizeBatch(images, shape, scale);
    perScale.push(await embedAsTheyAre(engine, backbone, resized, size));
  }
  return Float32Array.from(averageDescriptors(perScale, perScale[0].length / shape[0]));
}

async function embedAsTheyAre(
  engine: Engine,
  backbone: Module,
  images: Float32Array,
  shape: BatchShape,
): Promise<Float32Array> {
  const embeddings = engine.scope(() =>
    noGrad(() => backbone.forward(constant(engine.tensor(images, shape)), evaluating)),
  );
  const values = Float32Array.from(await embeddings.data());
  embeddings.tensor.dispose();
  return values;
}

function resizeBatch(
  images: Float32Array,
  [count, channels, height, width]: BatchShape,
  scale: number,
): [images: Float32Array, shape: BatchShape] {
  const to = scaledSize({ height, width }, scale);
  const shape = [count, channels, to.height, to.width] as const;
  if (to.height === height && to.width === width) return [images, shape];
  // a batch is an image of that many channels
  return [resize(images, { channels: count * channels, height, width }, to), shape];
}

/** Beyond it lies a slip of the pen, and not memory anybody has. */
const LARGEST_SCALE = 8;

/** @throws Error unless scales are numbers above 0, up to 8, one or more, of a network that takes images of any size */
export function checkScales(scales: readonly number[], backbone: Module, kind: string): void {
  if (scales.length === 0 || !scales.every((scale) => scale > 0 && scale <= LARGEST_SCALE)) {
    throw new Error(
      `scales: one number or more above 0 and up to ${LARGEST_SCALE}, factors of an image's side; given ${scales.join(", ")}.`,
    );
  }
  const plain = backbone instanceof QualityNetwork ? backbone.backbone : backbone;
  if (plain instanceof DescriptorNetwork) return;
  throw new Error(
    `scales: images of several sizes need a network that takes any size (small-resnet, resnet50, resnet101); ${kind} takes the one it was trained with.`,
  );
}
