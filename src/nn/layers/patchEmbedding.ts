/** Images as sequences (Dosovitskiy et al. 2021, section 3.1): every square of pixels becomes one token by one linear map. */
import { permute, reshape } from "../../autograd/index.js";
import type { Variable } from "../../autograd/variable.js";
import { Module } from "../module.js";
import { Conv2d } from "./conv2d.js";

export interface PatchEmbeddingOptions {
  readonly channels: number;
  /** Side of a square. */
  readonly patch: number;
  /** D: features of a token. */
  readonly width: number;
}

/** A convolution whose stride is its kernel; pixels beyond the last whole square, right and below, are not used. */
export class PatchEmbedding extends Module {
  readonly proj: Conv2d;

  constructor({ channels, patch, width }: PatchEmbeddingOptions) {
    super();
    this.proj = new Conv2d({ in: channels, out: width, kernel: patch, stride: patch });
  }

  /** images: [B, C, H, W] → [B, T, D] with T = ⌊H / patch⌋ · ⌊W / patch⌋, row by row */
  forward(images: Variable): Variable {
    const map = this.proj.forward(images); // [B, D, ⌊H / patch⌋, ⌊W / patch⌋]
    const [batch, width, rows, columns] = map.shape;
    return permute(reshape(map, [batch, width, rows * columns]), [0, 2, 1]);
  }
}
