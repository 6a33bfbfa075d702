/** Tensors with gradients: variables, operations, and how to add and check operations of one's own. */
export * from "./gradientCheck.js";
export * from "./gradientMode.js";
export * from "./operation.js";
export * from "./operations/activations.js";
export * from "./operations/arithmetic.js";
export * from "./operations/attention.js";
export * from "./operations/conv2d.js";
export * from "./operations/elementary.js";
export * from "./operations/linear.js";
export * from "./operations/losses.js";
export * from "./operations/matmul.js";
export * from "./operations/normalization.js";
export * from "./operations/pooling.js";
export * from "./operations/reductions.js";
export * from "./operations/rows.js";
export * from "./operations/shape.js";
export { sumTo } from "./operations/sumTo.js";
export * from "./variable.js";
