/**
 * Claims 3 and 5: embeddings trained on random selections of their dimensions stay good when they are cut short (section 4), and how they are
 * cut matters. The same recipe with and without, tested on unseen classes.
 */
import type { ImageSet } from "../../src/data/ImageSet.js";
import {
  effectiveRank,
  prefixRecall,
  subsetRecall,
  type PrefixRecall,
  type SubsetRecall,
} from "../../src/evaluation/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { overlay } from "../../src/training/configuration.js";
import { embedImages } from "../../src/training/embedImages.js";
import { trainNetwork } from "../trainNetwork.js";
import { DRAWN } from "./settings.js";

/** f of the 128 dimensions that a step selects. */
export const SELECTED = [128, 64] as const;
export const WIDTHS = [4, 8, 16, 32, 64, 128] as const;
/** At most these dimensions is "cut short". */
export const SHORT = WIDTHS.filter((width) => width <= 16);
const SUBSET_DRAWS = 8;

export interface Compactness {
  readonly features: number;
  /** R@1 of the first dimensions: cut, then brought to length one; and the other way round, as the public evaluation does. */
  readonly sliceThenNormalise: readonly PrefixRecall[];
  readonly normaliseThenSlice: readonly PrefixRecall[];
  /** Of random dimensions, for `SHORT`. */
  readonly subsets: readonly SubsetRecall[];
  readonly participationRatio: number;
  /** Of the last step. */
  readonly loss: number;
}

export async function compactness(
  engine: Engine,
  train: ImageSet,
  test: ImageSet,
  seed: number,
): Promise<Compactness[]> {
  const found: Compactness[] = [];
  for (const features of SELECTED) {
    const trained = await trainNetwork(engine, train, overlay(DRAWN, { head: { features }, seed }));
    const embeddings = await embedImages({ engine, backbone: trained.backbone, set: test });
    const { embedding } = trained.configuration.network;
    const asked = { embeddings, labels: test.labels, embedding, widths: WIDTHS };
    found.push({
      features,
      sliceThenNormalise: await prefixRecall(asked),
      normaliseThenSlice: await prefixRecall({ ...asked, convention: "normaliseThenSlice" }),
      subsets: await subsetRecall({ ...asked, widths: SHORT, draws: SUBSET_DRAWS, seed }),
      participationRatio: effectiveRank({ embeddings, embedding, normalize: true }).participationRatio,
      loss: trained.steps.at(-1)!.loss,
    });
    trained.dispose();
  }
  return found;
}
