/** From a configuration to what is trained: backbone, head, optimizers, schedule. */
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
import type { Configuration } from "./configuration.js";

/** What the data decides about the network. */
export interface ImageFormat {
  readonly channels: number;
  readonly side: number;
}

export function buildBackbone(
  engine: Engine,
  { network, seed }: Configuration,
  { channels, side }: ImageFormat,
): Module {
  const { kind, embedding, widths, blocks } = network;
  switch (kind) {
    case "small":
      return smallIresnet(engine, { side, channels, widths, blocks, embedding, seed });
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

export function buildHead(
  engine: Engine,
  { network, head, seed }: Configuration,
  classes: number,
  onWarning: (text: string) => void,
): PartialFC {
  const { ratio, update, margin } = head;
  const { embedding } = network;
  return new PartialFC(engine, {
    classes,
    embedding,
    ratio,
    update,
    margin: buildMargin(margin),
    filter: margin.filter,
    seed,
    onWarning,
  });
}

function buildMargin({ kind, scale, margin, gradient, beyondPi }: Configuration["head"]["margin"]): Margin {
  return kind === "cosface" ? cosFace({ scale, margin }) : arcFace({ scale, margin, gradient, beyondPi });
}

export function buildOptimizer(of: Trainable, { optimizer }: Configuration): Optimizer {
  const { kind, momentum, nesterov, decay } = optimizer;
  return kind === "sgd" ? new SGD(of, { momentum, nesterov, decay }) : new AdamW(of, { decay });
}

export function buildSchedule({ optimizer: { rate }, schedule, steps }: Configuration): Schedule {
  const { kind, power, milestones } = schedule;
  const warmup = Math.min(schedule.warmup, steps - 1);
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
