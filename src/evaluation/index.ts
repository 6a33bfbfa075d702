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
export type { RowProduct, SimilarityBlock } from "./similarityBands.js";
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
export type { LabelledRows, RetrievalOptions } from "./retrievalTask.js";
export { cutEmbeddings, type Cut, type CutConvention, type CutRows } from "./cutEmbeddings.js";
export {
  prefixRecall,
  subsetRecall,
  type PrefixRecall,
  type PrefixRecallOptions,
  type SubsetRecall,
  type SubsetRecallOptions,
} from "./prefixRecall.js";
export { nearestInGallery, type NearestInGalleryOptions, type Ranked } from "./nearestInGallery.js";
export { averagePrecision, meanAveragePrecision } from "./averagePrecision.js";
export { averageDescriptors, l2n } from "./averageDescriptors.js";
export { evaluateRevisited, type RevisitedOptions } from "./revisited/evaluateRevisited.js";
export { PROTOCOLS, type Protocol, type QueryTruth } from "./revisited/groundTruth.js";
export { averagePrecisionAt, precisionAt, type PrecisionForm } from "./revisited/precisionForms.js";
export type { ProtocolScores, RevisitedScores, ScoreOptions } from "./revisited/protocolScores.js";
export { scoreRankings, type ScoreRankingsOptions } from "./revisited/scoreRankings.js";
export {
  globalAveragePrecision,
  type GlobalAveragePrecisionOptions,
  type Recognition,
} from "./landmarks/globalAveragePrecision.js";
export {
  landmarkRetrieval,
  type LandmarkRetrievalOptions,
  type LandmarkRetrievalResult,
} from "./landmarks/landmarkRetrieval.js";
export { mapAtK, type MapAtKOptions, type MapAtKResult } from "./mapAtK.js";
export { knnClassification, type KnnClassificationOptions, type KnnClassificationResult } from "./knnClassification.js";
export { linearProbe, type LinearProbeOptions, type LinearProbeResult } from "./linearProbe.js";
export { logisticRegression, type LogisticModel, type LogisticProblem } from "./logisticRegression.js";
export { lbfgs, type LbfgsOptions, type LbfgsResult, type Objective } from "./lbfgs.js";
export { effectiveRank, type EffectiveRank, type EffectiveRankOptions } from "./effectiveRank.js";
export { symmetricEigenvalues } from "./symmetricEigenvalues.js";
export { rankCorrelation } from "./rankCorrelation.js";
export { normalizedMutualInformation, purity } from "./clusterAgreement.js";
export { clusterReport, type ClusterReport } from "./clusterReport.js";
// Quality of images. Embedding magnitude, a baseline among the scores, is `rowNorms` of raw embeddings.
export { comparisonDistances, joinMirrored, type ComparisonDistance } from "./quality/comparisonDistances.js";
export { pairQuality, type CombineQuality } from "./quality/pairQuality.js";
export { qualityWeights, templatePairQuality } from "./quality/templateQuality.js";
export {
  errorRates,
  falseNonMatchRate,
  pointAtFmr,
  pointAtFnmr,
  type ErrorRates,
  type OperatingPoint,
  type ScoreOrientation,
} from "./quality/operatingPoints.js";
export {
  errorVersusDiscard,
  type DiscardCurve,
  type DiscardOptions,
  type ThresholdConvention,
} from "./quality/errorVersusDiscard.js";
export { areaUnderDiscardCurve, partialArea, type PartialAreaOptions } from "./quality/discardArea.js";
export { laplacianSharpness, randomScores, stochasticAgreement } from "./quality/baselines.js";
