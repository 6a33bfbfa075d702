/**
 * ResNet (He et al. 2016, "Deep Residual Learning for Image Recognition"), up to its last feature map: the backbone of CFCD (Zhu et al. 2023).
 *
 * conv 7×7 of stride 2 → BN → ReLU → max-pool 3×3 of stride 2, then four stages of bottlenecks, of which the last three halve the side: a
 * map of 2,048 channels and a 32nd of the side, after a ReLU and so not negative. Images may have any size and need not be square.
 *
 * Names and shapes are those of torchvision (`conv1.weight`, `layer1.0.downsample.0.weight`, …), so that weights trained on ImageNet load as
 * they are. The classifier `fc` exists where `classes` are asked for, and `classify` uses it; a network without one leaves `fc.weight` and
 * `fc.bias` of published weights aside.
 *
 * Left out: dilated stages, groups and wide bottlenecks.
 */
import { globalAveragePool, relu } from "../autograd/index.js";
import type { Variable } from "../autograd/variable.js";
import type { Engine } from "../tensor/engine.js";
import { formatShape } from "../tensor/shape.js";
import { BasicBlock, Bottleneck } from "./bottleneck.js";
import type { Context } from "./context.js";
import { kaimingNormalFanOut, type Initializer } from "./initialize.js";
import { BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d, type Sequential } from "./layers/index.js";
import type { StoredValues } from "./loadStateDictionary.js";
import { Module } from "./module.js";
import { residualStages } from "./residualStages.js";

export type ResNetDepth = 50 | 101 | 152;

/** Blocks of the four stages. */
export const RESNET_BLOCKS: Readonly<Record<ResNetDepth, readonly number[]>> = {
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
  152: [3, 8, 36, 3],
};

/** What comes before the stages. */
export interface ResNetStem {
  /** Channels. */
  readonly width: number;
  /** Of the convolution, odd; the padding is half of it. */
  readonly kernel: number;
  readonly stride: number;
  /** Max-pool 3×3 of stride 2 after it. */
  readonly pool: boolean;
}

/** Every constant of the family. */
export interface ResNetSpecification {
  /** Of the images. */
  readonly channels: number;
  readonly stem: ResNetStem;
  readonly block: "bottleneck" | "basic";
  /** Channels that each stage gives; a bottleneck has a quarter of them inside. */
  readonly widths: readonly number[];
  /** Blocks of each stage. */
  readonly blocks: readonly number[];
  /** Of the first block of each stage. */
  readonly strides: readonly number[];
  /** Outputs of the classifier `fc`; without it where left out. */
  readonly classes?: number;
  /** Of the convolutions; N(0, 2 / (k · k · out)) by default. */
  readonly initialize?: Initializer;
}

export interface ResNetOptions {
  readonly depth: ResNetDepth;
  readonly seed: number | string;
  /** Of the images, 3 as published. */
  readonly channels?: number;
  /** Of the classifier, 1000 for ImageNet; without it where left out. */
  readonly classes?: number;
}

/** The published network of that depth, as a description without weights: `new ResNet(resnetSpecification(…))`. */
export function resnetSpecification({
  depth,
  channels = 3,
  classes,
}: Omit<ResNetOptions, "seed">): ResNetSpecification {
  const blocks = RESNET_BLOCKS[depth] as readonly number[] | undefined;
  if (blocks === undefined) {
    throw new Error(`resnet: depth must be one of ${Object.keys(RESNET_BLOCKS).join(", ")}; given ${depth}.`);
  }
  const stem = { width: 64, kernel: 7, stride: 2, pool: true };
  const [widths, strides] = [
    [256, 512, 1024, 2048],
    [1, 2, 2, 2],
  ];
  return { channels, stem, block: "bottleneck", widths, blocks, strides, classes };
}

/** The published network with initial weights, a function of the seed. */
export function resnet(engine: Engine, options: ResNetOptions): ResNet {
  return new ResNet(resnetSpecification(options)).allocate(engine, options.seed);
}

/** ResNet of any specification; without memory until `allocate`. `resnet` makes a published one. @throws Error if the stages make no network. */
export class ResNet extends Module {
  private readonly conv1: Conv2d;
  private readonly bn1: BatchNorm2d;
  private readonly pool: MaxPool2d | undefined;
  private readonly stages: readonly Sequential[];
  private readonly flatten = new Flatten();
  private readonly fc: Linear | undefined;

  constructor(readonly specification: ResNetSpecification) {
    super();
    const { channels, stem, block, widths, blocks, strides, classes } = specification;
    const { initialize = kaimingNormalFanOut() } = specification;
    const { width, kernel, stride } = stem;
    if (kernel % 2 !== 1) {
      throw new Error(
        `resnet: the kernel of the stem is odd and positive, so that half of it pads each side; given ${kernel}.`,
      );
    }
    const padding = (kernel - 1) / 2;
    this.conv1 = new Conv2d({ in: channels, out: width, kernel, stride, padding, bias: false, initialize });
    this.bn1 = new BatchNorm2d(width);
    this.pool = stem.pool ? new MaxPool2d({ kernel: 3, stride: 2, padding: 1 }) : undefined;
    const Block = block === "bottleneck" ? Bottleneck : BasicBlock;
    this.stages = residualStages(
      "resnet",
      { stem: width, widths, blocks, strides },
      (shape) => new Block({ ...shape, initialize }),
    );
    this.fc = classes === undefined ? undefined : new Linear({ in: this.mapChannels, out: classes });
  }

  /** Channels of the last map: 2,048 of the published networks. */
  get mapChannels(): number {
    const { widths } = this.specification;
    return widths[widths.length - 1];
  }

  /** The public names: `layer1` is the first stage. */
  override children(): readonly (readonly [string, Module])[] {
    return [
      ["conv1", this.conv1],
      ["bn1", this.bn1],
      ...this.stages.map((stage, position) => [`layer${position + 1}`, stage] as const),
      ...(this.fc ? [["fc", this.fc] as const] : []),
    ];
  }

  /** As of every module; values of `fc`, which published weights come with, are left aside where this network has none. */
  override loadStateDictionary(values: ReadonlyMap<string, StoredValues>): void {
    const known = [...values].filter(([name]) => this.fc !== undefined || !/^fc\.(weight|bias)$/.test(name));
    super.loadStateDictionary(new Map(known));
  }

  /** images: [B, channels, H, W] → the last map [B, mapChannels, ⌈H / 32⌉, ⌈W / 32⌉] (divided by the product of all strides) */
  forward(images: Variable, context: Context): Variable {
    this.check(images);
    let x = relu(this.bn1.forward(this.conv1.forward(images), context)); // [B, stem, H, W]
    x = this.pool?.forward(x) ?? x; // [B, stem, H / 2, W / 2]
    for (const stage of this.stages) x = stage.forward(x, context); // [B, width, H / stride, W / stride]
    return x;
  }

  /** images: [B, channels, H, W] → logits [B, classes]: the classifier on the mean of the last map. @throws Error without `classes` */
  classify(images: Variable, context: Context): Variable {
    if (!this.fc) throw new Error("resnet: this network has no classifier; give its specification classes.");
    return this.fc.forward(this.flatten.forward(globalAveragePool(this.forward(images, context))));
  }

  private check({ shape }: Variable): void {
    const { channels } = this.specification;
    if (shape.length !== 4 || shape[1] !== channels) {
      throw new Error(`resnet: this network was made for images [B, ${channels}, H, W]; given ${formatShape(shape)}.`);
    }
  }
}
