/** The heads of all ranks over the centers of a problem, and what each of them is asked. */
import { Variable } from "../../src/autograd/index.js";
import { gradientOf } from "../../src/nn/updateRows.js";
import type { Margin } from "../../src/pfc/margins/margin.js";
import { PartialFC } from "../../src/pfc/partialFC.js";
import { shardOf } from "../../src/pfc/shard.js";
import { InProcessRanks } from "../../src/ranks/inProcessRanks.js";
import type { Engine } from "../../src/tensor/engine.js";
import type { HeadProblem } from "../arbitraries/headProblems.js";

export interface ProblemHeadSettings {
  readonly ratio: number;
  readonly margin: Margin;
  readonly filter?: number;
  readonly path?: "formula" | "fused";
  readonly keepCosines?: boolean;
  readonly bounded?: boolean;
  /** The classes of the step, in place of what the seed draws. */
  readonly sample?: readonly number[];
  /** In which the ranks take their turns. */
  readonly order?: readonly number[];
}

export interface ProblemHeads {
  readonly group: InProcessRanks;
  readonly heads: readonly PartialFC[];
}

export function problemHeads(
  engine: Engine,
  ranks: number,
  { classes, embedding, centers }: HeadProblem,
  { sample, order, ...settings }: ProblemHeadSettings,
): ProblemHeads {
  const group = new InProcessRanks(engine, ranks, order);
  const heads = group.communicators.map((communicator) => {
    const { start, classes: own } = shardOf(classes, communicator.rank, ranks);
    const local = sample?.filter((j) => j >= start && j < start + own).map((j) => j - start);
    const sampler = local && (() => Int32Array.from(local));
    const head = new PartialFC(engine, { ...settings, classes, embedding, sampler, communicator, seed: 7 });
    const rows = centers.slice(start * embedding, (start + own) * embedding);
    head.centers.store.load(0, engine.float === "float64" ? rows : Float32Array.from(rows));
    return head;
  });
  return { group, heads };
}

/** The rows of a rank in the first step: a leaf, and their labels. */
export function rowsOfRank(
  engine: Engine,
  { embedding, batches: [{ labels, embeddings }] }: HeadProblem,
  rank: number,
  ranks: number,
): { readonly x: Variable; readonly y: Int32Array } {
  const rows = labels.length / ranks;
  const values = embeddings.subarray(rank * rows * embedding, (rank + 1) * rows * embedding);
  return {
    x: new Variable(engine.tensor(values, [rows, embedding]), true),
    y: Int32Array.from(labels.slice(rank * rows, (rank + 1) * rows)),
  };
}

/** dL/dw of all classes of a rank, 0 where none was sampled. */
export function centerGradients({ centers, shard, embedding }: PartialFC): number[] {
  const dw = new Array<number>(shard.classes * embedding).fill(0);
  for (const pending of centers.pending) {
    const rows = gradientOf(pending).dataSync();
    pending.index.forEach((row, position) => {
      for (let e = 0; e < embedding; e++) dw[row * embedding + e] += rows[position * embedding + e];
    });
  }
  return dw;
}

export interface Classified {
  /** As every rank reports it. */
  readonly losses: readonly number[];
  /** Of all rows: [N] */
  readonly own: readonly number[];
  readonly nearest: readonly number[];
  /** [N·E], [C·E] */
  readonly dx: readonly number[];
  readonly dw: readonly number[];
  /** The classes that any rank sampled, ascending. */
  readonly sampled: readonly number[];
}

/** The first step of a problem on that many ranks; of "loss" without the similarities. */
export function classified(
  engine: Engine,
  ranks: number,
  problem: HeadProblem,
  settings: ProblemHeadSettings,
  ask: "classify" | "loss" = "classify",
): Classified {
  const { group, heads } = problemHeads(engine, ranks, problem, settings);
  const answers = group.run(({ rank }) => {
    const head = heads[rank];
    head.centers.clear();
    const { x, y } = rowsOfRank(engine, problem, rank, ranks);
    try {
      const { loss, ...near } = ask === "loss" ? { loss: head.loss(x, y, 0) } : head.classify(x, y, 0);
      loss.backward();
      const { own = [], nearest = [] } = "own" in near ? { own: near.own.dataSync(), nearest: near.nearest.dataSync() } : {}; // prettier-ignore
      return {
        loss: loss.dataSync()[0],
        own: Array.from(own),
        nearest: Array.from(nearest),
        dx: Array.from(x.grad!.dataSync()),
        dw: centerGradients(head),
        sampled: Array.from(head.lastSample!.index, (j) => j + head.shard.start),
      };
    } finally {
      x.zeroGrad();
    }
  });
  for (const head of heads) {
    head.centers.clear();
    head.dispose();
  }
  return {
    losses: answers.map(({ loss }) => loss),
    own: answers.flatMap(({ own }) => own),
    nearest: answers.flatMap(({ nearest }) => nearest),
    dx: answers.flatMap(({ dx }) => dx),
    dw: answers.flatMap(({ dw }) => dw),
    sampled: answers.flatMap(({ sampled }) => sampled),
  };
}
