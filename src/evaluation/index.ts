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
export {
  areaUnderCurve,
  equalErrorRate,
  rocCorners,
  rocCurve,
  tarAtFar,
  thinRoc,
  type RocCurve,
  type TarAtFar,
} from "./roc.js";
export { allPairsRoc, exactAllPairsRoc, type AllPairsOptions } from "./allPairsRoc.js";
export type { SimilarityBlock } from "./cosineTiles.js";
export { recallAtK, type RecallOptions, type RecallResult } from "./recall.js";
export { nearestNeighbours, type Neighbours, type NeighboursOptions } from "./nearestNeighbours.js";
export { oneShot, type OneShotOptions, type OneShotResult } from "./oneShot.js";
export { poolTemplates, type TemplateImages, type Templates } from "./templates.js";
export {
  templateVerification,
  type TemplatePairs,
  type TemplateVerificationOptions,
  type TemplateVerificationResult,
} from "./templateVerification.js";
export { alignedLandmarks, applySimilarity, fitSimilarity, type Point, type Similarity } from "./faceAlignment.js";
export {
  leadingDimensions,
  nearestInGallery,
  recallAtOne,
  type LabelledRows,
  type NearestInGalleryOptions,
  type Ranked,
  type RecallAtOneOptions,
} from "./galleryRetrieval.js";
export { averagePrecision, meanAveragePrecision } from "./averagePrecision.js";
