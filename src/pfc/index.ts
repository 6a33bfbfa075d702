/** Partial FC: margins, sampling, the softmax over shards, and the layer made of them. */
export { PartialFC, type Classification, type PartialFCOptions } from "./partialFC.js";
export type { CenterSimilarities } from "./centerSimilarities.js";
export type { Margin, MarginState } from "./margins/margin.js";
export {
  isSupplier,
  marginLogitsOf,
  type MarginSupplier,
  type SuppliedNumbers,
  type Supply,
} from "./margins/suppliedMargin.js";
export { checkMargin, marginLogits, POLE } from "./margins/margin.js";
export { arcFace, cosOfWidenedAngle, withAffineTail, type ArcFaceOptions } from "./margins/arcFace.js";
export { cosFace, type CosFaceOptions } from "./margins/cosFace.js";
export { combinedMargin, type CombinedMarginOptions } from "./margins/combinedMargin.js";
export { generalMargin, type GeneralMarginOptions } from "./margins/generalMargin.js";
export { plainSoftmax } from "./margins/plainSoftmax.js";
export { interclassFilter } from "./margins/interclassFilter.js";
export {
  drawCenters,
  sampleByScores,
  sampleCenters,
  type CenterSample,
  type Sampler,
  type SampleRequest,
} from "./sampleCenters.js";
export {
  drawFeatures,
  featuresByScores,
  type FeatureMask,
  type FeatureRequest,
  type FeatureSampler,
} from "./sampleFeatures.js";
export { localLabels, shardOf, type Shard } from "./shard.js";
export {
  softmaxCrossEntropy,
  softmaxCrossEntropyOperation,
  type SoftmaxCrossEntropyOptions,
} from "./softmaxCrossEntropy.js";
export { gatherRanks, gatherRanksOperation } from "./gatherRanks.js";
export { headCost, type HeadCost, type HeadCostOptions } from "./headCost.js";
export { centerNorms, meanCenterNorm, type CenterNorms } from "./centerNorms.js";
