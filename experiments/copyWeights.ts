/** The weights and running statistics of one network, put into another that has all of its names, and may have more. */
import type { Module, StoredValues } from "../src/nn/index.js";

export async function copyWeights(from: Module, to: Module): Promise<void> {
  const values = new Map<string, StoredValues>();
  for (const [name, tensor] of [...to.stateDictionary(), ...from.stateDictionary()]) {
    values.set(name, { shape: tensor.shape, data: await tensor.data() });
  }
  to.loadStateDictionary(values);
}
