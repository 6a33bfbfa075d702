/**
 * Claim 2: sampling classes protects from pseudo-classes that conflict (arXiv 2304.05884, section 3.2). Where one true class is several clusters,
 * a softmax over all of them pushes apart what belongs together; over a sample, two clusters of one class rarely meet.
 *
 * Conflict is made twice, on characters in type: every true class is cut into three at random, so that all clusters are pure and a third of
 * their class; and k-means on pixels is asked for three times as many clusters as there are classes. The network is a perceptron: conflict does its
 * harm late, when the training classes are known by heart, and steps have to be cheap to get there.
 */
import { loader } from "../../src/data/loader.js";
import type { ImageSet } from "../../src/data/ImageSet.js";
import { pixelFeatures } from "../../src/data/pixelFeatures.js";
import { relabelImages } from "../../src/data/relabelImages.js";
import { purity } from "../../src/evaluation/index.js";
import { BatchNorm1d, Flatten, Linear, PReLU, Sequential, SGD } from "../../src/nn/index.js";
import { cosFace, PartialFC } from "../../src/pfc/index.js";
import { hashUniform, stream } from "../../src/tensor/random.js";
import type { Engine } from "../../src/tensor/engine.js";
import { trainingStep } from "../../src/training/trainingStep.js";
import { kMeans, rowsOf } from "../../src/unicom/index.js";
import { CONFLICT } from "./settings.js";
import { judge } from "./judge.js";

/** r */
export const RATIOS = [1, 0.1] as const;
const PIECES = 3;
const PIXEL_SIDE = 8;

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
  const rows = rowsOf(await pixelFeatures(train, { side: PIXEL_SIDE }), train.channels * PIXEL_SIDE ** 2);
  const clusters = await kMeans(engine, rows, { clusters: PIECES * train.classes, spherical: true, seed });
  const named: readonly (readonly [Classes, Int32Array])[] = [
    ["true classes", train.labels],
    ["cut into three", cut],
    ["k-means, three times as many", clusters.labels],
  ];
  const found: Conflict[] = [];
  for (const [classes, labels] of named) {
    const set = relabelImages(train, labels, classes);
    const recall: number[] = [];
    for (const ratio of RATIOS) recall.push(await perceptronRecall(engine, set, test, ratio, seed));
    found.push({ classes, count: set.classes, purity: purity(labels, train.labels), recall });
  }
  return found;
}

/** R@1 on the test images of a perceptron trained on these classes. */
async function perceptronRecall(
  engine: Engine,
  set: ImageSet,
  test: ImageSet,
  ratio: number,
  seed: number,
): Promise<number> {
  const { hidden, embedding, scale, margin, rate, momentum, decay, clip, batch, steps, affine } = CONFLICT;
  const layer = (from: number) => [new Linear({ in: from, out: hidden }), new BatchNorm1d(hidden), new PReLU(hidden)];
  const pixels = set.channels * set.height * set.width;
  const output = [new Linear({ in: hidden, out: embedding }), new BatchNorm1d(embedding)];
  const backbone = new Sequential([new Flatten(), ...layer(pixels), ...layer(hidden), ...output]);
  backbone.allocate(engine, seed);
  const loss = { margin: cosFace({ scale, margin }), ratio, path: "fused", deviation: 0.04 } as const;
  const head = new PartialFC(engine, { classes: set.classes, embedding, seed, ...loss });
  const [backboneOptimizer, headOptimizer] = [backbone, head].map((of) => new SGD(of, { momentum, decay }));
  const trainee = { engine, backbone, head, backboneOptimizer, headOptimizer, clip, seed };
  const shape = [set.channels, set.height, set.width] as const;
  for await (const images of loader({ set, batch, seed, augmentation: { affine } }).from(0, steps)) {
    await trainingStep(trainee, [images], { rate: rate * (1 - images.step / steps) }, shape);
  }
  const { recallAtOne } = await judge(engine, backbone, test);
  for (const held of [backboneOptimizer, headOptimizer, backbone, head]) held.dispose();
  return recallAtOne;
}
