/** Everything that is measured of one seed: its quality network, the network without quality of the same seed, and another one to compare with. */
import { rankCorrelation, type CombineQuality } from "../../src/evaluation/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { embedImages } from "../../src/training/embedImages.js";
import { discardCurves, type Curves } from "./curves.js";
import { testPart, type Images } from "./images.js";
import { recognition, type Recognition } from "./recognition.js";
import { scoreAll, type Scores } from "./scores.js";
import { severitySweep, type Sweep } from "./severitySweep.js";
import type { Trained } from "../trainNetwork.js";
import { mean } from "../mean.js";

export interface Networks {
  readonly quality: Trained;
  /** The same seed without quality. */
  readonly plain: Trained;
  /** Another seed without quality: it compares. */
  readonly other: Trained;
}

export interface SeedResult {
  readonly seed: number;
  /** The pairs compared by the other network, and by the quality network itself. */
  readonly other: Curves;
  readonly own: Curves;
  /** The quality of a pair is the mean of its images' instead of the minimum; compared by the other network. */
  readonly byMean: Curves;
  readonly sweep: Sweep;
  readonly withQuality: Recognition;
  readonly without: Recognition;
  /** By epoch: Spearman's of score and target, mean CCS, mean NNCCS. */
  readonly epochs: readonly Epoch[];
  /** Spearman's of score and −severity over the test images. */
  readonly severityCorrelation: number;
}

export interface Epoch {
  readonly correlation: number;
  readonly classCenter: number;
  readonly nearestNegative: number;
}

export async function measureSeed(
  engine: Engine,
  images: Images,
  seed: number,
  { quality, plain, other }: Networks,
): Promise<SeedResult> {
  const part = testPart(images, seed);
  const { embedding } = quality.configuration.network;
  const scored = await scoreAll(engine, part.set, { quality, recognition: other, seed });
  const curves = (embeddings: Float32Array, combine?: CombineQuality): Curves =>
    discardCurves(scored.scores, embeddings, embedding, part.pairs, combine);
  const { clean } = images;
  const degraded = await embedImages({ engine, backbone: plain.backbone, set: part.set });
  return {
    seed,
    other: curves(scored.other),
    own: curves(scored.own),
    byMean: curves(scored.other, "mean"),
    sweep: await severitySweep(engine, clean, quality, seed),
    withQuality: await recognition(engine, quality, { clean, part, degraded: scored.own }),
    without: await recognition(engine, plain, { clean, part, degraded }),
    epochs: epochsOf(quality),
    severityCorrelation: correlation(scored.scores),
  };
}

function correlation(scores: Scores): number {
  return rankCorrelation(scores["CR-FIQA"], scores["oracle: true severity"]);
}

function epochsOf({ steps, stepsPerEpoch }: Trained): Epoch[] {
  const epochs: Epoch[] = [];
  for (let first = 0; first + stepsPerEpoch <= steps.length; first += stepsPerEpoch) {
    const numbers = steps.slice(first, first + stepsPerEpoch).map(({ quality }) => quality!);
    const meanOf = (key: keyof Epoch): number => mean(numbers.map((step) => step[key]));
    epochs.push({
      correlation: meanOf("correlation"),
      classCenter: meanOf("classCenter"),
      nearestNegative: meanOf("nearestNegative"),
    });
  }
  return epochs;
}
