/** Runs the heads of all ranks on a problem, step by step, and puts what they answer together in the order of one rank. */
import { Variable } from "../../src/autograd/index.js";
import type { Optimizer } from "../../src/nn/index.js";
import { gradientOf } from "../../src/nn/updateRows.js";
import type { Margin } from "../../src/pfc/margins/margin.js";
import type { MarginSupplier } from "../../src/pfc/margins/suppliedMargin.js";
import { PartialFC } from "../../src/pfc/partialFC.js";
import type { FeatureMask, FeatureSampler } from "../../src/pfc/sampleFeatures.js";
import { InProcessRanks } from "../../src/ranks/inProcessRanks.js";
import type { Engine } from "../../src/tensor/engine.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import type { RowStorage, RowStore } from "../../src/tensor/rowStore.js";
import type { HeadProblem } from "../arbitraries/headProblems.js";

export interface HeadSettings {
  /** r */
  readonly ratio: number;
  readonly margin: Margin;
  /** τ */
  readonly filter?: number;
  readonly update?: "sparse" | "dense";
  readonly path?: "formula" | "fused";
  readonly keepCosines?: boolean;
  readonly storage?: RowStorage;
  /** f and how it is drawn, as of `PartialFC`. */
  readonly features?: number;
  readonly featureMask?: FeatureMask;
  readonly featureSampler?: FeatureSampler;
  readonly similarity?: "cosine" | "product";
  readonly optimizer?: { readonly make: (of: PartialFC) => Optimizer; readonly rate: number };
  /** The classes of each step, ascending, in place of what the seed draws. */
  readonly samples?: readonly (readonly number[])[];
  /** In which the ranks take their turns. */
  readonly order?: readonly number[];
}

/** With a margin that is supplied, or made anew for every rank because it remembers something. */
export interface AnyHeadSettings extends Omit<HeadSettings, "margin"> {
  readonly margin: Margin | MarginSupplier | (() => Margin | MarginSupplier);
}

export interface HeadStep {
  /** As every rank reports it. */
  readonly losses: readonly number[];
  /** dL/dx of all rows: [N·E] */
  readonly dx: readonly number[];
  /** dL/dw of all classes, 0 where none was sampled: [C·E] */
  readonly dw: readonly number[];
  /** The classes that any rank sampled, ascending. */
  readonly sampled: readonly number[];
  /** What was supplied for the batch, as every rank reports it: s, m and the median cosine. */
  readonly supplied: readonly (readonly number[])[];
  /** What the margins remember after the step, as every rank has it. */
  readonly remembered: readonly (readonly number[])[];
}

export interface HeadRun {
  readonly steps: readonly HeadStep[];
  /** At the end: [C·E] */
  readonly centers: readonly number[];
  /** What the optimizer keeps beside the centers, by name ("velocity"): [C·E] each */
  readonly state: Readonly<Record<string, readonly number[]>>;
}

/** On `ranks` ranks, which need not be those of the problem as long as they divide its rows. */
export async function runHeads(
  engine: Engine,
  ranks: number,
  problem: HeadProblem,
  settings: AnyHeadSettings,
): Promise<HeadRun> {
  const group = new InProcessRanks(engine, ranks, settings.order);
  const heads = group.communicators.map((communicator) => {
    const head = new PartialFC(engine, {
      ...problem,
      ...settings,
      ...samplerOf(problem, settings, ranks),
      margin: typeof settings.margin === "function" ? settings.margin() : settings.margin,
      communicator,
      seed: 7,
    });
    const { start, classes } = head.shard;
    const own = problem.centers.slice(start * problem.embedding, (start + classes) * problem.embedding);
    head.centers.store.load(0, engine.float === "float64" ? own : Float32Array.from(own));
    return head;
  });
  const optimizers = heads.flatMap((head) => settings.optimizer?.make(head) ?? []);
  const steps: HeadStep[] = [];
  for (const step of problem.batches.keys()) {
    const answers = group.run(
      ({ rank }) => {
        heads[rank].centers.clear();
        const answer = oneStep(engine, heads[rank], problem, step, rank, ranks);
        optimizers[rank]?.step({ rate: settings.optimizer?.rate ?? 0 });
        return answer;
      },
      (rank) => memoryOf(heads[rank]),
    );
    steps.push({
      losses: answers.map(({ loss }) => loss),
      dx: answers.flatMap(({ dx }) => dx),
      dw: answers.flatMap(({ dw }) => dw),
      sampled: answers.flatMap(({ sampled }) => sampled),
      supplied: answers.map(({ supplied }) => supplied),
      remembered: heads.map((head) => memoryOf(head).flatMap((tensor) => [...tensor.dataSync()])),
    });
  }
  const centers = await readAll(heads.map((head) => head.centers.store));
  const state: Record<string, number[]> = {};
  const kept = optimizers.map((optimizer) => optimizer.state().rows);
  for (const name of kept[0]?.keys() ?? []) {
    state[name.replace("centers.", "")] = await readAll(kept.map((stores) => stores.get(name)!));
  }
  for (const held of [...optimizers, ...heads]) held.dispose();
  return { steps, centers, state };
}

function memoryOf({ margin }: PartialFC): Tensor[] {
  return Object.values(margin.buffers ?? {}).map(({ tensor }) => tensor);
}

/** All rows of all ranks. */
async function readAll(stores: readonly RowStore[]): Promise<number[]> {
  const values: number[] = [];
  for (const store of stores) for (const value of await store.read(0, store.rows)) values.push(value);
  return values;
}

/** Gives every rank its part of the prescribed classes. */
function samplerOf({ classes: all }: HeadProblem, { samples }: AnyHeadSettings, ranks: number): object {
  if (samples === undefined) return {};
  const start = (rank: number): number => Math.floor(all / ranks) * rank + Math.min(rank, all % ranks);
  return {
    sampler: ({ step, rank }: { step: number; rank: number }) =>
      Int32Array.from(samples[step].filter((j) => j >= start(rank) && j < start(rank + 1))).map((j) => j - start(rank)),
  };
}

interface RankAnswer {
  readonly loss: number;
  readonly dx: number[];
  readonly dw: number[];
  readonly sampled: number[];
  readonly supplied: number[];
}

function oneStep(
  engine: Engine,
  head: PartialFC,
  problem: HeadProblem,
  step: number,
  rank: number,
  ranks: number,
): RankAnswer {
  const { embedding, batches } = problem;
  const { labels, embeddings } = batches[step];
  const rows = labels.length / ranks;
  const [from, to] = [rank * rows, (rank + 1) * rows];
  const x = new Variable(engine.tensor(embeddings.subarray(from * embedding, to * embedding), [rows, embedding]), true);
  const loss = head.loss(x, Int32Array.from(labels.slice(from, to)), step);
  loss.backward();
  const { lastSupplied: own } = head;
  const [pending] = head.centers.pending;
  const dw = new Array<number>(head.shard.classes * embedding).fill(0);
  const sampledRows = gradientOf(pending).dataSync();
  for (const [position, row] of pending.index.entries()) {
    for (let e = 0; e < embedding; e++) dw[row * embedding + e] = sampledRows[position * embedding + e];
  }
  const answer = {
    loss: loss.dataSync()[0],
    dx: Array.from(x.grad!.dataSync()),
    dw,
    sampled: Array.from(pending.index, (j) => j + head.shard.start),
    supplied: own ? [own.scale, own.margin, own.median].flatMap((tensor) => [...tensor.dataSync()]) : [],
  };
  x.zeroGrad();
  return answer;
}
