/**
 * One step of the Partial FC head as a work: sampling, gather, cosines, margin, loss, both gradients, update with momentum.
 *
 * Labels and embeddings are new in every step, as they are in training: nothing that a step computed serves the next. Heads of several
 * ratios share one table of centers and one of momentum, so that a sweep of ratios takes no more memory than a single one.
 */
import { parameter, type Variable } from "../autograd/index.js";
import { RowParameter, SGD } from "../nn/index.js";
import { cosFace, PartialFC } from "../pfc/index.js";
import type { Engine } from "../tensor/engine.js";
import { hashBits, hashUniform, stream } from "../tensor/random.js";
import type { RowStore } from "../tensor/rowStore.js";
import { headModel, type HeadSize } from "./headModel.js";
import type { Work } from "./work.js";

/** Learning rate, momentum and decay of the published trainings. */
const RATE = 0.1;
const RULE = { momentum: 0.9, decay: 5e-4 };

/** Centers and momentum of all heads of one engine. */
export interface HeadTable {
  readonly engine: Engine;
  readonly centers: RowParameter;
  readonly optimizer: SGD;
  dispose(): void;
}

export async function headTable(
  engine: Engine,
  { classes, embedding, update, storage }: Pick<HeadSize, "classes" | "embedding" | "update" | "storage">,
): Promise<HeadTable> {
  const initialize = { key: stream("benchmark", "centers").key(), first: 0, deviation: 0.01 };
  const centers = new RowParameter("centers", engine.rowStore(classes, embedding, { initialize, storage }), update);
  const optimizer = new SGD(centers, RULE);
  for (const store of optimizer.state().rows.values()) await touch(store);
  return {
    engine,
    centers,
    optimizer,
    dispose: () => {
      optimizer.dispose();
      centers.dispose();
    },
  };
}

/** Which code computes a step: the readable formula, the fused sweeps over the table, or sweeps that keep no cosines from pass to pass. */
export type HeadPath = "formula" | "fused" | "blocks";

/** A step of the head on that table. */
export function headWork(
  { engine, centers, optimizer }: HeadTable,
  size: HeadSize,
  path: HeadPath,
  { name, variant }: Pick<Work, "name" | "variant">,
): Work {
  const { classes, embedding, batch, ratio } = size;
  const computed = { path: path === "blocks" ? "fused" : path, keepCosines: path !== "blocks" } as const;
  const shared = { sharedCenters: centers, ...computed, seed: "benchmark" };
  const head = new PartialFC(engine, { classes, embedding, ratio, margin: cosFace(), ...shared });
  const { operations, bytes, sampled } = headModel(size);
  const key = stream("benchmark", "batches").key();
  let step = 0;
  let labels = new Int32Array(batch);
  let embeddings: Variable | undefined;
  return {
    name,
    variant,
    engine: engine.name,
    settings: { ...size, path, sampled },
    operations,
    bytes,
    prepare: () => {
      release(embeddings);
      step++;
      labels = labels.map((_, row) => hashBits(key, step, row) % classes);
      const values = new Float32Array(batch * embedding).map((_, i) => hashUniform(key, step, i) - 0.5);
      embeddings = parameter(engine.tensor(values, [batch, embedding]));
    },
    run: () => {
      engine.scope(() => head.loss(embeddings!, labels, step).backward());
      engine.scope(() => optimizer.step({ rate: RATE }));
      optimizer.zeroGrad();
    },
    settle: async () => engine.ready(),
  };
}

/**
 * Writes every row once. Zeros that were never written take no memory and cost a page fault when a step first meets them; in the
 * middle of a training there are none left.
 */
async function touch(store: RowStore): Promise<void> {
  const rows = Math.max(1, Math.floor(2 ** 20 / store.columns));
  const zeros = new Float32Array(rows * store.columns);
  for (let start = 0; start < store.rows; start += rows) {
    store.load(start, zeros.subarray(0, Math.min(rows, store.rows - start) * store.columns));
    await store.engine.ready(); // a queue would hold a copy of them all
  }
}

function release(variable: Variable | undefined): void {
  variable?.zeroGrad();
  variable?.tensor.dispose();
}
