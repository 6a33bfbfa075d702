/** Omniglot for this experiment: classes to train on, and classes to test on of which every image is degraded once. */
import { degradedImageSet } from "../../src/data/degradedImageSet.js";
import type { ImageSet } from "../../src/data/ImageSet.js";
import { openDataSet } from "../../src/data/openDataSet.node.js";
import { indicesWhere, selectImages } from "../../src/data/selectImages.js";
import { randomPairs, type Pairs } from "../../src/evaluation/index.js";
import { stream } from "../../src/tensor/random.js";
import { PAIRS } from "./settings.js";

export interface Images {
  readonly train: ImageSet;
  /** As drawn. */
  readonly clean: ImageSet;
}

/** The first alphabets of the training half: 240 classes. More would need more steps than a laptop has minutes for. */
export const ALPHABETS = 8;

/** `heldOut`: the five alphabets that are kept of the training half, in place of the test half. The training part is the same. */
export async function openImages(folder: string | undefined, heldOut: boolean, alphabets = ALPHABETS): Promise<Images> {
  const { train, validation, test } = await openDataSet({ name: "omniglot", side: 32, holdOut: true, data: folder });
  const chosen = indicesWhere(train, (index) => train.columns.alphabet[index] < alphabets);
  return {
    train: selectImages(train, chosen, `omniglot, ${alphabets} alphabets`),
    clean: heldOut ? validation! : test,
  };
}

export interface TestPart {
  /** Each image degraded once, in one of five ways. */
  readonly set: ImageSet;
  readonly pairs: Pairs;
}

/** Degradations and pairs are others for every seed, so that the spread over seeds is that of the test images too. */
export function testPart({ clean }: Images, seed: number): TestPart {
  const set = degradedImageSet(clean, { seed: `test ${seed}` });
  const balanced = randomPairs(set.labels, 2 * Math.max(PAIRS.genuine, PAIRS.impostor), stream(seed, "pairs"));
  return { set, pairs: choose(balanced) };
}

/** The first genuine and the first impostor ones of pairs in random order. */
function choose({ first, second, same }: Pairs): Pairs {
  const wanted = { 1: PAIRS.genuine, 0: PAIRS.impostor };
  const seen = { 1: 0, 0: 0 };
  const kept = Int32Array.from(same.keys()).filter((p) => seen[same[p] as 0 | 1]++ < wanted[same[p] as 0 | 1]);
  return {
    first: kept.map((p) => first[p]),
    second: kept.map((p) => second[p]),
    same: Uint8Array.from(kept, (p) => same[p]),
  };
}
