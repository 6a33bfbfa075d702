/** A convolution with a trained kernel. */
import { conv2d } from "../../autograd/index.js";
import type { Variable } from "../../autograd/variable.js";
import { uniformFanIn, type Initializer } from "../initialize.js";
import { Module } from "../module.js";
import { Parameter } from "../parameter.js";

export interface Conv2dOptions {
  readonly in: number;
  readonly out: number;
  /** One number, or [vertical, horizontal]; as are stride, padding and dilation. */
  readonly kernel: number | readonly [number, number];
  readonly stride?: number | readonly [number, number];
  readonly padding?: number | readonly [number, number];
  readonly dilation?: number | readonly [number, number];
  readonly groups?: number;
  readonly bias?: boolean;
  /** Of the weight; U(±1/√fan in) by default, as the bias always. */
  readonly initialize?: Initializer;
}

/** weight: [O, C/groups, KH, KW], bias: [O]. @throws Error if the groups do not divide both channel counts. */
export class Conv2d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  constructor(private readonly options: Conv2dOptions) {
    super();
    const { in: channels, out, kernel, groups = 1, bias = true } = options;
    if (channels % groups !== 0 || out % groups !== 0) {
      throw new Error(
        `Conv2d: groups must divide both channel counts; given ${groups} groups, ${channels} channels in, ${out} out.`,
      );
    }
    const [height, width] = typeof kernel === "number" ? [kernel, kernel] : kernel;
    const byFanIn = uniformFanIn((channels / groups) * height * width);
    this.weight = new Parameter([out, channels / groups, height, width], options.initialize ?? byFanIn);
    this.bias = bias ? new Parameter([out], byFanIn) : undefined;
  }

  /** x: [B, C, H, W] → [B, O, H', W'] */
  forward(x: Variable): Variable {
    const { stride = 1, padding = 0, dilation = 1, groups = 1 } = this.options;
    return conv2d(x, this.weight.variable, { stride, padding, dilation, groups, bias: this.bias?.variable });
  }
}
