/** CR-FIQA: image quality as predicted relative classifiability, learned beside a margin softmax. */
export { QualityNetwork } from "./qualityNetwork.js";
export {
  QualityObjective,
  regressionWeight,
  type QualityLosses,
  type QualityObjectiveOptions,
  type QualityVariant,
} from "./qualityObjective.js";
export {
  nearestNegative,
  PUBLISHED_FLOOR,
  relativeClassifiability,
  type ClassifiabilityForm,
  type ClassifiabilityOptions,
} from "./relativeClassifiability.js";
export {
  CALIBRATION_KINDS,
  calibrate,
  fitCalibration,
  parseCalibration,
  type Calibration,
  type CalibrationKind,
} from "./calibration.js";
export { qualityIresnetSpecification, type QualityIResNetOptions } from "./qualityIresnetSpecification.js";
