/**
 * Claim 2: sampling classes protects from pseudo-classes that conflict (arXiv 2304.05884, section 3.2). Where one true class is several clusters,
 * a softmax over all of them pushes apart what belongs together; over a sample, two clusters of one class rarely meet.
 *
 * Conflict is made twice: every true class is cut into three at random, so that all clusters are pure and a third of their class; and k-means
 * on pixels is asked for three times as many clusters as there are classes.
 */
import type { ImageSet } from "../../src/data/ImageSet.js";
import { relabelImages } from "../../src/data/relabelImages.js";
import { purity } from "../../src/evaluation/index.js";
import { hashUniform, stream } from "../../src/tensor/random.js";
import type { Engine } from "../../src/tensor/engine.js";
import { overlay } from "../../src/training/configuration.js";
import { kMeans, rowsOf } from "../../src/unicom/index.js";
import { pixelFeatures } from "../../src/data/pixelFeatures.js";
import { CONFLICT } from "./settings.js";
import { transfer } from "./transfer.js";

/** r */
export const RATIOS = [1, 0.3, 0.1] as const;
export const PIECES = 3;
const PIXEL_SIDE = 10;

export type Classes = "true classes" | "cut into three" | "k-means, three times as many";

export interface Conflict {
  readonly classes: Classes;
  readonly count: number;
  /** Share of the images that are of their cluster's most frequent true class. */
  readonly purity: number;
  /** R@1 on unseen classes at each of `RATIOS`. */
  readonly recall: readonly number[];
}

export async function conflict(engine: Engine, train: ImageSet, test: ImageSet, seed: number): Promise<Conflict[]> {
  const key = stream(seed, "pieces").key();
  const cut = train.labels.map((label, image) => PIECES * label + Math.floor(PIECES * hashUniform(key, image, 0)));
  const features = await pixelFeatures(train, { side: PIXEL_SIDE });
  const rows = rowsOf(features, train.channels * PIXEL_SIDE ** 2);
  const clusters = await kMeans(engine, rows, {
    clusters: PIECES * train.classes,
    spherical: true,
    seed,
    iterations: 15,
  });
  const named: readonly (readonly [Classes, Int32Array])[] = [
    ["true classes", train.labels],
    ["cut into three", cut],
    ["k-means, three times as many", clusters.labels],
  ];
  const found: Conflict[] = [];
  for (const [classes, labels] of named) {
    const set = relabelImages(train, labels, classes);
    const recall: number[] = [];
    for (const ratio of RATIOS) {
      const settings = overlay(CONFLICT, { head: { ratio }, seed });
      recall.push((await transfer(engine, set, test, settings)).recallAtOne);
    }
    found.push({ classes, count: set.classes, purity: purity(labels, train.labels), recall });
  }
  return found;
}
