/** Self-attention as a layer (Vaswani et al. 2017; Dosovitskiy et al. 2021): one projection to queries, keys and values, one back. */
import { attention } from "../../autograd/index.js";
import type { Variable } from "../../autograd/variable.js";
import type { Initializer } from "../initialize.js";
import { Module } from "../module.js";
import { Linear } from "./linear.js";

export interface AttentionOptions {
  /** D: features of a token. */
  readonly width: number;
  readonly heads: number;
  /** Of the weights; U(±1/√D) by default. */
  readonly initialize?: Initializer;
  /** Of the bias of the projection back; U(±1/√D) by default. */
  readonly initializeBias?: Initializer;
}

/** qkv without a bias, the projection back with one, as in both published networks. @throws Error unless the heads divide the width. */
export class Attention extends Module {
  readonly qkv: Linear;
  readonly proj: Linear;
  private readonly heads: number;

  constructor({ width, heads, initialize, initializeBias }: AttentionOptions) {
    super();
    if (!Number.isInteger(heads) || heads < 1 || width % heads !== 0) {
      throw new Error(`Attention: every head has the same share of the width; given ${heads} heads, width ${width}.`);
    }
    this.qkv = new Linear({ in: width, out: 3 * width, bias: false, initialize });
    this.proj = new Linear({ in: width, out: width, initialize, initializeBias });
    this.heads = heads;
  }

  /** x: [B, T, D] → [B, T, D] */
  forward(x: Variable): Variable {
    return this.proj.forward(attention(this.qkv.forward(x), this.heads));
  }
}
