/**
 * The vision transformer of Partial FC and of Unicom (insightface `arcface_torch/backbones/vit.py`, unicom `vision_transformer.py`; after
 * Dosovitskiy et al. 2021).
 *
 * Patches → position embeddings added → blocks → layer norm → all tokens side by side → linear → BN → linear → BN. There is no class token: the head
 * reads every token by a weight of its own, which makes it the larger part of the smaller networks. The embedding is the last output, not
 * normalised. With a mask rate, some tokens of a sample sit out the blocks in training (layers/tokenMasking.ts). Names are those of the
 * published weights. Left out: mixed precision and activation checkpointing.
 */
import { add, reshape } from "../autograd/index.js";
import type { Variable } from "../autograd/variable.js";
import { stream } from "../tensor/random.js";
import { formatShape } from "../tensor/shape.js";
import type { Context } from "./context.js";
import { BatchNorm1d, LayerNorm, Linear, PatchEmbedding, Sequential } from "./layers/index.js";
import { drawKeptTokens, keepTokens, keptCount, restoreTokens } from "./layers/tokenMasking.js";
import { Module } from "./module.js";
import { Parameter } from "./parameter.js";
import { publishedNormal, TransformerBlock } from "./transformerBlock.js";

/** Of the batch norms in the head, as published. */
const HEAD_EPSILON = 2e-5;

/** Every constant of the family. */
export interface VisionTransformerSpecification {
  /** Of the images. */
  readonly channels: number;
  /** Images are side × side pixels. */
  readonly side: number;
  /** Side of a patch; what is left of the image beyond ⌊side / patch⌋ patches is not used. */
  readonly patch: number;
  /** D: features of a token. */
  readonly width: number;
  /** Blocks. */
  readonly depth: number;
  readonly heads: number;
  /** Width of the hidden layer of a block, in multiples of D. */
  readonly mlpRatio: number;
  readonly embedding: number;
  /** Stochastic depth of the last block; it rises linearly from 0 at the first. */
  readonly dropPath: number;
  /** Share of the tokens that sit out the blocks in training. */
  readonly maskRate: number;
  /** Whether there is a token to stand for them: one of the published weights of Partial FC even at rate 0, none of Unicom's. */
  readonly maskToken: boolean;
}

/** A vision transformer of any specification; without memory until `allocate`. @throws Error if the numbers make no network. */
export class VisionTransformer extends Module {
  // named and ordered as in published weights
  readonly pos_embed: Parameter;
  readonly mask_token: Parameter | undefined;
  readonly patch_embed: PatchEmbedding;
  readonly blocks: Sequential;
  readonly norm: LayerNorm;
  readonly feature: Sequential;

  constructor(readonly specification: VisionTransformerSpecification) {
    super();
    check(specification);
    const { channels, patch, width, depth, heads, mlpRatio, embedding, dropPath, maskToken } = specification;
    this.pos_embed = new Parameter([1, this.tokens, width], publishedNormal);
    this.mask_token = maskToken ? new Parameter([1, 1, width], publishedNormal) : undefined;
    this.patch_embed = new PatchEmbedding({ channels, patch, width });
    const rateOf = (block: number): number => (depth === 1 ? 0 : (dropPath * block) / (depth - 1));
    this.blocks = new Sequential(
      Array.from({ length: depth }, (_, i) => new TransformerBlock({ width, heads, mlpRatio, dropPath: rateOf(i) })),
    );
    this.norm = new LayerNorm(width);
    const linear = { bias: false, initialize: publishedNormal };
    this.feature = new Sequential([
      new Linear({ in: this.tokens * width, out: width, ...linear }),
      new BatchNorm1d(width, { epsilon: HEAD_EPSILON }),
      new Linear({ in: width, out: embedding, ...linear }),
      new BatchNorm1d(embedding, { epsilon: HEAD_EPSILON }),
    ]);
  }

  get embedding(): number {
    return this.specification.embedding;
  }

  /** T: patches of an image. */
  get tokens(): number {
    const { side, patch } = this.specification;
    return Math.floor(side / patch) ** 2;
  }

  /** images: [B, channels, side, side] → [B, E] */
  forward(images: Variable, context: Context): Variable {
    this.checkImages(images);
    const [batch] = images.shape;
    const x = add(this.patch_embed.forward(images), this.pos_embed.variable); // [B, T, D]
    const y = this.encode(x, context); // [B, T, D]
    return this.feature.forward(reshape(y, [batch, -1]), context); // [B, T·D] → [B, E]
  }

  /** The blocks and the norm behind them; in training of some tokens only.  x: [B, T, D] → [B, T, D] */
  private encode(x: Variable, context: Context): Variable {
    const { maskRate } = this.specification;
    const through = (some: Variable): Variable => this.norm.forward(this.blocks.forward(some, context));
    if (!context.training || maskRate === 0 || this.mask_token === undefined) return through(x);
    const { seed, step, rank } = context;
    const { tokens, path } = this;
    const random = stream(seed, "token mask", step, rank, path);
    const kept = drawKeptTokens(x.shape[0], tokens, keptCount(tokens, maskRate), random);
    return restoreTokens(through(keepTokens(x, kept)), kept, { tokens, maskToken: this.mask_token.variable });
  }

  private checkImages({ shape }: Variable): void {
    const { channels, side } = this.specification;
    if (shape.length !== 4 || shape[1] !== channels || shape[2] !== side || shape[3] !== side) {
      throw new Error(
        `vision transformer: this network was made for images [B, ${channels}, ${side}, ${side}]; given ${formatShape(shape)}.`,
      );
    }
  }
}

function check({ side, patch, depth, maskRate, maskToken }: VisionTransformerSpecification): void {
  if (!Number.isInteger(patch) || patch < 1 || patch > side) {
    throw new Error(`vision transformer: an image holds one patch at least; given side ${side}, patch ${patch}.`);
  }
  if (!Number.isInteger(depth) || depth < 1) {
    throw new Error(`vision transformer: there is one block at least; given depth ${depth}.`);
  }
  const tokens = Math.floor(side / patch) ** 2;
  if (!(maskRate >= 0 && keptCount(tokens, maskRate) >= 1)) {
    throw new Error(
      `vision transformer: the mask rate is at least 0 and leaves one of ${tokens} tokens at least; given ${maskRate}.`,
    );
  }
  if (maskRate > 0 && !maskToken) {
    throw new Error(
      `vision transformer: a mask token stands for tokens that are masked; given rate ${maskRate} and no mask token.`,
    );
  }
}
