/**
 * A small vision transformer for images of 28 to 64 pixels: the same blocks, names and head, narrower and less deep.
 *
 * Four blocks of width 96 on patches of 4 pixels by default; about 1.1 million parameters at 32 pixels, more than half of them in the head.
 */
import type { Engine } from "../tensor/engine.js";
import { VisionTransformer, type VisionTransformerSpecification } from "./visionTransformer.js";

/** What may be set; `seed` and `side` must be. */
export interface SmallViTOptions extends Partial<Omit<VisionTransformerSpecification, "maskToken">> {
  readonly side: number;
  readonly seed: number | string;
}

/** The network as a description without weights: `new VisionTransformer(smallViTSpecification(…))`. */
export function smallViTSpecification({
  side,
  channels = 1,
  patch = 4,
  width = 96,
  depth = 4,
  heads = 4,
  mlpRatio = 4,
  embedding = 128,
  dropPath = 0,
  maskRate = 0,
}: Omit<SmallViTOptions, "seed">): VisionTransformerSpecification {
  const inTraining = { dropPath, maskRate, maskToken: maskRate > 0 };
  return { channels, side, patch, width, depth, heads, mlpRatio, embedding, ...inTraining };
}

/** The network with initial weights, a function of the seed. */
export function smallViT(engine: Engine, options: SmallViTOptions): VisionTransformer {
  return new VisionTransformer(smallViTSpecification(options)).allocate(engine, options.seed);
}
