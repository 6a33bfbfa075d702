/**
 * What residual networks have in common: the shortcut of a block that changes shape or width, and blocks in stages.
 *
 * The first block of a stage takes the map to the stage's stride and width, the others keep both (He et al. 2016, "Deep Residual Learning
 * for Image Recognition", table 1). IResNet and ResNet differ in their blocks.
 */
import type { Initializer } from "./initialize.js";
import { BatchNorm2d, Conv2d, Sequential } from "./layers/index.js";
import type { Module } from "./module.js";

/** Channels and stride of a residual block. */
export interface BlockShape {
  readonly in: number;
  readonly out: number;
  readonly stride: number;
}

export interface Stages {
  /** Channels that come in. */
  readonly stem: number;
  /** Channels that each stage gives. */
  readonly widths: readonly number[];
  /** Blocks of each stage. */
  readonly blocks: readonly number[];
  readonly strides: readonly number[];
}

/** @throws Error, in the name of `network`, unless there is one width, block count and stride a stage and at least one block in each. */
export function residualStages(
  network: string,
  { stem, widths, blocks, strides }: Stages,
  makeBlock: (shape: BlockShape) => Module,
): Sequential[] {
  const whole = blocks.every((count) => Number.isInteger(count) && count >= 1);
  if (widths.length !== blocks.length || widths.length === 0 || !whole) {
    throw new Error(
      `${network}: ${widths.length} widths and ${blocks.length} block counts (${blocks.join(", ")}); there is one of each a stage, ` +
        `and a stage has at least one block.`,
    );
  }
  if (strides.length !== widths.length || !strides.every((stride) => Number.isInteger(stride) && stride >= 1)) {
    throw new Error(
      `${network}: a stage has one stride, a whole number from 1; given ${strides.join(", ")} for ${widths.length} stages.`,
    );
  }
  return widths.map((out, position) => {
    const first = makeBlock({ in: widths[position - 1] ?? stem, out, stride: strides[position] });
    const others = Array.from({ length: blocks[position] - 1 }, () => makeBlock({ in: out, out, stride: 1 }));
    return new Sequential([first, ...others]);
  });
}

/** conv 1×1 with the block's stride → BN where shape or width change; undefined where they do not: then the input itself is added. */
export function projection(
  { in: channels, out, stride }: BlockShape,
  initialize: Initializer | undefined,
): Sequential | undefined {
  if (stride === 1 && channels === out) return undefined;
  const conv = new Conv2d({ in: channels, out, kernel: 1, stride, bias: false, initialize });
  return new Sequential([conv, new BatchNorm2d(out)]);
}
