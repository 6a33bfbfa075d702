/** From a configuration to what is trained: backbone, head, optimizers, schedule, augmentation. */
import {
  AdamW,
  SGD,
  constantRate,
  cosine,
  iresnet,
  mobileFaceNet,
  mobileFaceNetLarge,
  multiStep,
  oneCycle,
  polynomial,
  smallIresnet,
  type IResNetDepth,
  type Module,
  type Optimizer,
  type Schedule,
  type Trainable,
} from "../nn/index.js";
import { arcFace, cosFace, PartialFC, type Margin } from "../pfc/index.js";
import type { Engine } from "../tensor/engine.js";
import type { RowStorage } from "../tensor/rowStore.js";
import type { Augmentation } from "../data/augmentation.js";
import type { ImageSet } from "../data/ImageSet.js";
import type { Configuration } from "./configuration.js";
import type { Trainee } from "./trainingStep.js";

/** What the data decides about the network. */
export interface ImageFormat {
  readonly channels: number;
  readonly side: number;
}

/** Everything that the training of a set changes, in its initial state. `onWarning`: what the head has to say of its samples. */
export function buildTrainee(
  engine: Engine,
  configuration: Configuration,
  { channels, height, classes }: ImageSet,
  onWarning: (text: string) => void,
): Trainee {
  const { optimizer, seed } = configuration;
  const backbone = buildBackbone(engine, configuration, { channels, side: height });
  const head = buildHead(engine, configuration, classes, onWarning);
  return {
    engine,
    backbone,
    head,
    backboneOptimizer: buildOptimizer(backbone, configuration),
    headOptimizer: buildOptimizer(head, configuration),
    clip: optimizer.clip > 0 ? optimizer.clip : Infinity,
    seed,
  };
}

/** The network of a configuration with its initial weights. Throws where it does not take images of that format. */
export function buildBackbone(
  engine: Engine,
  { network, seed }: Configuration,
  { channels, side }: ImageFormat,
): Module {
  const { kind, embedding, widths, blocks, stemStride } = network;
  switch (kind) {
    case "small":
      return smallIresnet(engine, { side, channels, widths, blocks, stemStride, embedding, seed });
    case "mobilefacenet":
    case "mobilefacenet-large":
      if (side !== 112 || channels !== 3) {
        throw new Error(
          `network ${kind} is published for 3 channels and 112 pixels; the images have ${channels} and ${side}.`,
        );
      }
      return (kind === "mobilefacenet" ? mobileFaceNet : mobileFaceNetLarge)(engine, { seed, embedding });
    default:
      return iresnet(engine, {
        depth: Number(kind.slice("iresnet".length)) as IResNetDepth,
        input: { side, channels },
        embedding,
        seed,
      });
  }
}

function buildHead(
  engine: Engine,
  { network, head, optimizer, seed }: Configuration,
  classes: number,
  onWarning: (text: string) => void,
): PartialFC {
  const { ratio, update, deviation, storage, path, keepCosines, margin } = head;
  const { embedding } = network;
  return new PartialFC(engine, {
    classes,
    embedding,
    ratio,
    update,
    deviation,
    storage,
    path,
    keepCosines,
    states: tableStates(optimizer, storage),
    margin: buildMargin(margin),
    filter: margin.filter,
    seed,
    onWarning,
  });
}

/** How the optimizer keeps its state of the centers. */
function tableStates({ kind, momentum }: Configuration["optimizer"], storage: RowStorage): RowStorage[] {
  if (kind === "adamw") return ["float32", "float32"];
  return momentum > 0 ? [storage] : [];
}

function buildMargin({ kind, scale, margin, gradient, beyondPi }: Configuration["head"]["margin"]): Margin {
  return kind === "cosface" ? cosFace({ scale, margin }) : arcFace({ scale, margin, gradient, beyondPi });
}

function buildOptimizer(of: Trainable, { optimizer }: Configuration): Optimizer {
  const { kind, momentum, nesterov, decay } = optimizer;
  return kind === "sgd" ? new SGD(of, { momentum, nesterov, decay }) : new AdamW(of, { decay });
}

/** The learning rate of each update, counted from 0. */
export function buildSchedule({ optimizer: { rate }, schedule, steps }: Configuration): Schedule {
  const { kind, warmup, power, milestones } = schedule;
  switch (kind) {
    case "constant":
      return constantRate(rate);
    case "cosine":
      return cosine({ rate, warmup, total: steps });
    case "polynomial":
      return polynomial({ rate, warmup, total: steps, power });
    case "one-cycle":
      return oneCycle({ rate, total: steps });
    case "multi-step":
      return multiStep({ rate, milestones: milestones.map((share) => Math.round(share * steps)) });
  }
}

/** What happens to a training image before the network sees it. */
export function buildAugmentation({ augmentation }: Configuration): Augmentation {
  const { rotation, shear, scale, translation, flip, erase } = augmentation;
  return { affine: { rotation, shear, scale, translation }, flip, ...(erase > 0 && { erase: { probability: erase } }) };
}
