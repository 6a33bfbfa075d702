/** Protocols that turn embeddings into numbers: verification, ROC, retrieval, one-shot runs. Host arrays in, float64 arithmetic. */
export {
  countZeroRows,
  normalizeRows as normalizeHostRows, // `normalizeRows` is the differentiable operation
  rowNorms,
  sumMirrored,
  type EmbeddingRows,
} from "./normalizeRows.js";
export { randomPairs, type Pairs } from "./pairs.js";
export {
  pairDistances,
  verification,
  verifyDistances,
  type FoldResult,
  type VerificationOptions,
  type VerificationResult,
} from "./verification.js";
export { validationAtFar, type ValidationAtFar, type ValidationFold } from "./validationAtFar.js";
export { areaUnderCurve, equalErrorRate, rocCurve, tarAtFar, thinRoc, type RocCurve, type TarAtFar } from "./roc.js";
export { allPairsRoc, exactAllPairsRoc, type AllPairsOptions } from "./allPairsRoc.js";
export type { SimilarityBlock } from "./cosineTiles.js";
export { recallAtK, type RecallOptions, type RecallResult } from "./recall.js";
export { nearestNeighbours, type Neighbours, type NeighboursOptions } from "./nearestNeighbours.js";
export { oneShot, type OneShotOptions, type OneShotResult } from "./oneShot.js";
