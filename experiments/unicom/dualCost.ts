/**
 * Claim 4: sampling classes and selecting dimensions save by their product: counted as floating-point operations and bytes, and measured, in turn,
 * on a step of the head alone: forward, backward, and the update of the sampled centers.
 */
import { parameter } from "../../src/autograd/index.js";
import { SGD } from "../../src/nn/index.js";
import { cosFace, headCost, PartialFC } from "../../src/pfc/index.js";
import { hashNormal, stream } from "../../src/tensor/random.js";
import type { Engine } from "../../src/tensor/engine.js";

/** r and f. */
const CASES: readonly (readonly [ratio: number, features: number])[] = [
  [1, 512],
  [1, 256],
  [1, 128],
  [0.3, 512],
  [0.3, 256],
  [0.1, 512],
  [0.1, 256],
  [0.1, 128],
];
export const HEAD = { classes: 20_000, embedding: 512, batch: 128 } as const;
export const ROUNDS = 9;

export interface DualCost {
  readonly ratio: number;
  readonly features: number;
  /** As a share of r = 1, f = d: of the operations of the three products, and of the compared centers' bytes. */
  readonly operations: number;
  readonly bytes: number;
  /** Median time of a step, milliseconds, and as a share. */
  readonly milliseconds: number;
  readonly time: number;
}

export function dualCost(engine: Engine, seed: number): DualCost[] {
  const { classes, embedding, batch } = HEAD;
  const rows = embeddingRows(batch, embedding, seed);
  const labels = Int32Array.from({ length: batch }, (_, row) => (row * 7919) % classes);
  const heads = CASES.map(([ratio, features]) => {
    const head = new PartialFC(engine, { classes, embedding, ratio, features, margin: cosFace(), path: "fused", seed });
    return { ratio, features, head, optimizer: new SGD(head, { momentum: 0.9, decay: 5e-4 }), times: [] as number[] };
  });
  for (let round = 0; round < ROUNDS; round++) {
    for (const { head, optimizer, times } of heads) {
      const started = performance.now();
      engine.scope(() => {
        const leaf = parameter(engine.tensor(rows, [batch, embedding]));
        head.loss(leaf, labels, round).backward();
        optimizer.step({ rate: 0.01 });
        optimizer.zeroGrad();
        leaf.zeroGrad();
      });
      times.push(performance.now() - started);
    }
  }
  const whole = headCost({ ...HEAD, ratio: 1 });
  const full = median(heads[0].times);
  return heads.map(({ ratio, features, head, optimizer, times }) => {
    optimizer.dispose();
    head.dispose();
    const cost = headCost({ ...HEAD, ratio, features });
    const milliseconds = median(times);
    return {
      ...{ ratio, features, milliseconds, time: milliseconds / full },
      operations: cost.flops / whole.flops,
      bytes: cost.gatheredBytes / whole.gatheredBytes,
    };
  });
}

function embeddingRows(rows: number, columns: number, seed: number): Float32Array {
  const key = stream(seed, "embeddings").key();
  return Float32Array.from({ length: rows * columns }, (_, i) => hashNormal(key, i, 0));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
