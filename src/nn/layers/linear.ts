/** x · weightᵀ + bias. */
import { linear } from "../../autograd/index.js";
import type { Variable } from "../../autograd/variable.js";
import { uniformFanIn, type Initializer } from "../initialize.js";
import { Module } from "../module.js";
import { Parameter } from "../parameter.js";

export interface LinearOptions {
  readonly in: number;
  readonly out: number;
  readonly bias?: boolean;
  /** Of the weight; U(±1/√in) by default. */
  readonly initialize?: Initializer;
  /** Of the bias; U(±1/√in) by default. */
  readonly initializeBias?: Initializer;
}

/** weight: [out, in], bias: [out]. */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  constructor({ in: inputs, out, bias = true, ...initial }: LinearOptions) {
    super();
    this.weight = new Parameter([out, inputs], initial.initialize ?? uniformFanIn(inputs));
    this.bias = bias ? new Parameter([out], initial.initializeBias ?? uniformFanIn(inputs)) : undefined;
  }

  /** x: […, in] → […, out] */
  forward(x: Variable): Variable {
    return linear(x, this.weight.variable, this.bias?.variable);
  }
}
