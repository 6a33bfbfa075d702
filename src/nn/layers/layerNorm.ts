/** Layer normalisation (Ba et al. 2016): every row is brought to mean 0 and variance 1, then scaled and shifted. */
import { layerNorm } from "../../autograd/index.js";
import type { Variable } from "../../autograd/variable.js";
import { constantValue } from "../initialize.js";
import { Module } from "../module.js";
import { Parameter } from "../parameter.js";

/** weight, bias: [M], M = features of the last axis. */
export class LayerNorm extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;
  private readonly epsilon: number;

  constructor(features: number, { epsilon = 1e-5 }: { readonly epsilon?: number } = {}) {
    super();
    this.weight = new Parameter([features], constantValue(1));
    this.bias = new Parameter([features], constantValue(0));
    this.epsilon = epsilon;
  }

  /** x: […, M] → […, M] */
  forward(x: Variable): Variable {
    return layerNorm(x, this.weight.variable, this.bias.variable, this.epsilon);
  }
}
