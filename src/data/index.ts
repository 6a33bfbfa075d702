/** Sets of images, their transforms and loaders. Readers of files are in `*.node.ts` and not part of the library for the browser. */
export type { DataSet, DataSetName, SplitOptions } from "./DataSet.js";
export { byteImageSet, type ByteImages, type ImageSet } from "./ImageSet.js";
export { readIpk, type IpkImages } from "./readIpk.js";
export { ipkImageSet } from "./ipkImageSet.js";
export { builtinDataSet, type BuiltinDataSetOptions } from "./builtin/builtinDataSet.js";
export { builtinIdentities } from "./builtin/builtinIdentities.js";
export type { AffineRanges } from "./affine.js";
export { DEFAULT_AUGMENTATION, augment, type Augmentation } from "./augmentation.js";
export { loader, type Batch, type Loader, type LoaderOptions } from "./loader.js";
export { evaluationBatches, type EvaluationBatch, type EvaluationOptions } from "./evaluationBatches.js";
export { resizeImages } from "./areaResize.js";
export { MINUS_ONE_TO_ONE, type Normalisation } from "./normalise.js";
export { glyphs } from "./glyphs.js";
export { omniglot } from "./omniglot.js";
export { joinImages } from "./joinImages.js";
export { rotateClasses } from "./rotateClasses.js";
export { indicesWhere, selectImages } from "./selectImages.js";
