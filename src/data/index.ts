/** Sets of images, their transforms and loaders. Readers of files are in `*.node.ts` and not part of the library for the browser. */
export type { DataSet, DataSetName, SplitOptions } from "./DataSet.js";
export { byteImageSet, type ByteImages, type HostImageSet, type ImageSet } from "./ImageSet.js";
export { checkPairSet, type PairSet } from "./pairSet.js";
export { readRecord, readRecords, writeRecords, type StoredRecord } from "./recordio/framing.js";
export { readImageRecord, writeImageRecord, type ImageRecord } from "./recordio/imageRecord.js";
export { formatRecordIndex, parseRecordIndex, RecordIndex } from "./recordio/recordIndex.js";
export { imageKeys, packIdentities, type PackedRecords } from "./recordio/recordLayout.js";
export { formatRecordProperty, parseRecordProperty, type RecordProperty } from "./recordio/recordProperty.js";
export { readRevisitedGroundTruth, type RevisitedGroundTruth, type RevisitedQuery } from "./revisited/groundTruth.js";
export { readVerificationPairs, type VerificationPairs } from "./verificationPairs.js";
export { readIpk, type IpkImages } from "./readIpk.js";
export { ipkImageSet } from "./ipkImageSet.js";
export { builtinDataSet, type BuiltinDataSetOptions } from "./builtin/builtinDataSet.js";
export { FACTORS, type Factor, type Severity } from "./builtin/appearance.js";
export { builtinIdentities, type BuiltinOptions } from "./builtin/builtinIdentities.js";
export type { AffineRanges } from "./affine.js";
export { addColourNoise } from "./colourNoise.js";
export { crop, cropToBox, boxRectangle, type Box, type Rectangle } from "./cropBox.js";
export { randomResizedCrop, type CropRanges } from "./randomCrop.js";
export { DEFAULT_AUGMENTATION, augment, type Augmentation } from "./augmentation.js";
export {
  DEGRADATIONS,
  degrade,
  drawDegradation,
  WORST_DEGRADATION,
  type Degradation,
  type DrawnDegradation,
} from "./degradation.js";
export { degradedImageSet, type DegradedOptions } from "./degradedImageSet.js";
export { loader, type Batch, type Loader, type LoaderOptions } from "./loader.js";
export { formatPredictions, parsePredictions, type Predictions } from "./predictions.js";
export type { ClassPredictions, HardNegatives } from "./tuples/checkTuples.js";
export { tuplePlanner, type TuplePlan, type TuplePlanOptions } from "./tuples/planTuples.js";
export { tupleLoader, type TupleLoaderOptions } from "./tuples/tupleLoader.js";
export { evaluationBatches, type EvaluationBatch, type EvaluationOptions } from "./evaluationBatches.js";
export { resizeImages } from "./areaResize.js";
export { resize, resizeToSquare, scaledSize, type Interpolation, type ResizeOptions, type Size } from "./resize.js";
export { IMAGENET, MINUS_ONE_TO_ONE, normalise, type Normalisation } from "./normalise.js";
export { CMU_FACES, cmuFaces, type CmuFacesOptions } from "./cmuFaces.js";
export { emoji, emojiText } from "./emoji.js";
export { EMOJI_GROUPS, EMOJI_STYLES, parseEmojiClasses, type EmojiClass, type EmojiStyle } from "./emojiClasses.js";
export { glyphs } from "./glyphs.js";
export { omniglot } from "./omniglot.js";
export { joinImages } from "./joinImages.js";
export { relabelImages } from "./relabelImages.js";
export { npyRows, readNpy, writeNpy, type NpyArray } from "./npy/npy.js";
export type { NpyData } from "./npy/npyTypes.js";
export { pixelFeatures, type PixelFeatureOptions } from "./pixelFeatures.js";
export { queryAndGallery } from "./queryAndGallery.js";
export { rotateClasses } from "./rotateClasses.js";
export { indicesWhere, selectImages } from "./selectImages.js";
export { splitClasses, type ClassShare } from "./splitClasses.js";
export { splitTrainValidation, type ValidationSplit } from "./splitWithinClasses.js";
export { textFeatures, type TextFeatureOptions } from "./textFeatures.js";
