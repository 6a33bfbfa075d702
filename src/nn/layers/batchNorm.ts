/**
 * Batch normalisation (Ioffe and Szegedy 2015) with running statistics.
 *
 * Training: batch statistics (biased variance) normalise, and running ← (1 − m)·running + m·batch with the unbiased variance.
 * Evaluation: the running statistics. `frozenScale` keeps the weight at 1 and untrained, as on the embeddings of IResNet, where
 * a free scale would only fight the normalisation of the loss. With a communicator in the context the statistics are those of all ranks.
 */
import { batchNorm } from "../../autograd/index.js";
import type { Variable } from "../../autograd/variable.js";
import { formatShape } from "../../tensor/shape.js";
import type { Context } from "../context.js";
import { constantValue } from "../initialize.js";
import { Module } from "../module.js";
import { ModuleBuffer, Parameter } from "../parameter.js";
import { synchronizedBatchNorm } from "./synchronizedBatchNorm.js";

export interface BatchNormOptions {
  readonly epsilon?: number;
  /** Share of the new statistics in the running ones. */
  readonly momentum?: number;
  readonly frozenScale?: boolean;
  /** Of the weight, default 1; 0 silences the branch that it ends until training raises it. */
  readonly initialScale?: number;
}

abstract class BatchNorm extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;
  // named as in published weights
  readonly running_mean: ModuleBuffer;
  readonly running_var: ModuleBuffer;
  private readonly epsilon: number;
  private readonly momentum: number;

  constructor(
    private readonly channels: number,
    private readonly ranks: readonly number[],
    { epsilon = 1e-5, momentum = 0.1, frozenScale = false, initialScale = 1 }: BatchNormOptions,
  ) {
    super();
    this.weight = new Parameter([channels], constantValue(initialScale), { trainable: !frozenScale });
    this.bias = new Parameter([channels], constantValue(0));
    this.running_mean = new ModuleBuffer([channels], 0);
    this.running_var = new ModuleBuffer([channels], 1);
    this.epsilon = epsilon;
    this.momentum = momentum;
  }

  /** x: [B, C, …] → [B, C, …] */
  forward(x: Variable, { training, communicator }: Context): Variable {
    this.check(x);
    const { epsilon, momentum } = this;
    const [weight, bias] = [this.weight.variable, this.bias.variable];
    const running = { mean: this.running_mean.tensor, variance: this.running_var.tensor };
    return training && communicator && communicator.size > 1
      ? synchronizedBatchNorm(x, weight, bias, { epsilon, momentum, running, communicator })
      : batchNorm(x, weight, bias, { epsilon, momentum, running, training });
  }

  private check({ shape }: Variable): void {
    if (!this.ranks.includes(shape.length) || shape[1] !== this.channels) {
      throw new Error(
        `batch norm: made for ${this.channels} channels and tensors of rank ${this.ranks.join(" or ")}; given ${formatShape(shape)}.`,
      );
    }
  }
}

/** x: [B, C] or [B, C, L] */
export class BatchNorm1d extends BatchNorm {
  constructor(channels: number, options: BatchNormOptions = {}) {
    super(channels, [2, 3], options);
  }
}

/** x: [B, C, H, W] */
export class BatchNorm2d extends BatchNorm {
  constructor(channels: number, options: BatchNormOptions = {}) {
    super(channels, [4], options);
  }
}
