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
  head: { ratio: 0.4 },
  steps: 1000,
} satisfies PartialConfiguration);

/** Characters in type, of Glyphs at 16 pixels: a perceptron with two hidden layers, as in the specification's own trial. */
export const CONFLICT = {
  ...{ hidden: 256, embedding: 128, scale: 24, margin: 0.2 },
  ...{ rate: 0.05, momentum: 0.9, decay: 5e-4, clip: 5, batch: 64, steps: 3000 },
  affine: { rotation: 5, shear: 5, scale: 5, translation: 5 },
} as const;

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

/** Small changes to a picture that is centred and upright already. */
const NARROW = { rotation: 3, shear: 0, scale: 3, translation: 3 } as const;

/** Clusters of images against instances: what was best for each among eight trials on held-out classes, see `CHOICE`. */
export const COMPARISON = {
  clusters: {},
  instances: { augmentation: NARROW, temperature: 0.1 },
} satisfies Readonly<Record<string, PartialConfiguration & { readonly temperature?: number }>>;
