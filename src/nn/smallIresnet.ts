/**
 * A small IResNet for images of 28 to 64 pixels: the same blocks, names and embedding layer, fewer and narrower stages.
 *
 * Three stages of 32, 64 and 128 channels with two blocks each by default; about 0.9 million parameters at 32 pixels. Convolutions start
 * from U(±1/√fan in): batch norm makes their scale irrelevant to the output, and the smaller weights let the learning rates of
 * small runs take hold sooner than the published N(0, 0.1²).
 */
import type { Engine } from "../tensor/engine.js";
import type { Initializer } from "./initialize.js";
import { IResNet, type IResNetSpecification } from "./iresnet.js";

export interface SmallIResNetOptions {
  readonly side: number;
  readonly seed: number | string;
  readonly channels?: number;
  readonly widths?: readonly number[];
  readonly blocks?: readonly number[];
  readonly embedding?: number;
  /** 2 halves the image at once: a quarter of the work, for 56 pixels and more. */
  readonly stemStride?: number;
  readonly dropout?: number;
  readonly initialize?: Initializer;
}

/** The network as a description without weights: `new IResNet(smallIresnetSpecification(…))`. */
export function smallIresnetSpecification({
  side,
  channels = 1,
  widths = [32, 64, 128],
  blocks = [2, 2, 2],
  embedding = 128,
  stemStride = 1,
  dropout = 0,
  initialize,
}: Omit<SmallIResNetOptions, "seed">): IResNetSpecification {
  return { side, channels, stem: widths[0], stemStride, widths, blocks, embedding, dropout, initialize };
}

/** The network with initial weights, a function of the seed. */
export function smallIresnet(engine: Engine, options: SmallIResNetOptions): IResNet {
  return new IResNet(smallIresnetSpecification(options)).allocate(engine, options.seed);
}
