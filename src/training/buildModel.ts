/** From a configuration to what is trained: backbone, head, optimizers, schedule, augmentation. */
import {
  AdamW,
  SGD,
  constantRate,
  cosine,
  epochCosine,
  multiStep,
  oneCycle,
  polynomial,
  type Group,
  type Module,
  type Optimizer,
  type Schedule,
  type Trainable,
} from "../nn/index.js";
import { QualityNetwork, QualityObjective } from "../crfiqa/index.js";
import { adaCos, curricular, madaCos, type DescriptorNetwork } from "../cfcd/index.js";
import { arcFace, cosFace, PartialFC, plainSoftmax, type Margin, type MarginSupplier } from "../pfc/index.js";
import type { Engine } from "../tensor/engine.js";
import type { RowStorage } from "../tensor/rowStore.js";
import type { Augmentation } from "../data/augmentation.js";
import type { ImageSet } from "../data/ImageSet.js";
import type { Configuration } from "./configuration.js";
import { describeBackbone, type ImageFormat } from "./describeBackbone.js";
import type { LocalObjective } from "./localObjective.js";
import type { Trainee } from "./trainingStep.js";

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
  const quality = backbone instanceof QualityNetwork ? buildQuality(backbone, head, configuration) : undefined;
  return {
    engine,
    backbone,
    head,
    quality,
    local: buildLocal(backbone, configuration),
    backboneOptimizer: buildOptimizer(quality?.trained ?? backbone, configuration),
    headOptimizer: buildOptimizer([{ of: head, rateFactor: optimizer.centerRate }], configuration),
    clip: optimizer.clip > 0 ? optimizer.clip : Infinity,
    seed,
  };
}

function buildQuality(network: QualityNetwork, head: PartialFC, { quality }: Configuration): QualityObjective {
  const { variant, weight, form, floor, beta, unitRate } = quality;
  if (variant === "none") throw new Error("quality: the variant none trains no regression unit."); // buildBackbone makes none
  return new QualityObjective(network, head, { variant, weight, form, floor, beta, unitRate });
}

function buildLocal(network: Module, { local }: Configuration): LocalObjective | undefined {
  const { tuple, weight, margin, ratio, prominent, reduction } = local;
  if (tuple === 0) return undefined;
  return {
    network: network as DescriptorNetwork,
    weight,
    options: { tupleSize: tuple, margin, ratio, prominent, reduction },
  };
}

/**
 * The network of a configuration with its initial weights, with a regression unit where quality is learned: the other weights are the same
 * with and without it. Throws where it does not take images of that format.
 */
export function buildBackbone(engine: Engine, configuration: Configuration, format: ImageFormat): Module {
  const { network, quality, seed } = configuration;
  const plain = describeBackbone(network, format);
  return (quality.variant === "none" ? plain : new QualityNetwork(plain, network.embedding)).allocate(engine, seed);
}

/** The head of a configuration with its initial centers. */
export function buildHead(
  engine: Engine,
  { network, head, optimizer, seed }: Configuration,
  classes: number,
  onWarning: (text: string) => void,
): PartialFC {
  const { ratio, features, update, deviation, storage, path, keepCosines, margin } = head;
  const { embedding } = network;
  return new PartialFC(engine, {
    classes,
    embedding,
    ratio,
    features: features > 0 ? features : embedding,
    update,
    deviation,
    storage,
    path,
    keepCosines,
    states: tableStates(optimizer, storage),
    margin: buildMargin(head, classes),
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

function buildMargin({ margin: settings }: Configuration["head"], classes: number): Margin | MarginSupplier {
  const { kind, scale, margin, gradient, beyondPi, madacos } = settings;
  switch (kind) {
    case "none":
      return plainSoftmax({ scale });
    case "cosface":
      return cosFace({ scale, margin });
    case "arcface":
      return arcFace({ scale, margin, gradient, beyondPi });
    case "curricular":
      return curricular({ scale, margin });
    case "adacos":
      return adaCos({ classes });
    case "madacos": {
      const { maxScale, ...given } = madacos;
      return madaCos({ ...given, maxScale: maxScale ?? Infinity });
    }
  }
}

function buildOptimizer(of: Trainable | readonly Group[], { optimizer }: Configuration): Optimizer {
  const { kind, momentum, nesterov, decay } = optimizer;
  return kind === "sgd" ? new SGD(of, { momentum, nesterov, decay }) : new AdamW(of, { decay });
}

/** The learning rate of each update, counted from 0. `images`: of the training set, which say how long an epoch is. */
export function buildSchedule(configuration: Configuration, images: number): Schedule {
  const { optimizer, schedule, steps, batch, accumulate } = configuration;
  const { rate } = optimizer;
  const { kind, warmup, power, rising, milestones } = schedule;
  switch (kind) {
    case "constant":
      return constantRate(rate);
    case "cosine":
      return cosine({ rate, warmup, total: steps });
    case "epoch-cosine": {
      const stepsPerEpoch = Math.max(1, Math.floor(images / (batch * accumulate)));
      return epochCosine({
        rate,
        stepsPerEpoch,
        epochs: steps / stepsPerEpoch,
        warmupEpochs: Math.floor(warmup / stepsPerEpoch),
      });
    }
    case "polynomial":
      return polynomial({ rate, warmup, total: steps, power });
    case "one-cycle":
      return oneCycle({ rate, total: steps, rising });
    case "multi-step":
      return multiStep({ rate, milestones: milestones.map((share) => Math.round(share * steps)) });
  }
}

/** What happens to a training image before the network sees it. */
export function buildAugmentation({ augmentation }: Configuration): Augmentation {
  const { crop, rotation, shear, scale, translation, flip, colourNoise, erase, degrade, background } = augmentation;
  return {
    ...(crop > 0 && { crop: { area: [crop, 1] } }),
    affine: { rotation, shear, scale, translation },
    flip,
    colourNoise,
    background,
    ...(erase > 0 && { erase: { probability: erase } }),
    ...(degrade > 0 && { degrade: { probability: degrade } }),
  };
}
