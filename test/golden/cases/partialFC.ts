/**
 * Fixtures `pfc-single`, `pfc-distributed`, `pfc-trajectory` and `unicom-dual-selection`: the head with recorded draws, on one or several ranks, over one step
 * or several updates.
 *
 * `impl` says which public layer was recorded: `v2` updates all centers (dense), `v1sgd` and `v1adamw` the sampled ones
 * (sparse), the latter with a step counter that starts at 2; `unicom` is `v2` with a selection of dimensions, each rank its own. Ranks are stepped in one process. The public layer hands the
 * embedding gradients back multiplied by the number of ranks, since its backbone then averages over them. Every case is repeated on the
 * formula path and on the fused one, but for inner products, which the fused one does not have.
 */
import { constant, noGrad, Variable } from "../../../src/autograd/index.js";
import type { Margin } from "../../../src/pfc/margins/margin.js";
import { PartialFC } from "../../../src/pfc/partialFC.js";
import { gradientOf } from "../../../src/nn/updateRows.js";
import { featuresByScores, type FeatureSampler } from "../../../src/pfc/sampleFeatures.js";
import { sampleByScores, type Sampler } from "../../../src/pfc/sampleCenters.js";
import type { Optimizer } from "../../../src/nn/optimizer.js";
import type { Communicator } from "../../../src/ranks/communicator.js";
import { InProcessRanks } from "../../../src/ranks/inProcessRanks.js";
import type { Engine } from "../../../src/tensor/engine.js";
import type { Shape } from "../../../src/tensor/shape.js";
import type { Tensor } from "../../../src/tensor/tensor.js";
import { Exact, type Result } from "../compare.js";
import { take, toTensor } from "../differentiate.js";
import { Unsupported, type Values } from "../fields.js";
import type { Family, Plan } from "../family.js";
import type { Fixture } from "../fixture.js";
import { recordedMargin } from "./margins.js";
import { recordedOptimizer, type OptimizerRecipe } from "./optimizers.js";

/** A sampler that repeats recorded scores. Steps where positives exceed the budget draw nothing. */
export function recordedSampler(scoresAt: (step: number) => ArrayLike<number> | undefined): Sampler {
  return ({ positives, budget, step }) => {
    if (positives.length > budget) return sampleByScores([], positives, budget);
    const scores = scoresAt(step);
    if (scores === undefined) throw new Error(`step ${step} draws negatives, but no scores are recorded for it.`);
    return sampleByScores(scores, positives, budget);
  };
}

/** Step number `step` of a tensor [steps, …]. */
export function stepOf(
  { shape: [steps, ...shape], data }: Values,
  step: number,
): { shape: Shape; data: Values["data"] } {
  const size = data.length / steps;
  return { shape, data: data.subarray(step * size, (step + 1) * size) };
}

/** The rows start <= row < end. */
function rowsOf({ shape: [rows, ...rest], data }: Values, start: number, end: number): Values {
  const size = data.length / rows;
  return { shape: [end - start, ...rest], data: data.subarray(start * size, end * size) };
}

export type Path = PartialFC["path"];
export const PATHS: readonly Path[] = ["formula", "fused"];

interface Case {
  readonly path: Path;
  readonly ranks: number;
  readonly sparse: boolean;
  readonly ratio: number;
  readonly margin: Margin;
  readonly filter: number;
  readonly recipe: OptimizerRecipe | undefined;
  /** [C, E] */
  readonly weight: Values;
  /** [steps, N, E] */
  readonly embeddings: Values;
  /** [steps, N] */
  readonly labels: Values;
  readonly sampler: Sampler;
  readonly features: number | undefined;
  readonly featureSampler: FeatureSampler;
  readonly similarity: PartialFC["similarity"];
}

