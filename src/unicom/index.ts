/** Unicom: pseudo-classes from joint image-text features, and what is trained on them. */
export { kMeans } from "./kMeans.js";
export { defaultBatchRows, defaultIterations } from "./kMeansOptions.js";
export type { KMeansOptions, KMeansProgress, KMeansResult, KMeansState } from "./kMeansOptions.js";
export { rowsOf, type RowSource } from "./rowSource.js";
export type { Start } from "./startCentroids.js";
export { clusterSizes, limitClusterSizes, type ClusterSizeLimits, type LimitedClusters } from "./clusterSizes.js";
export { fuseModalities, type Features, type FusedFeatures, type Fusion } from "./fuseModalities.js";
