/**
 * Claim 6: one selection of dimensions for all ranks makes four ranks one rank; one of its own for each rank, as the public code draws it, makes
 * another loss of the same data.
 */
import { constant, noGrad } from "../../src/autograd/index.js";
import { cosFace, PartialFC, type FeatureMask } from "../../src/pfc/index.js";
import { InProcessRanks } from "../../src/ranks/index.js";
import { hashNormal, stream } from "../../src/tensor/random.js";
import type { Engine } from "../../src/tensor/engine.js";

const HEAD = { classes: 400, embedding: 64, features: 24, rows: 64 } as const;
const STEPS = 20;
export const RANKS = 4;

export interface Masks {
  readonly mask: FeatureMask;
  /** Mean loss over the steps on one rank and on four. */
  readonly one: number;
  readonly many: number;
  /** The largest difference of a step, as a share of its loss. */
  readonly largest: number;
}

/** Rows lie near the center of their class; r = 1. */
export function masks(engine: Engine, seed: number): Masks[] {
  return (["shared", "per-rank"] as const).map((mask) => {
    const [one, many] = [1, RANKS].map((ranks) => losses(engine, ranks, mask, seed));
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / STEPS;
    const largest = Math.max(...one.map((loss, step) => Math.abs(many[step] - loss) / loss));
    return { mask, one: mean(one), many: mean(many), largest };
  });
}

function losses(engine: Engine, ranks: number, featureMask: FeatureMask, seed: number): number[] {
  const { classes, embedding, features, rows } = HEAD;
  const group = new InProcessRanks(engine, ranks);
  const margin = cosFace({ scale: 24, margin: 0.1 });
  const heads = group.communicators.map(
    (communicator) =>
      new PartialFC(engine, {
        classes,
        embedding,
        features,
        featureMask,
        margin,
        ratio: 1,
        deviation: 1,
        seed,
        communicator,
      }),
  );
  const centers = group.run(({ rank }) => heads[rank].centers.store.gather(allRows(heads[rank].shard.classes)));
  const known = centers.flatMap((tensor) => [...tensor.dataSync()]);
  const found: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const labels = Int32Array.from({ length: rows }, (_, row) => (step * rows + row * 13) % classes);
    const key = stream(seed, "rows", step).key();
    const x = Float32Array.from({ length: rows * embedding }, (_, i) => {
      const [row, column] = [Math.floor(i / embedding), i % embedding];
      return known[labels[row] * embedding + column] + 0.8 * hashNormal(key, row, column);
    });
    const own = rows / ranks;
    const [loss] = group.run(({ rank }) => {
      const part = x.subarray(rank * own * embedding, (rank + 1) * own * embedding);
      return noGrad(() =>
        heads[rank]
          .loss(constant(engine.tensor(part, [own, embedding])), labels.subarray(rank * own, (rank + 1) * own), step)
          .tensor.dataSync(),
      );
    });
    found.push(loss[0]);
  }
  for (const head of heads) head.dispose();
  return found;
}

function allRows(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => row);
}
