/** Every kernel of the module. */
export * from "./matmul";
export { packCenters, nearestRows } from "./nearestRows";
export { attention, attentionGradient } from "./attention";
export { packWeights } from "./packWeights";
export { convolveForward, convolveBackward } from "./convolution";
export { convolveWeights, sumWeightGradients } from "./convolutionWeights";
export { depthwiseForward, depthwiseBackward, depthwiseWeights } from "./depthwise";
export * from "./elementwise";
export * from "./movement";
export * from "./reductions";
export * from "./rows";
export * from "./prelu";
export * from "./batchNorm";
export * from "./normalization";
export * from "./pooling";
export * from "./optimizers";
export { sweepUpdate, sweepGradient } from "./sweepUpdate";
export { sweepBackward, sweepShares } from "./sweepBackward";
export { sweepPanels, sweepForward, sweepStatistics } from "./sweepForward";
export { roundsOnce } from "./multiplyAdd";
export { widen, narrow, gatherHalfRows, writeHalfRows } from "./float16";
export { normalRows } from "./normalRows";
export * from "./limits";

/** Where the module's own constants end and the heap may begin. */
export function heapBase(): usize {
  return __heap_base;
}
