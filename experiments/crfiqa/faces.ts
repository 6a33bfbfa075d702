/**
 * The demonstration on real faces: CMU Face Images (Mitchell 1997), 20 people, four poses, with and without sunglasses.
 *
 * Each half of the people is scored by networks that were trained on the other half. Trained on all of its pictures, such a network has seen as
 * many with sunglasses as without, and neither is further from its class center; trained without sunglasses and profiles, it meets
 * them as something new. Both are reported. With ten classes this shows what a score does on photographs, and no more.
 */
import { CMU_FACES } from "../../src/data/cmuFaces.js";
import type { HostImageSet } from "../../src/data/ImageSet.js";
import { openCmuFaces } from "../../src/data/openCmuFaces.node.js";
import { indicesWhere, selectImages } from "../../src/data/selectImages.js";
import { rankCorrelation } from "../../src/evaluation/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { embedImages } from "../../src/training/embedImages.js";
import { scoreEmbeddings } from "../../src/training/scoreImages.js";
import { qualityNetworkOf, trainWithSettings } from "./qualityTraining.js";
import { mean } from "../mean.js";

const STEPS = 120;
const SEEDS = 3;
const HALVES = [0, 1] as const;

export const TRAINED_ON = ["all pictures", "no sunglasses, no profiles"] as const;
export type TrainedOn = (typeof TRAINED_ON)[number];

export interface FaceGroup {
  readonly pose: (typeof CMU_FACES.pose)[number];
  readonly eyes: (typeof CMU_FACES.eyes)[number];
  readonly pictures: number;
  /** Mean score over pictures and networks, of each half of the people. */
  readonly scores: readonly number[];
}

export interface Faces {
  readonly trainedOn: TrainedOn;
  readonly groups: readonly FaceGroup[];
  /** Spearman's, of score and open eyes, and of score and a face that is not in profile: one for each half and seed. */
  readonly eyes: readonly number[];
  readonly pose: readonly number[];
}

/** Of one half of the people, by one network. */
interface Scored {
  readonly half: (typeof HALVES)[number];
  readonly scores: Float32Array;
  readonly pose: Int32Array;
  readonly eyes: Int32Array;
}

export async function faces(engine: Engine, folder: string, seed: number): Promise<Faces[]> {
  const all = await openCmuFaces(folder);
  const results: Faces[] = [];
  for (const trainedOn of TRAINED_ON) {
    const scored: Scored[] = [];
    for (const half of HALVES) {
      for (let k = 0; k < SEEDS; k++)
        scored.push(await scoreHalf(engine, all, { half, trainedOn, seed: `faces ${seed} ${k}` }));
    }
    results.push({
      trainedOn,
      groups: groupsOf(scored),
      eyes: scored.map(({ scores, eyes }) =>
        rankCorrelation(
          scores,
          eyes.map((value) => -value),
        ),
      ),
      pose: scored.map(({ scores, pose }) =>
        rankCorrelation(
          scores,
          pose.map((value) => (isProfile(value) ? -1 : 0)),
        ),
      ),
    });
  }
  return results;
}

function isProfile(pose: number): boolean {
  return CMU_FACES.pose[pose] === "left" || CMU_FACES.pose[pose] === "right";
}

async function scoreHalf(
  engine: Engine,
  all: HostImageSet,
  { half, trainedOn, seed }: { readonly half: 0 | 1; readonly trainedOn: TrainedOn; readonly seed: string },
): Promise<Scored> {
  const { pose, eyes } = all.columns;
  const wanted = (image: number): boolean =>
    trainedOn === "all pictures" || (eyes[image] === 0 && !isProfile(pose[image]));
  const train = selectImages(
    all,
    indicesWhere(all, (image) => all.labels[image] % 2 !== half && wanted(image)),
    "people to train on",
  );
  const test = selectImages(
    all,
    indicesWhere(all, (image) => all.labels[image] % 2 === half),
    "people to score",
  );
  const trained = await trainWithSettings(engine, train, {
    ...{ seed, steps: STEPS, batch: 64, augmentation: { flip: 0.5 } },
    quality: { variant: "simultaneous" },
  });
  const network = qualityNetworkOf(trained);
  const { embedding } = trained.configuration.network;
  const embeddings = await embedImages({ engine, backbone: network, set: test });
  const scores = await scoreEmbeddings({ engine, network }, embeddings, embedding);
  trained.dispose();
  return { half, scores, pose: test.columns.pose, eyes: test.columns.eyes };
}

function groupsOf(scored: readonly Scored[]): FaceGroup[] {
  return CMU_FACES.pose.flatMap((pose, p) =>
    CMU_FACES.eyes.map((eyes, e): FaceGroup => {
      const ofHalf = HALVES.map((half) =>
        scored
          .filter((part) => part.half === half)
          .flatMap((part) => [...part.scores.filter((_, i) => part.pose[i] === p && part.eyes[i] === e)]),
      );
      return {
        pose,
        eyes,
        pictures: ofHalf.reduce((sum, { length }) => sum + length, 0) / SEEDS,
        scores: ofHalf.map(mean),
      };
    }),
  );
}
