/** Activation functions as modules. */
import { gelu, prelu, relu, relu6 } from "../../autograd/index.js";
import type { Variable } from "../../autograd/variable.js";
import { constantValue } from "../initialize.js";
import { Module } from "../module.js";
import { Parameter } from "../parameter.js";

/** x where x > 0, else slope · x, with a trained slope a channel (He et al. 2015). One channel: a slope shared by all. */
export class PReLU extends Module {
  readonly weight: Parameter;

  constructor(channels = 1) {
    super();
    this.weight = new Parameter([channels], constantValue(0.25)); // He et al. 2015, section 2.1
  }

  /** x: [B, C, …] → [B, C, …] */
  forward(x: Variable): Variable {
    return prelu(x, this.weight.variable);
  }
}

/** max(x, 0) */
export class ReLU extends Module {
  forward(x: Variable): Variable {
    return relu(x);
  }
}

/** min(max(x, 0), 6) */
export class ReLU6 extends Module {
  forward(x: Variable): Variable {
    return relu6(x);
  }
}

/** x · Φ(x), exact (by erf). */
export class GELU extends Module {
  forward(x: Variable): Variable {
    return gelu(x);
  }
}
