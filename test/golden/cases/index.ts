/** All operations that the runner knows. */
import type { Family } from "../family.js";
import { activations } from "./activations.js";
import { convolutionAndPooling } from "./convolutionAndPooling.js";
import { crossEntropies } from "./crossEntropy.js";
import { margins } from "./margins.js";
import { normalization } from "./normalization.js";

export const families: Family = {
  ...convolutionAndPooling,
  ...normalization,
  ...activations,
  ...crossEntropies,
  ...margins,
};
