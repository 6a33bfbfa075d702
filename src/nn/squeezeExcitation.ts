/**
 * Squeeze and excitation (Hu, Shen, Sun 2018, "Squeeze-and-Excitation Networks", CVPR): every channel is weighed by a gate that
 * sees all of them.
 *
 *     s = σ(W₂ · relu(W₁ · mean over positions of x))        y = s · x        W₁: [C/r, C], W₂: [C, C/r]
 *
 * Both layers are 1×1 convolutions without a bias, as the block of IResNet has it. Names are those of published weights: `fc1`, `fc2`.
 */
import { globalAveragePool, multiply, relu, sigmoid, type Variable } from "../autograd/index.js";
import type { Initializer } from "./initialize.js";
import { Conv2d } from "./layers/index.js";
import { Module } from "./module.js";

export interface SqueezeExcitationOptions {
  readonly channels: number;
  /** r: what the channels are divided by in between; 16 in the paper. */
  readonly reduction: number;
  /** Of the convolutions; U(±1/√fan in) by default. */
  readonly initialize?: Initializer;
}

/** A gate for every channel. @throws Error if the reduction does not divide the channels. */
export class SqueezeExcitation extends Module {
  readonly fc1: Conv2d;
  readonly fc2: Conv2d;

  constructor({ channels, reduction, initialize }: SqueezeExcitationOptions) {
    super();
    if (!Number.isInteger(reduction) || reduction < 1 || channels % reduction !== 0) {
      throw new Error(
        `squeeze and excitation: the reduction is a positive whole number that divides the channels; given ${reduction} and ${channels} channels.`,
      );
    }
    const squeezed = channels / reduction;
    const common = { kernel: 1, bias: false, initialize };
    this.fc1 = new Conv2d({ in: channels, out: squeezed, ...common });
    this.fc2 = new Conv2d({ in: squeezed, out: channels, ...common });
  }

  /** x: [B, C, H, W] → [B, C, H, W] */
  forward(x: Variable): Variable {
    const squeezed = relu(this.fc1.forward(globalAveragePool(x))); // [B, C/r, 1, 1]
    return multiply(x, sigmoid(this.fc2.forward(squeezed))); // [B, C, H, W] · [B, C, 1, 1]
  }
}
