/** Backbone and centers of one network, put into another of the same kind. */
import type { Trainee } from "../src/training/trainingStep.js";
import { copyWeights } from "./copyWeights.js";
import type { Trained } from "./trainNetwork.js";

export async function loadInto({ backbone, head }: Trainee, { backbone: from, head: centers }: Trained): Promise<void> {
  await copyWeights(from, backbone);
  const { store } = centers.centers;
  head.centers.store.load(0, await store.read(0, store.rows));
}
