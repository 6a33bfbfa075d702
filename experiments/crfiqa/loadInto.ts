/** Backbone and centers of one network, put into another of the same kind. */
import type { StoredValues } from "../../src/nn/index.js";
import type { Trainee } from "../../src/training/trainingStep.js";
import type { Trained } from "../trainNetwork.js";

export async function loadInto({ backbone, head }: Trainee, { backbone: from, head: centers }: Trained): Promise<void> {
  const values = new Map<string, StoredValues>();
  for (const [name, tensor] of [...backbone.stateDictionary(), ...from.stateDictionary()]) {
    values.set(name, { shape: tensor.shape, data: await tensor.data() });
  }
  backbone.loadStateDictionary(values);
  const { store } = centers.centers;
  head.centers.store.load(0, await store.read(0, store.rows));
}
