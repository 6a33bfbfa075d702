/**
 * MobileFaceNet (Chen et al. 2018) in the form of insightface `arcface_torch/backbones/mobilefacenet.py`: `mbf` and `mbf-large`.
 *
 * Inverted residual units (1×1 convolution → 3×3 depth-wise → 1×1, no activation at the end) and a head that weighs every
 * position of the last map with a kernel of its own (global depth-wise convolution). Names are those of the published weights.
 */
import { add } from "../autograd/index.js";
import type { Variable } from "../autograd/variable.js";
import type { Engine } from "../tensor/engine.js";
import { formatShape } from "../tensor/shape.js";
import type { Context } from "./context.js";
import { kaimingNormalFanOut } from "./initialize.js";
import { BatchNorm1d, BatchNorm2d, Conv2d, Flatten, Linear, PReLU, Sequential } from "./layers/index.js";
import { Module } from "./module.js";

/** A module around one Sequential called `layers`: the published names have that level everywhere. */
class Wrapped extends Module {
  readonly layers: Sequential;

  constructor(modules: readonly Module[]) {
    super();
    this.layers = new Sequential(modules);
  }

  forward(x: Variable, context: Context): Variable {
    return this.layers.forward(x, context);
  }
}

interface ConvolutionOptions {
  readonly in: number;
  readonly out: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly padding?: number;
  readonly groups?: number;
}

const initialize = kaimingNormalFanOut();

/** conv → BN */
function linearBlock(options: ConvolutionOptions): Wrapped {
  return new Wrapped([new Conv2d({ ...options, bias: false, initialize }), new BatchNorm2d(options.out)]);
}

/** conv → BN → PReLU */
function convBlock(options: ConvolutionOptions): Wrapped {
  return new Wrapped([
    new Conv2d({ ...options, bias: false, initialize }),
    new BatchNorm2d(options.out),
    new PReLU(options.out),
  ]);
}

export interface DepthWiseUnitOptions {
  readonly in: number;
  readonly out: number;
  /** Channels of the depth-wise convolution in the middle. */
  readonly expansion: number;
  readonly stride: number;
  /** true: the input is added to the result. */
  readonly residual: boolean;
}

/** 1×1 conv → BN → PReLU → 3×3 depth-wise conv → BN → PReLU → 1×1 conv → BN, plus the input where residual. */
export class DepthWiseUnit extends Wrapped {
  constructor(private readonly options: DepthWiseUnitOptions) {
    const { in: channels, out, expansion, stride } = options;
    super([
      convBlock({ in: channels, out: expansion, kernel: 1 }),
      convBlock({ in: expansion, out: expansion, kernel: 3, stride, padding: 1, groups: expansion }),
      linearBlock({ in: expansion, out, kernel: 1 }),
    ]);
  }

  /** x: [B, C, H, W] → [B, O, ⌈H / stride⌉, ⌈W / stride⌉] */
  override forward(x: Variable, context: Context): Variable {
    const y = super.forward(x, context);
    return this.options.residual ? add(y, x) : y;
  }
}

/** `count` residual units of one width. */
function residualUnits(count: number, channels: number, expansion: number): Wrapped {
  const options = { in: channels, out: channels, expansion, stride: 1, residual: true };
  return new Wrapped(Array.from({ length: count }, () => new DepthWiseUnit(options)));
}

export interface MobileFaceNetSpecification {
  /** Widths are 64, 64, 128, 128 times this. */
  readonly scale: number;
  /** Residual units between the units that halve the side; the first may be 1 for a grouped convolution instead. */
  readonly blocks: readonly [number, number, number, number];
  readonly embedding: number;
}

export interface MobileFaceNetOptions {
  readonly seed: number | string;
  /** 512 as published. */
  readonly embedding?: number;
}

/** `mbf`: 2,059,520 parameters with 512 features. */
export function mobileFaceNetSpecification(embedding = 512): MobileFaceNetSpecification {
  return { scale: 2, blocks: [1, 4, 6, 2], embedding };
}

/** `mbf-large`: 6,314,880 parameters with 512 features. */
export function mobileFaceNetLargeSpecification(embedding = 512): MobileFaceNetSpecification {
  return { scale: 4, blocks: [2, 8, 12, 4], embedding };
}

/** `mbf` with initial weights, a function of the seed. */
export function mobileFaceNet(engine: Engine, { seed, embedding }: MobileFaceNetOptions): MobileFaceNet {
  return new MobileFaceNet(mobileFaceNetSpecification(embedding)).allocate(engine, seed);
}

/** `mbf-large` with initial weights, a function of the seed. */
export function mobileFaceNetLarge(engine: Engine, { seed, embedding }: MobileFaceNetOptions): MobileFaceNet {
  return new MobileFaceNet(mobileFaceNetLargeSpecification(embedding)).allocate(engine, seed);
}

/** For images of 112 × 112 pixels with three channels: 112 → 56 → 28 → 14 → 7. */
export class MobileFaceNet extends Module {
  readonly layers: Sequential;
  readonly conv_sep: Wrapped;
  readonly features: Wrapped;

  constructor(readonly specification: MobileFaceNetSpecification) {
    super();
    const { scale, blocks, embedding } = specification;
    const narrow = 64 * scale;
    const wide = 128 * scale;
    const halve = (channels: number, out: number, expansion: number): DepthWiseUnit =>
      new DepthWiseUnit({ in: channels, out, expansion, stride: 2, residual: false });
    // The numbers 64, 128, 256, 512 that are not multiples of the scale are absolute in the published network too.
    this.layers = new Sequential([
      convBlock({ in: 3, out: narrow, kernel: 3, stride: 2, padding: 1 }),
      blocks[0] === 1
        ? convBlock({ in: narrow, out: narrow, kernel: 3, padding: 1, groups: 64 })
        : residualUnits(blocks[0], narrow, 128),
      halve(narrow, narrow, 128),
      residualUnits(blocks[1], narrow, 128),
      halve(narrow, wide, 256),
      residualUnits(blocks[2], wide, 256),
      halve(wide, wide, 512),
      residualUnits(blocks[3], wide, 256),
    ]);
    this.conv_sep = convBlock({ in: wide, out: 512, kernel: 1 });
    this.features = new Wrapped([
      linearBlock({ in: 512, out: 512, kernel: 7, groups: 512 }),
      new Flatten(),
      new Linear({ in: 512, out: embedding, bias: false, initialize }),
      new BatchNorm1d(embedding),
    ]);
  }

  get embedding(): number {
    return this.specification.embedding;
  }

  /** images: [B, 3, 112, 112] → [B, E] */
  forward(images: Variable, context: Context): Variable {
    const { shape } = images;
    if (shape.length !== 4 || shape[1] !== 3 || shape[2] !== 112 || shape[3] !== 112) {
      throw new Error(`mobileFaceNet: made for images [B, 3, 112, 112]; given ${formatShape(shape)}.`);
    }
    const map = this.layers.forward(images, context); // [B, 128 · scale, 7, 7]
    return this.features.forward(this.conv_sep.forward(map, context), context); // [B, 512, 7, 7] → [B, E]
  }
}
