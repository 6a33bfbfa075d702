/**
 * The residual blocks of ResNet (He et al. 2016, "Deep Residual Learning for Image Recognition", figure 5), with the names of torchvision.
 *
 *     bottleneck   y = relu(shortcut + BN(1×1(relu(BN(3×3(relu(BN(1×1(x)))))))))
 *     basic        y = relu(shortcut + BN(3×3(relu(BN(3×3(x))))))
 *
 * The stride is in the bottleneck's 3×3 convolution, as torchvision and CFCD have it (the paper's first version has it in the first 1×1). Where
 * shape or width change the shortcut is a 1×1 convolution and a batch norm, else the input. The last batch norm begins with scale 0, so
 * that a new block is relu(shortcut) and gradients reach the first layers of a deep network undiminished (Goyal et al. 2017, section 5.1).
 */
import { add, relu } from "../autograd/index.js";
import type { Variable } from "../autograd/variable.js";
import type { Context } from "./context.js";
import { kaimingNormalFanOut, type Initializer } from "./initialize.js";
import { BatchNorm2d, Conv2d, type Sequential } from "./layers/index.js";
import { Module } from "./module.js";
import { projection, type BlockShape } from "./residualStages.js";

export interface ResidualBlockOptions extends BlockShape {
  /** Of the convolutions; N(0, 2 / (k · k · out)) by default, as published. */
  readonly initialize?: Initializer;
}

export interface BottleneckOptions extends ResidualBlockOptions {
  /** Channels of the 3×3 convolution; a quarter of `out` by default. */
  readonly inner?: number;
}

/** 1×1, which narrows → 3×3 → 1×1, which widens again. */
export class Bottleneck extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm2d;
  readonly downsample: Sequential | undefined;

  constructor(options: BottleneckOptions) {
    super();
    const { in: channels, out, stride, inner = out / 4, initialize = kaimingNormalFanOut() } = options;
    const common = { bias: false, initialize };
    this.conv1 = new Conv2d({ in: channels, out: inner, kernel: 1, ...common });
    this.bn1 = new BatchNorm2d(inner);
    this.conv2 = new Conv2d({ in: inner, out: inner, kernel: 3, stride, padding: 1, ...common });
    this.bn2 = new BatchNorm2d(inner);
    this.conv3 = new Conv2d({ in: inner, out, kernel: 1, ...common });
    this.bn3 = new BatchNorm2d(out, { initialScale: 0 });
    this.downsample = projection(options, initialize);
  }

  /** x: [B, C, H, W] → [B, O, ⌈H / stride⌉, ⌈W / stride⌉] */
  forward(x: Variable, context: Context): Variable {
    let y = relu(this.bn1.forward(this.conv1.forward(x), context)); // [B, inner, H, W]
    y = relu(this.bn2.forward(this.conv2.forward(y), context)); // [B, inner, H', W']
    y = this.bn3.forward(this.conv3.forward(y), context); // [B, O, H', W']
    return relu(add(y, this.downsample?.forward(x, context) ?? x));
  }
}

/** Two 3×3 convolutions, of which the first carries the stride. */
export class BasicBlock extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly downsample: Sequential | undefined;

  constructor(options: ResidualBlockOptions) {
    super();
    const { in: channels, out, stride, initialize = kaimingNormalFanOut() } = options;
    const common = { kernel: 3, padding: 1, bias: false, initialize };
    this.conv1 = new Conv2d({ in: channels, out, stride, ...common });
    this.bn1 = new BatchNorm2d(out);
    this.conv2 = new Conv2d({ in: out, out, ...common });
    this.bn2 = new BatchNorm2d(out, { initialScale: 0 });
    this.downsample = projection(options, initialize);
  }

  /** x: [B, C, H, W] → [B, O, ⌈H / stride⌉, ⌈W / stride⌉] */
  forward(x: Variable, context: Context): Variable {
    let y = relu(this.bn1.forward(this.conv1.forward(x), context)); // [B, O, H', W']
    y = this.bn2.forward(this.conv2.forward(y), context); // [B, O, H', W']
    return relu(add(y, this.downsample?.forward(x, context) ?? x));
  }
}
