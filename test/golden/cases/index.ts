/** All operations that the runner knows. */
import type { Family } from "../family.js";
import { activations } from "./activations.js";
import { architectures } from "./architectures.js";
import { convolutionAndPooling } from "./convolutionAndPooling.js";
import { crossEntropies } from "./crossEntropy.js";
import { faceBlocks } from "./faceBlocks.js";
import { margins } from "./margins.js";
import { normalization } from "./normalization.js";
import { optimizers } from "./optimizers.js";
import { partialFCs } from "./partialFC.js";
import { otherSchema } from "./otherSchema.js";
import { schedules } from "./schedules.js";
import { trainLoops } from "./trainLoop.js";
import { verifications } from "./verification.js";

export const families: Family = {
  ...convolutionAndPooling,
  ...normalization,
  ...activations,
  ...faceBlocks,
  ...optimizers,
  ...schedules,
  ...crossEntropies,
  ...margins,
  ...partialFCs,
  ...trainLoops,
  ...architectures,
  ...verifications,
  ...otherSchema,
};
