/**
 * A small ResNet for images of 28 to 64 pixels: a 3×3 stem without max-pool and three stages of basic blocks, up to a map of a few cells a side.
 *
 * Basic blocks, not bottlenecks: at these widths a quarter of the channels would be a handful. All stages halve the side by default, so that
 * 32 pixels become a map of 4×4; with `lastStride: 1` it is 8×8. 64 pixels become the same with `stemStride: 2`. 16, 32 and 64 channels with one
 * block each have 77,000 parameters.
 */
import type { Engine } from "../tensor/engine.js";
import { ResNet, type ResNetSpecification } from "./resnet.js";

export interface SmallResNetOptions {
  readonly seed: number | string;
  /** Of the images. */
  readonly channels?: number;
  readonly widths?: readonly number[];
  readonly blocks?: readonly number[];
  /** 2 halves the image at once: a quarter of the work, for 56 pixels and more. */
  readonly stemStride?: number;
  /** Of the last stage: 1 leaves a map of twice the side. */
  readonly lastStride?: number;
  readonly block?: ResNetSpecification["block"];
}

/** The network as a description without weights: `new ResNet(smallResnetSpecification(…))`. */
export function smallResnetSpecification({
  channels = 1,
  widths = [16, 32, 64],
  blocks = [1, 1, 1],
  stemStride = 1,
  lastStride = 2,
  block = "basic",
}: Omit<SmallResNetOptions, "seed">): ResNetSpecification {
  const stem = { width: widths[0], kernel: 3, stride: stemStride, pool: false };
  const strides = widths.map((_, position) => (position === widths.length - 1 ? lastStride : 2));
  return { channels, stem, block, widths, blocks, strides };
}

/** The network with initial weights, a function of the seed. */
export function smallResnet(engine: Engine, options: SmallResNetOptions): ResNet {
  return new ResNet(smallResnetSpecification(options)).allocate(engine, options.seed);
}
