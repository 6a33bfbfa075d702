/**
 * IResNet, the backbone of ArcFace and Partial FC (Deng et al. 2019; insightface `arcface_torch/backbones/iresnet.py`).
 *
 * conv 3×3 → BN → PReLU, four stages of `IrBlock`s of which each first one halves the side (112 → 56 → 28 → 14 → 7), BN →
 * flatten → dropout → linear → BN with its scale fixed at 1 (CR-FIQA trains it: `trainedScale`). The embedding is that last output,
 * not normalised. Names are those of the published weights. Left out: mixed precision and activation checkpointing.
 */
import type { Variable } from "../autograd/variable.js";
import type { Engine } from "../tensor/engine.js";
import { formatShape } from "../tensor/shape.js";
import type { Context } from "./context.js";
import { normal, type Initializer } from "./initialize.js";
import { IrBlock } from "./irBlock.js";
import { BatchNorm1d, BatchNorm2d, Conv2d, Dropout, Flatten, Linear, PReLU, type Sequential } from "./layers/index.js";
import { Module } from "./module.js";
import { residualStages } from "./residualStages.js";

export type IResNetDepth = 18 | 34 | 50 | 100 | 200;

/** Blocks of the four stages. */
export const IRESNET_BLOCKS: Readonly<Record<IResNetDepth, readonly number[]>> = {
  18: [2, 2, 2, 2],
  34: [3, 4, 6, 3],
  50: [3, 4, 14, 3],
  100: [3, 13, 30, 3],
  200: [6, 26, 60, 6],
};

/** Every constant of the family. */
export interface IResNetSpecification {
  /** Of the images. */
  readonly channels: number;
  /** Images are side × side pixels. */
  readonly side: number;
  readonly stem: number;
  readonly stemStride: number;
  /** Channels of each stage. */
  readonly widths: readonly number[];
  /** Blocks of each stage. */
  readonly blocks: readonly number[];
  readonly embedding: number;
  /** Before the linear layer; 0 in the published training script. */
  readonly dropout: number;
  /** Whether the last batch norm's scale is trained; false by default, then it stays 1. The weights have the same names either way. */
  readonly trainedScale?: boolean;
  /** The reduction of squeeze and excitation in every block; without it by default, as published. */
  readonly squeeze?: number;
  /** Of the convolutions; U(±1/√fan in) where left out. */
  readonly initialize?: Initializer;
}

export interface IResNetOptions {
  readonly depth: IResNetDepth;
  /** 512 as published. */
  readonly embedding?: number;
  readonly seed: number | string;
  /** Side and channels of the images: 112 and 3 as published. */
  readonly input?: { readonly side?: number; readonly channels?: number };
  readonly dropout?: number;
}

/** The published network of that depth, as a description without weights: `new IResNet(iresnetSpecification(…))`. */
export function iresnetSpecification({
  depth,
  embedding = 512,
  input: { side = 112, channels = 3 } = {},
  dropout = 0,
}: Omit<IResNetOptions, "seed">): IResNetSpecification {
  const blocks = IRESNET_BLOCKS[depth] as readonly number[] | undefined;
  if (blocks === undefined) {
    throw new Error(`iresnet: depth must be one of ${Object.keys(IRESNET_BLOCKS).join(", ")}; given ${depth}.`);
  }
  const widths = [64, 128, 256, 512];
  const initialize = normal(0.1); // as published; batch norm follows every convolution
  return { channels, side, stem: 64, stemStride: 1, widths, blocks, embedding, dropout, initialize };
}

/** The published network with initial weights, a function of the seed. */
export function iresnet(engine: Engine, options: IResNetOptions): IResNet {
  return new IResNet(iresnetSpecification(options)).allocate(engine, options.seed);
}

/** IResNet of any specification; without memory until `allocate`. `iresnet` makes a published one. @throws Error if the stages make no network. */
export class IResNet extends Module {
  private readonly conv1: Conv2d;
  private readonly bn1: BatchNorm2d;
  private readonly prelu: PReLU;
  private readonly stages: readonly Sequential[];
  private readonly bn2: BatchNorm2d;
  private readonly flatten = new Flatten();
  private readonly dropout: Dropout;
  private readonly fc: Linear;
  private readonly features: BatchNorm1d;

  constructor(readonly specification: IResNetSpecification) {
    super();
    const { channels, side, stem, stemStride, widths, blocks, embedding, dropout } = specification;
    const { trainedScale = false, squeeze, initialize } = specification;
    const strides = widths.map(() => 2);
    this.stages = residualStages(
      "iresnet",
      { stem, widths, blocks, strides },
      (shape) => new IrBlock({ ...shape, squeeze, initialize }),
    );
    this.conv1 = new Conv2d({
      in: channels,
      out: stem,
      kernel: 3,
      stride: stemStride,
      padding: 1,
      bias: false,
      initialize,
    });
    this.bn1 = new BatchNorm2d(stem);
    this.prelu = new PReLU(stem);
    const last = widths[widths.length - 1];
    const reduced = widths.reduce((extent) => Math.ceil(extent / 2), Math.ceil(side / stemStride));
    this.bn2 = new BatchNorm2d(last);
    this.dropout = new Dropout(dropout);
    this.fc = new Linear({ in: last * reduced * reduced, out: embedding });
    this.features = new BatchNorm1d(embedding, { frozenScale: !trainedScale });
  }

  get embedding(): number {
    return this.specification.embedding;
  }

  /** The public names: `layer1` is the first stage. */
  override children(): readonly (readonly [string, Module])[] {
    return [
      ["conv1", this.conv1],
      ["bn1", this.bn1],
      ["prelu", this.prelu],
      ...this.stages.map((stage, position) => [`layer${position + 1}`, stage] as const),
      ["bn2", this.bn2],
      ["dropout", this.dropout],
      ["fc", this.fc],
      ["features", this.features],
    ];
  }

  /** images: [B, channels, side, side] → [B, E] */
  forward(images: Variable, context: Context): Variable {
    return this.forwardStages(images, context).features;
  }

  /** The results of all stages by name (conv1, prelu, layer1, …, bn2, fc, features), for whoever compares networks or looks inside. */
  forwardStages(images: Variable, context: Context): Record<string, Variable> {
    this.check(images);
    const results: Record<string, Variable> = {};
    const stem = (results.conv1 = this.conv1.forward(images)); // [B, stem, H, W]
    let x = (results.prelu = this.prelu.forward(this.bn1.forward(stem, context))); // [B, stem, H, W]
    for (const [position, stage] of this.stages.entries()) {
      x = results[`layer${position + 1}`] = stage.forward(x, context); // [B, width, H / 2, W / 2]
    }
    x = results.bn2 = this.bn2.forward(x, context); // [B, last, H', W']
    x = this.dropout.forward(this.flatten.forward(x), context); // [B, last · H' · W']
    x = results.fc = this.fc.forward(x); // [B, E]
    results.features = this.features.forward(x, context); // [B, E]
    return results;
  }

  private check({ shape }: Variable): void {
    const { channels, side } = this.specification;
    if (shape.length !== 4 || shape[1] !== channels || shape[2] !== side || shape[3] !== side) {
      throw new Error(
        `iresnet: this network was made for images [B, ${channels}, ${side}, ${side}]; given ${formatShape(shape)}.`,
      );
    }
  }
}
