/**
 * The "improved residual" block of ArcFace (Deng et al. 2019; insightface `iresnet.py`): BN → conv → BN → PReLU → conv → BN, plus a shortcut.
 *
 * The second convolution carries the stride. Where shape or width changes, the shortcut is a 1×1 convolution and a batch norm,
 * else the identity. There is no activation after the sum. With `squeeze`, squeeze and excitation weighs the channels before it
 * (published blocks have it off).
 */
import { add } from "../autograd/index.js";
import type { Variable } from "../autograd/variable.js";
import type { Context } from "./context.js";
import type { Initializer } from "./initialize.js";
import { BatchNorm2d, Conv2d, PReLU, type Sequential } from "./layers/index.js";
import { Module } from "./module.js";
import { projection, type BlockShape } from "./residualStages.js";
import { SqueezeExcitation } from "./squeezeExcitation.js";

export interface IrBlockOptions extends BlockShape {
  /** The reduction of squeeze and excitation; without it where left out. */
  readonly squeeze?: number;
  /** Of the convolutions; U(±1/√fan in) by default. */
  readonly initialize?: Initializer;
}

/** BN → conv → BN → PReLU → conv → BN [→ squeeze and excitation], plus a shortcut. */
export class IrBlock extends Module {
  readonly bn1: BatchNorm2d;
  readonly conv1: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly prelu: PReLU;
  readonly conv2: Conv2d;
  readonly bn3: BatchNorm2d;
  // named as in published weights
  readonly se_block: SqueezeExcitation | undefined;
  readonly downsample: Sequential | undefined;

  constructor({ in: channels, out, stride, squeeze, initialize }: IrBlockOptions) {
    super();
    const common = { bias: false, initialize };
    this.bn1 = new BatchNorm2d(channels);
    this.conv1 = new Conv2d({ in: channels, out, kernel: 3, padding: 1, ...common });
    this.bn2 = new BatchNorm2d(out);
    this.prelu = new PReLU(out);
    this.conv2 = new Conv2d({ in: out, out, kernel: 3, stride, padding: 1, ...common });
    this.bn3 = new BatchNorm2d(out);
    this.se_block =
      squeeze === undefined ? undefined : new SqueezeExcitation({ channels: out, reduction: squeeze, initialize });
    this.downsample = projection({ in: channels, out, stride }, initialize);
  }

  /** x: [B, C, H, W] → [B, O, ⌈H / stride⌉, ⌈W / stride⌉] */
  forward(x: Variable, context: Context): Variable {
    let y = this.conv1.forward(this.bn1.forward(x, context)); // [B, O, H, W]
    y = this.prelu.forward(this.bn2.forward(y, context)); // [B, O, H, W]
    y = this.bn3.forward(this.conv2.forward(y), context); // [B, O, H', W']
    y = this.se_block?.forward(y) ?? y; // [B, O, H', W']
    const shortcut = this.downsample?.forward(x, context) ?? x; // [B, O, H', W']
    return add(y, shortcut);
  }
}
