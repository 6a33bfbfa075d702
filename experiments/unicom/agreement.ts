/**
 * How well clusters agree with the true classes, and how well they would by chance. Many small clusters are fairly pure, and share much
 * information with many small classes, whatever is in them; so the same is measured of the same clusters after a permutation of
 * their rows, which keeps every size and nothing else.
 */
import { normalizedMutualInformation, purity } from "../../src/evaluation/index.js";
import { stream } from "../../src/tensor/random.js";

export interface Measures {
  readonly purity: number;
  readonly mutualInformation: number;
}

export interface Agreement extends Measures {
  readonly chance: Measures;
}

export function agreementOf(clusters: Int32Array, classes: Int32Array, seed: number): Agreement {
  const permuted = stream(seed, "chance").shuffle(clusters.slice());
  return { ...measures(clusters, classes), chance: measures(permuted, classes) };
}

function measures(clusters: Int32Array, classes: Int32Array): Measures {
  return { purity: purity(clusters, classes), mutualInformation: normalizedMutualInformation(clusters, classes) };
}

/** What there is beyond chance. */
export function beyondChance({ purity, mutualInformation, chance }: Agreement): Measures {
  return { purity: purity - chance.purity, mutualInformation: mutualInformation - chance.mutualInformation };
}
