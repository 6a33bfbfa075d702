/** All operations that the runner knows. */
import type { Family } from "../family.js";
import { activations } from "./activations.js";
import { architectures } from "./architectures.js";
import { attentions } from "./attention.js";
import { cfcdLocals } from "./cfcdLocal.js";
import { cfcdMargins } from "./cfcdMargins.js";
import { cfcdNetworks } from "./cfcdNetworks.js";
import { cfcdResizes } from "./cfcdResize.js";
import { convolutionAndPooling } from "./convolutionAndPooling.js";
import { crfiqaHeads } from "./crfiqaHead.js";
import { crossEntropies } from "./crossEntropy.js";
import { errorsVersusDiscard } from "./errorVersusDiscard.js";
import { templateQualities } from "./templateQuality.js";
import { crfiqaNetworks } from "./crfiqaNetworks.js";
import { faceBlocks } from "./faceBlocks.js";
import { imageRetrieval } from "./imageRetrieval.js";
import { margins } from "./margins.js";
import { normalization } from "./normalization.js";
import { optimizers } from "./optimizers.js";
import { partialFCs } from "./partialFC.js";
import { otherSchema } from "./otherSchema.js";
import { recordIOs } from "./recordIO.js";
import { retrieval } from "./retrieval.js";
import { schedules } from "./schedules.js";
import { templates } from "./templates.js";
import { trainLoops } from "./trainLoop.js";
import { verifications } from "./verification.js";
import { verificationBins } from "./verificationBin.js";

export const families: Family = {
  ...convolutionAndPooling,
  ...normalization,
  ...activations,
  ...faceBlocks,
  ...attentions,
  ...optimizers,
  ...schedules,
  ...crossEntropies,
  ...margins,
  ...partialFCs,
  ...trainLoops,
  ...crfiqaHeads,
  ...cfcdMargins,
  ...cfcdLocals,
  ...cfcdNetworks,
  ...cfcdResizes,
  ...architectures,
  ...verifications,
  ...verificationBins,
  ...recordIOs,
  ...templates,
  ...retrieval,
  ...imageRetrieval,
  ...errorsVersusDiscard,
  ...templateQualities,
  ...otherSchema,
  ...crfiqaNetworks,
};
