/** What only Node has of the library: data sets, records, images and weights from files. All else is in the main entry, which runs in a browser too. */
export { decodeImage } from "./data/decodeImage.node.js";
export { encodedImageSet, type EncodedImages } from "./data/encodedImageSet.node.js";
export { openCmuFaces } from "./data/openCmuFaces.node.js";
export { openDataSet, type OpenDataSetOptions } from "./data/openDataSet.node.js";
export { openEmoji } from "./data/openEmoji.node.js";
export { imageFolder, openFolders, type FileSet, type FileSetOptions } from "./data/openFolders.node.js";
export { openImageFiles, type ImageFiles, type ImageFilesOptions } from "./data/openImageFiles.node.js";
export { openPairs, openRecords, type RecordSet } from "./data/openRecords.node.js";
export { openCars } from "./data/retrieval/openCars.node.js";
export { openCub } from "./data/retrieval/openCub.node.js";
export { openInShop } from "./data/retrieval/openInShop.node.js";
export { openProducts } from "./data/retrieval/openProducts.node.js";
export { readFeaturesFile, type FeatureRows } from "./data/readFeaturesFile.node.js";
export { readRevisitedGroundTruthFile } from "./data/revisited/readGroundTruthFile.node.js";
export { readNpyFile } from "./data/readNpyFile.node.js";
export { readIpkFile } from "./data/readIpkFile.node.js";
export { RecordFile, type RecordHead } from "./data/recordio/recordFile.node.js";
export { openSafetensors, type SafetensorsFile, type StoredTensor } from "./training/safetensors.node.js";