function readCase({ params, inputs }: Fixture): Case {
  const impl = params.oneOf("impl", ["v2", "v1sgd", "v1adamw", "unicom"]);
  const ranks = params.number("world_size");
  const draws = inputs.list("draws");
  if (draws.length !== ranks) throw new Unsupported("inputs.draws is not one list a rank");
  const recordedDraws = draws.map((steps, rank) => {
    if (!Array.isArray(steps)) throw new Unsupported(`inputs.draws[${rank}] is not one list of steps`);
    return steps.map((step: unknown, position) => {
      const draw = inputs.within(`draws[${rank}][${position}]`, step);
      return { classes: draw.optionalTensor("class_scores"), features: draw.optionalTensor("feature_scores") };
    });
  });
  const labels = inputs.tensor("labels");
  if (!(labels.data instanceof Int32Array)) throw new Unsupported("inputs.labels is not of dtype int");
  const weight = inputs.tensor("weight");
  return {
    path: "formula",
    ranks,
    sparse: impl.startsWith("v1"),
    ratio: params.number("sample_rate"),
    ...recordedMargin(params.fields("margin"), impl === "unicom" ? "unicom" : "insightface"),
    recipe: params.has("optimizer")
      ? recordedOptimizer(params.fields("optimizer"), impl === "v1adamw" ? "public-v1" : "corrected")
      : undefined,
    weight,
    embeddings: inputs.tensor("embeddings"),
    labels,
    sampler: (request) => recordedSampler((step) => recordedDraws[request.rank][step]?.classes?.data)(request),
    features: params.has("num_feat") ? Math.min(params.number("num_feat"), weight.shape[1]) : undefined,
    featureSampler: ({ features, step, rank }) => {
      const scores = recordedDraws[rank][step]?.features;
      if (!scores) throw new Error(`step ${step} selects dimensions, but no scores are recorded for it.`);
      return featuresByScores(scores.data, features);
    },
    similarity: params.has("normalize") && params.number("normalize") === 0 ? "product" : "cosine",
  };
}

/** The embeddings and labels of one rank in one step. */
function batchOf(recorded: Case, step: number, rank: number): { embeddings: Values; labels: Int32Array } {
  const embeddings = stepOf(recorded.embeddings, step);
  const labels = stepOf(recorded.labels, step);
  const rows = embeddings.shape[0] / recorded.ranks;
  const [start, end] = [rank * rows, (rank + 1) * rows];
  return { embeddings: rowsOf(embeddings, start, end), labels: rowsOf(labels, start, end).data as Int32Array };
}

/** A rank's head with its part of the recorded centers. */
function recordedHead(
  engine: Engine,
  recorded: Case,
  communicator: Communicator,
  changes: Partial<Case> = {},
): PartialFC {
  const { path, ratio, margin, filter, sparse, sampler, weight } = { ...recorded, ...changes };
  const { features, featureSampler, similarity } = recorded;
  const [classes, embedding] = weight.shape;
  const update = sparse ? "sparse" : "dense";
  const options = { classes, embedding, path, ratio, margin, filter, update, sampler, communicator } as const;
  const head = new PartialFC(engine, { ...options, features, featureSampler, similarity, seed: 0 });
  const { start, classes: own } = head.shard;
  head.centers.store.load(0, rowsOf(weight, start, start + own).data as Float64Array);
  return head;
}

/** The clamped cosines before filter and margin, of each rank: what a margin sees in a head without filter. */
async function cosines(
  engine: Engine,
  ranks: InProcessRanks,
  recorded: Case,
  heads: readonly PartialFC[],
  step: number,
): Promise<Values[]> {
  const seen: Tensor[] = [];
  const twins = ranks.communicators.map((communicator) => {
    const margin: Margin = {
      scale: recorded.margin.scale,
      unbounded: recorded.margin.unbounded,
      logits(cosine, labels) {
        seen[communicator.rank] = cosine.tensor.share();
        return recorded.margin.logits(cosine, labels);
      },
    };
    return recordedHead(engine, recorded, communicator, { path: "formula", margin, filter: 0 });
  });
  for (const [rank, twin] of twins.entries()) twin.centers.store.load(0, (await centersOf(heads[rank])).data);
  const results = ranks.run(({ rank }) => {
    const { embeddings, labels } = batchOf(recorded, step, rank);
    noGrad(() => twins[rank].loss(constant(toTensor(engine, embeddings)), labels, step));
    return seen[rank];
  });
  for (const twin of twins) twin.dispose();
  return Promise.all(results.map(take));
}

