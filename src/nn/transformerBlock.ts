/**
 * The transformer block in its pre-norm form (Dosovitskiy et al. 2021, section 3.1; insightface `arcface_torch/backbones/vit.py`, unicom
 * `vision_transformer.py`):
 *
 *     x ← x + attention(LN(x))        x ← x + MLP(LN(x)),   MLP: linear → ReLU6 → linear
 *
 * each branch under stochastic depth. Names are those of the published weights. Left out: dropout, which they have at 0.
 */
import { add } from "../autograd/index.js";
import type { Variable } from "../autograd/variable.js";
import type { Context } from "./context.js";
import { constantValue, truncatedNormal } from "./initialize.js";
import { Attention, DropPath, LayerNorm, Linear, ReLU6 } from "./layers/index.js";
import { Module } from "./module.js";

/**
 * Of linear layers and of position embeddings, as published. The public code cuts at ±2 whatever the deviation, here at a hundred deviations: in
 * effect nothing is cut.
 */
export const publishedNormal = truncatedNormal(0.02, 2 / 0.02);

export interface TransformerBlockOptions {
  /** D: features of a token. */
  readonly width: number;
  readonly heads: number;
  /** Width of the hidden layer of the MLP, in multiples of D. */
  readonly mlpRatio: number;
  /** Probability that a sample skips a branch in training. */
  readonly dropPath: number;
}

/** linear → ReLU6 → linear, token by token. */
class Mlp extends Module {
  readonly fc1: Linear;
  readonly fc2: Linear;
  private readonly activation = new ReLU6();

  constructor(width: number, hidden: number) {
    super();
    const initial = { initialize: publishedNormal, initializeBias: constantValue(0) };
    this.fc1 = new Linear({ in: width, out: hidden, ...initial });
    this.fc2 = new Linear({ in: hidden, out: width, ...initial });
  }

  /** x: [B, T, D] → [B, T, D] */
  forward(x: Variable): Variable {
    return this.fc2.forward(this.activation.forward(this.fc1.forward(x))); // [B, T, ratio · D] in between
  }
}

/** Attention and MLP, each normed before and added after. */
export class TransformerBlock extends Module {
  // in the order of the published weights
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly attn: Attention;
  readonly mlp: Mlp;
  // two, because a module draws once a step
  readonly dropPath1: DropPath;
  readonly dropPath2: DropPath;

  constructor({ width, heads, mlpRatio, dropPath }: TransformerBlockOptions) {
    super();
    this.norm1 = new LayerNorm(width);
    this.norm2 = new LayerNorm(width);
    this.attn = new Attention({ width, heads, initialize: publishedNormal, initializeBias: constantValue(0) });
    this.mlp = new Mlp(width, mlpRatio * width);
    this.dropPath1 = new DropPath(dropPath);
    this.dropPath2 = new DropPath(dropPath);
  }

  /** x: [B, T, D] → [B, T, D] */
  forward(x: Variable, context: Context): Variable {
    const mixed = add(x, this.dropPath1.forward(this.attn.forward(this.norm1.forward(x)), context));
    return add(mixed, this.dropPath2.forward(this.mlp.forward(this.norm2.forward(mixed)), context));
  }
}
