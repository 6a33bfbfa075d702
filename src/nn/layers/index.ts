/** All layers. */
export { Attention, type AttentionOptions } from "./attention.js";
export { Conv2d, type Conv2dOptions } from "./conv2d.js";
export { Linear, type LinearOptions } from "./linear.js";
export { BatchNorm1d, BatchNorm2d, type BatchNormOptions } from "./batchNorm.js";
export {
  synchronizedBatchNorm,
  synchronizedBatchNormOperation,
  type SynchronizedBatchNormOptions,
} from "./synchronizedBatchNorm.js";
export { LayerNorm } from "./layerNorm.js";
export { GELU, PReLU, ReLU, ReLU6 } from "./activations.js";
export { Dropout } from "./dropout.js";
export { DropPath } from "./dropPath.js";
export {
  AveragePool2d,
  GeM,
  GlobalAveragePool,
  GlobalMaxPool,
  MaxPool2d,
  type GeMOptions,
  type PoolOptions,
} from "./pooling.js";
export { Flatten } from "./flatten.js";
export { PatchEmbedding, type PatchEmbeddingOptions } from "./patchEmbedding.js";
export { Sequential } from "./sequential.js";
