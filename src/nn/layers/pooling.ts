/** Pooling layers: maximum and mean over windows, over all positions, and the generalised mean between the two. */
import { averagePool2d, gemPool, globalAveragePool, globalMaxPool, maxPool2d } from "../../autograd/index.js";
import { constant, type Variable } from "../../autograd/variable.js";
import { constantValue } from "../initialize.js";
import { Module } from "../module.js";
import { Parameter } from "../parameter.js";

export interface PoolOptions {
  /** One number, or [vertical, horizontal]; as are stride and padding. */
  readonly kernel: number | readonly [number, number];
  /** The kernel's size by default: windows side by side. */
  readonly stride?: number | readonly [number, number];
  readonly padding?: number | readonly [number, number];
}

/** x: [B, C, H, W] → [B, C, H', W']. Padding counts as −∞. */
export class MaxPool2d extends Module {
  constructor(private readonly options: PoolOptions) {
    super();
  }

  forward(x: Variable): Variable {
    const { kernel, stride = kernel, padding = 0 } = this.options;
    return maxPool2d(x, { kernel, stride, padding });
  }
}

/** x: [B, C, H, W] → [B, C, H', W']. Padding counts as 0 and is included in the mean. */
export class AveragePool2d extends Module {
  constructor(private readonly options: PoolOptions) {
    super();
  }

  forward(x: Variable): Variable {
    const { kernel, stride = kernel, padding = 0 } = this.options;
    return averagePool2d(x, { kernel, stride, padding });
  }
}

/** x: [B, C, H, W] → [B, C, 1, 1] */
export class GlobalAveragePool extends Module {
  forward(x: Variable): Variable {
    return globalAveragePool(x);
  }
}

/** x: [B, C, H, W] → [B, C, 1, 1] */
export class GlobalMaxPool extends Module {
  forward(x: Variable): Variable {
    return globalMaxPool(x);
  }
}

export interface GeMOptions {
  /** p > 0, default 3: 1 is the mean, and the larger p, the nearer to the maximum. */
  readonly power?: number;
  /** true: the power is a parameter named `p`, starting at `power`. */
  readonly learned?: boolean;
  /** What smaller elements count as, above 0; default 1e-6. */
  readonly epsilon?: number;
}

/**
 * Generalised mean (Radenović et al. 2018): (mean of max(x, epsilon)^p)^(1/p).  x: [B, C, H, W] → [B, C]
 *
 * @throws Error unless power and epsilon are finite and above 0
 */
export class GeM extends Module {
  readonly p: Parameter | undefined;
  private readonly power: number;
  private readonly epsilon: number;

  constructor({ power = 3, learned = false, epsilon = 1e-6 }: GeMOptions = {}) {
    super();
    if (!(power > 0 && power < Infinity && epsilon > 0 && epsilon < Infinity)) {
      throw new Error(`GeM: the power and epsilon are finite numbers above 0; given ${power} and ${epsilon}.`);
    }
    this.p = learned ? new Parameter([1], constantValue(power)) : undefined;
    this.power = power;
    this.epsilon = epsilon;
  }

  forward(x: Variable): Variable {
    const power = this.p?.variable ?? constant(x.tensor.engine.full([1], this.power));
    return gemPool(x, power, this.epsilon);
  }
}
