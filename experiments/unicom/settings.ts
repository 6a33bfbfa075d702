/** The settings of the experiment, chosen on held-out classes of the training parts (`--held-out` repeats that choice), never on the test parts. */
import { overlay, type PartialConfiguration } from "../../src/training/configuration.js";

/** What all networks of the experiment have in common. */
const COMMON: PartialConfiguration = {
  network: { widths: [16, 32, 64], blocks: [1, 1, 1], embedding: 128, stemStride: 2 },
  head: { ratio: 1, margin: { kind: "cosface", scale: 24, margin: 0.1 } },
  optimizer: { rate: 0.1, momentum: 0.9, decay: 5e-4, clip: 5 },
  schedule: { kind: "cosine", warmup: 50 },
  batch: 128,
};

/** Characters, of Omniglot. */
export const DRAWN = overlay(COMMON, {
  dataset: { name: "omniglot", side: 20 },
  augmentation: { rotation: 10, shear: 10, scale: 10, translation: 8 },
  steps: 1000,
} satisfies PartialConfiguration);

/** The same with batches so small that a tenth of three times as many classes is several of them. */
export const CONFLICT = overlay(DRAWN, { batch: 64 } satisfies PartialConfiguration);

/** Emoji, in colour. */
export const EMOJI = overlay(COMMON, {
  dataset: { name: "emoji", side: 24 },
  steps: 400,
} satisfies PartialConfiguration);

/** Updates of few images at a lower rate, from a network that has learned already. */
export const FINE_TUNED = overlay(EMOJI, {
  optimizer: { rate: 0.01, centerRate: 5 },
  schedule: { kind: "one-cycle", rising: 0.1, warmup: 0 },
  steps: 300,
} satisfies PartialConfiguration);

/** What was tried on the held-out classes, for the page. */
export const CHOICE = `To be written.`;
