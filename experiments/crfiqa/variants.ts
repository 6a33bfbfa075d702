/** The paper's ablation on one seed: the method, a unit on top of a finished network, and CCS alone as the target. Reported, not judged. */
import type { Engine } from "../../src/tensor/engine.js";
import { embedImages } from "../../src/training/embedImages.js";
import { scoreEmbeddings } from "../../src/training/scoreImages.js";
import {
  areaUnderDiscardCurve,
  comparisonDistances,
  errorVersusDiscard,
  pairQuality,
} from "../../src/evaluation/index.js";
import type { TestPart } from "./images.js";
import { fnmrAt1e2 } from "./recognition.js";
import type { Trained } from "../trainNetwork.js";
import { qualityNetworkOf } from "./qualityTraining.js";

export interface VariantResult {
  readonly name: string;
  /** At an FMR of 1e-2, threshold of the full set and of each subset. */
  readonly areas: readonly [fullSet: number, perSubset: number];
  /** FNMR at an FMR of 1e-2, compared by the variant's own network. */
  readonly ownFnmr: number;
}

/** Areas of each variant's scores; the pairs are compared by `other`. */
export async function compareVariants(
  engine: Engine,
  { set, pairs }: TestPart,
  other: Trained,
  variants: Readonly<Record<string, Trained>>,
): Promise<VariantResult[]> {
  const { embedding } = other.configuration.network;
  const compared = await embedImages({ engine, backbone: other.backbone, set });
  const distances = comparisonDistances(compared, embedding, pairs);
  const results: VariantResult[] = [];
  for (const [name, trained] of Object.entries(variants)) {
    const network = qualityNetworkOf(trained);
    const embeddings = await embedImages({ engine, backbone: network, set });
    const quality = pairQuality(await scoreEmbeddings({ engine, network }, embeddings, embedding), pairs);
    const area = (threshold: "fullSet" | "perSubset"): number =>
      areaUnderDiscardCurve(errorVersusDiscard({ distances, same: pairs.same, quality, fmrs: [1e-2], threshold }), 0);
    const ownFnmr = fnmrAt1e2(embeddings, embedding, pairs);
    results.push({ name, areas: [area("fullSet"), area("perSubset")], ownFnmr });
  }
  return results;
}
