/** [B, C, H, W] → [B, C·H·W], channels slowest. */
import { reshape } from "../../autograd/index.js";
import type { Variable } from "../../autograd/variable.js";
import { Module } from "../module.js";

/** One row an image, the order of elements kept. */
export class Flatten extends Module {
  forward(x: Variable): Variable {
    return reshape(x, [x.shape[0], -1]);
  }
}
