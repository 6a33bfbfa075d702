/**
 * The settings of the experiment, chosen on training alphabets that were held out (`--held-out` repeats that choice), never on the test half.
 *
 * As the paper has them but for size: scale and margin for a network of this size, images of 32 pixels, an embedding of 64.
 */
import { complete, type PartialConfiguration } from "../../src/training/configuration.js";

export const SETTINGS: PartialConfiguration = {
  dataset: { name: "omniglot", side: 32 },
  augmentation: { rotation: 10, shear: 10, scale: 10, translation: 8, degrade: 0.7 },
  network: { widths: [16, 32, 64], blocks: [1, 1, 1], embedding: 64, stemStride: 2 },
  head: { ratio: 1, margin: { kind: "arcface", scale: 24, margin: 0.1, beyondPi: "wrap" } },
  quality: { unitRate: 1 }, // as published
  optimizer: { rate: 0.1, momentum: 0.9, nesterov: false, decay: 5e-4, clip: 5 },
  schedule: { kind: "multi-step", milestones: [0.6, 0.85] },
  batch: 128,
  steps: 1200,
};

/** What was tried on the held-out alphabets, for the page. */
export const CHOICE = `On the five held-out training alphabets (151 classes), the quality network of seed 101 and the other one of seed 102, before the test half was touched; AUC at an FMR of 1e-2, threshold of the full set, compared by the other network; own FNMR: at an FMR of
1e-2 without discarding, compared by the quality network itself.

| training classes | margin | λ | steps | CCS, NNCCS at the end | own FNMR | CR-FIQA | random | oracle |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
| 813 | 0.2 | 10 | 600 | 0.06, 0.13 | 0.941 | 0.561 | 0.511 | 0.430 |
| 240 | 0.2 | 10 | 1500 | 0.18, 0.25 | 0.932 | 0.314 | 0.402 | 0.317 |
| 240 | 0.1 | 10 | 2000 | 0.52, 0.52 | 0.685 | 0.297 | 0.406 | 0.327 |
| 240 | 0.1 | 3 | 1500 | 0.73, 0.62 | 0.481 | 0.304 | 0.436 | 0.349 |
| 240 | 0.1 | 1 | 1500 | 0.75, 0.62 | 0.466 | 0.314 | 0.436 | 0.349 |
| 240 | 0.1 | 3.75 | 1500 | 0.66, 0.59 | 0.570 | 0.282 | 0.436 | 0.349 |
| 240 | 0.1 | 3.75 | 1200 | 0.59, 0.55 | 0.607 | 0.291 | 0.440 | 0.354 |
| 240 | 0.1 | 3.75, unit at 0.1 of the rate | 1200 | 0.75, 0.63 | 0.500 | 0.315 | 0.440 | 0.354 |
| 240 | 0.1 | 3.75, unit at 0.03 of the rate | 1200 | 0.75, 0.62 | 0.486 | 0.297 | 0.440 | 0.354 |
| 240 | 0.1 | 3.75, unit at 0.01 of the rate | 1200 | 0.75, 0.62 | 0.469 | 0.301 | 0.440 | 0.354 |
| 240 | 0.1 | 10, unit at 0.03 of the rate | 1200 | 0.74, 0.62 | 0.488 | 0.299 | 0.440 | 0.354 |

The paper's λ = 10 belongs to its scale of 64; at scale 24 the regression takes so much of the clipped gradient that the network is undertrained. In proportion to the scale it is 3.75, which is the default. An undertrained network
(first row) has scores that are worse than chance. The steps were cut to 1200, so that the experiment keeps within ten minutes; without quality the own FNMR is then 0.483. The last rows came after the test half had been evaluated: they look for
the reason why recognition suffers, and 0.03 is the default of \`pfc train\`. The tables above are of the published rule, one rate for all, and name the other where they have it.`;

/** The learning rate of the unit as a share of the backbone's, by default of `pfc train`: there the regression is stable from the first step. */
export const STABLE_UNIT_RATE = complete({}).quality.unitRate;

/** Of the comparison: as many as the reference run of the specification had. */
export const PAIRS = { genuine: 6000, impostor: 20_000 } as const;
