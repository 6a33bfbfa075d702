/**
 * The vision transformers that were published: those of Partial FC for aligned faces (insightface `arcface_torch/backbones/__init__.py`) and
 * those of Unicom, in the sizes of CLIP's image towers. Other rates of stochastic depth and masking, as for the largest face sets, are a
 * spread away: `{ ...partialFcViTSpecification({ size: "t" }), dropPath: 0.05, maskRate: 0 }`.
 */
import type { Engine } from "../tensor/engine.js";
import { VisionTransformer, type VisionTransformerSpecification } from "./visionTransformer.js";

export type PartialFcViTSize = "t" | "s" | "b" | "l" | "h";

/** Width, depth, stochastic depth and mask rate of each size. */
const PARTIAL_FC_SIZES: Readonly<Record<PartialFcViTSize, readonly [number, number, number, number]>> = {
  t: [256, 12, 0.1, 0.1],
  s: [512, 12, 0.1, 0.1],
  b: [512, 24, 0.1, 0.1],
  l: [768, 24, 0.05, 0.05],
  h: [1024, 48, 0.1, 0],
};

export interface PartialFcViTOptions {
  readonly size: PartialFcViTSize;
  /** 512 as published. */
  readonly embedding?: number;
  readonly seed: number | string;
}

/** For faces of 112 × 112 pixels: 144 patches of 9 × 9, the last 4 pixels of each side unused; 8 heads. */
export function partialFcViTSpecification({
  size,
  embedding = 512,
}: Omit<PartialFcViTOptions, "seed">): VisionTransformerSpecification {
  const [width, depth, dropPath, maskRate] = choose(PARTIAL_FC_SIZES, size, "size");
  const images = { channels: 3, side: 112, patch: 9 };
  return { ...images, width, depth, heads: 8, mlpRatio: 4, embedding, dropPath, maskRate, maskToken: true };
}

/** The network with initial weights, a function of the seed. */
export function partialFcViT(engine: Engine, options: PartialFcViTOptions): VisionTransformer {
  return new VisionTransformer(partialFcViTSpecification(options)).allocate(engine, options.seed);
}

export type UnicomViTModel = "ViT-B/32" | "ViT-B/16" | "ViT-L/14" | "ViT-L/14@336";

/** Side, patch, width, depth, heads and embedding of each model. */
const UNICOM_MODELS: Readonly<Record<UnicomViTModel, readonly [number, number, number, number, number, number]>> = {
  "ViT-B/32": [224, 32, 768, 12, 12, 512],
  "ViT-B/16": [224, 16, 768, 12, 12, 768],
  "ViT-L/14": [224, 14, 1024, 24, 16, 768],
  "ViT-L/14@336": [336, 14, 1024, 24, 16, 768],
};

export interface UnicomViTOptions {
  readonly model: UnicomViTModel;
  readonly seed: number | string;
}

/** The image encoder of Unicom under its published name. */
export function unicomViTSpecification({ model }: Omit<UnicomViTOptions, "seed">): VisionTransformerSpecification {
  const [side, patch, width, depth, heads, embedding] = choose(UNICOM_MODELS, model, "model");
  const inTraining = { dropPath: 0.1, maskRate: 0, maskToken: false };
  return { channels: 3, side, patch, width, depth, heads, mlpRatio: 4, embedding, ...inTraining };
}

/** The network with initial weights, a function of the seed. */
export function unicomViT(engine: Engine, options: UnicomViTOptions): VisionTransformer {
  return new VisionTransformer(unicomViTSpecification(options)).allocate(engine, options.seed);
}

/** The entry of that name, which may come from a configuration. @throws Error that lists the names. */
function choose<Name extends string, Value>(table: Readonly<Record<Name, Value>>, name: Name, what: string): Value {
  if (!Object.hasOwn(table, name)) {
    throw new Error(`vision transformer: ${what} must be one of ${Object.keys(table).join(", ")}; given ${name}.`);
  }
  return table[name];
}
