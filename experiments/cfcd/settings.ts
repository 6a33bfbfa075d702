/** The settings of the experiment, chosen on held-out classes of the training parts (`--held-out` repeats that choice), never on the test parts. */
import { overlay, type PartialConfiguration } from "../../src/training/configuration.js";

/** What all networks of the experiment have in common: at 16 pixels a last map of 4×4 cells, at 20 one of 5×5. */
const COMMON = {
  network: {
    ...{ kind: "small-resnet", widths: [8, 16, 32], blocks: [1, 1, 1], embedding: 64 },
    resnet: { lastStride: 1 },
  },
  head: { ratio: 1, margin: { kind: "madacos" } },
  optimizer: { momentum: 0.9, nesterov: true, decay: 1e-4, clip: 0 },
  schedule: { kind: "cosine", warmup: 20 },
  batch: 64,
  steps: 800,
} satisfies PartialConfiguration;

/** Characters, of Omniglot. */
export const DRAWN = overlay<PartialConfiguration>(COMMON, {
  dataset: { name: "omniglot", side: 16 },
  augmentation: { rotation: 10, shear: 10, scale: 10, translation: 8 },
} satisfies PartialConfiguration);

/** Emoji, in colour: 26 epochs. */
export const EMOJI = overlay<PartialConfiguration>(COMMON, {
  dataset: { name: "emoji", side: 20 },
  steps: 598,
} satisfies PartialConfiguration);

/** The coarse stage of MadaCos, long enough that scale and margin have gone their way: 28 epochs. */
export const COARSE = overlay<PartialConfiguration>(DRAWN, { steps: 1176 } satisfies PartialConfiguration);

/** The stage with tuples, from the weights of the coarse one: five epochs of Omniglot, nine of emoji, without a warm-up. */
export const FINE = {
  optimizer: { rate: 0.02 },
  schedule: { warmup: 0 },
  local: { tuple: 4 },
  steps: 210,
} satisfies PartialConfiguration;