async function centersOf({ centers }: PartialFC): Promise<{ shape: Shape; data: Float32Array | Float64Array }> {
  return { shape: [centers.rows, centers.columns], data: await centers.store.read(0, centers.rows) };
}

/** Gradient of the centers: of the sampled rows, or of all of them with zeros where none was sampled. */
function allRows({ centers }: PartialFC, index: Int32Array, sampled: Values): Values {
  const all = new Float64Array(centers.rows * centers.columns);
  index.forEach((row, position) => all.set(rowsOf(sampled, position, position + 1).data, row * centers.columns));
  return { shape: [centers.rows, centers.columns], data: all };
}

/** One step on all ranks: everything a fixture may record of it, by rank. */
async function repeatStep(
  engine: Engine,
  ranks: InProcessRanks,
  recorded: Case,
  heads: readonly PartialFC[],
  optimizers: readonly Optimizer[],
  step: number,
): Promise<Record<string, Result>[]> {
  const { recipe, sparse } = recorded;
  const cos = await cosines(engine, ranks, recorded, heads, step);
  const derived = ranks.run(({ rank, size }) => {
    const { centers } = heads[rank];
    centers.clear();
    const { embeddings, labels } = batchOf(recorded, step, rank);
    const leaf = new Variable(toTensor(engine, embeddings), true);
    const loss = heads[rank].loss(leaf, labels, step);
    loss.backward();
    const [pending] = centers.pending;
    const gradients = [engine.affine(leaf.grad!, size, 0), engine.affine(gradientOf(pending), 1, 0)];
    leaf.zeroGrad();
    return [loss.tensor, ...gradients];
  });
  const steps = heads.map(async (head, rank) => {
    const [loss, grad_embeddings, grad_weight] = await Promise.all(derived[rank].map(take));
    const { index, labels } = head.lastSample!;
    const results: Record<string, Result> = {
      loss,
      cos: cos[rank],
      labels_local: { shape: [labels.length], data: labels },
      class_index: { shape: [index.length], data: index },
      ...(head.lastFeatures && {
        feature_index: { shape: [head.lastFeatures.length], data: head.lastFeatures },
      }),
      grad_embeddings,
      grad_weight: sparse ? grad_weight : allRows(head, index, grad_weight),
    };
    if (recipe) {
      engine.scope(() => optimizers[rank].step({ rate: recipe.rate }));
      const { rows } = optimizers[rank].state();
      results.weight = await centersOf(head);
      for (const [theirs, ours] of Object.entries(recipe.state)) {
        const store = rows.get(`centers.${ours}`);
        if (store) results[theirs] = { shape: [store.rows, store.columns], data: await store.read(0, store.rows) };
      }
    }
    head.centers.clear();
    return results;
  });
  return Promise.all(steps);
}

function partialFC(fixture: Fixture): Plan {
  const read = readCase(fixture);
  return {
    ways: read.similarity === "product" ? ["formula"] : PATHS,
    ranks: read.ranks,
    async run(engine, way) {
      const recorded = { ...read, path: way as Path };
      const ranks = new InProcessRanks(engine, recorded.ranks);
      const heads = ranks.communicators.map((communicator) => recordedHead(engine, recorded, communicator));
      const optimizers = heads.flatMap((head) => recorded.recipe?.make(head) ?? []);
      const steps: Record<string, Result>[][] = [];
      for (let step = 0; step < recorded.embeddings.shape[0]; step++) {
        steps.push(await repeatStep(engine, ranks, recorded, heads, optimizers, step));
      }
      const results = heads.map(({ shard, lastSample }, rank) => ({
        class_start: new Exact(shard.start),
        num_local: new Exact(shard.classes),
        num_sample: new Exact(lastSample!.budget),
        steps: steps.map((step) => step[rank]),
      }));
      for (const held of [...optimizers, ...heads]) held.dispose();
      return { outputs: { ranks: results } };
    },
  };
}

export const partialFCs: Family = { partial_fc: partialFC };
