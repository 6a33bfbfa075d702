/** Claim 8: the mean of an image's descriptors at several sizes, against that of one. Sizes are made bilinearly, without antialiasing, as published. */
import type { ImageSet } from "../../src/data/ImageSet.js";
import type { Engine } from "../../src/tensor/engine.js";
import { embedImages } from "../../src/training/embedImages.js";
import type { Trained } from "../trainNetwork.js";
import { judgeEmbeddings, type Judgement } from "./judge.js";

/** The published 0.35 and 0.5 leave nothing of an image of 16 pixels. */
export const IMAGE_SCALES = [0.7, 1, 1.4] as const;

export interface SeveralScales {
  /** Of each of `IMAGE_SCALES` alone. */
  readonly alone: readonly Judgement[];
  readonly averaged: Judgement;
}

export async function severalScales(engine: Engine, { backbone }: Trained, test: ImageSet): Promise<SeveralScales> {
  const at = async (...scales: number[]): Promise<Judgement> =>
    judgeEmbeddings(await embedImages({ engine, backbone, set: test, scales }), test);
  const alone: Judgement[] = [];
  for (const scale of IMAGE_SCALES) alone.push(await at(scale));
  return { alone, averaged: await at(...IMAGE_SCALES) };
}
