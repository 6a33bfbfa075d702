/**
 * Fixtures `pfc-single` and `pfc-trajectory`: the head with recorded draws, over one step or several updates.
 *
 * `impl` says which public layer was recorded: `v2` updates all centers (dense), `v1sgd` and `v1adamw` the sampled ones
 * (sparse), the latter with a step counter that starts at 2. Cases of several ranks are not supported yet.
 */
import { noGrad, parameter, constant } from "../../../src/autograd/index.js";
import type { Margin } from "../../../src/pfc/margins/margin.js";
import { PartialFC } from "../../../src/pfc/partialFC.js";
import { sampleByScores, type Sampler } from "../../../src/pfc/sampleCenters.js";
import type { Optimizer } from "../../../src/nn/optimizer.js";
import type { Engine } from "../../../src/tensor/engine.js";
import type { Shape } from "../../../src/tensor/shape.js";
import type { Tensor } from "../../../src/tensor/tensor.js";
import { Exact, type Result } from "../compare.js";
import { read, take, toTensor } from "../differentiate.js";
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

interface Case {
  readonly sparse: boolean;
  readonly ratio: number;
  readonly margin: Margin;
  readonly filter: number;
  readonly recipe: OptimizerRecipe | undefined;
  readonly weight: Values;
  readonly embeddings: Values;
  readonly labels: Values;
  readonly sampler: Sampler;
}

function readCase({ params, inputs }: Fixture): Case {
  const impl = params.oneOf("impl", ["v2", "v1sgd", "v1adamw"]);
  params.oneOf("world_size", [1]);
  const draws = inputs.list("draws");
  if (draws.length !== 1 || !Array.isArray(draws[0])) throw new Unsupported("inputs.draws is not one list of steps");
  const scores = draws[0].map((step: unknown, position) =>
    inputs.within(`draws[0][${position}]`, step).optionalTensor("class_scores"),
  );
  const labels = inputs.tensor("labels");
  if (!(labels.data instanceof Int32Array)) throw new Unsupported("inputs.labels is not of dtype int");
  return {
    sparse: impl !== "v2",
    ratio: params.number("sample_rate"),
    ...recordedMargin(params.fields("margin")),
    recipe: params.has("optimizer")
      ? recordedOptimizer(params.fields("optimizer"), impl === "v1adamw" ? "public-v1" : "corrected")
      : undefined,
    weight: inputs.tensor("weight"),
    embeddings: inputs.tensor("embeddings"),
    labels,
    sampler: recordedSampler((step) => scores[step]?.data),
  };
}

/** A head with the recorded centers. */
function recordedHead(engine: Engine, recorded: Case, weight: Values, changes: Partial<Case> = {}): PartialFC {
  const { ratio, margin, filter, sparse, sampler } = { ...recorded, ...changes };
  const [classes, embedding] = weight.shape;
  const update = sparse ? "sparse" : "dense";
  const head = new PartialFC(engine, { classes, embedding, ratio, margin, filter, update, sampler, seed: 0 });
  head.centers.store.load(0, weight.data as Float64Array);
  return head;
}

/** The clamped cosines before filter and margin, as a margin sees them in a head without filter. */
async function cosines(engine: Engine, recorded: Case, head: PartialFC, step: number): Promise<Values> {
  let seen: Tensor | undefined;
  const margin: Margin = {
    scale: recorded.margin.scale,
    logits(cosine, labels) {
      seen = engine.keep(cosine.tensor.reshape(cosine.shape));
      return recorded.margin.logits(cosine, labels);
    },
  };
  const twin = recordedHead(engine, recorded, await centersOf(head), { margin, filter: 0 });
  const embeddings = stepOf(recorded.embeddings, step);
  engine.scope(() => {
    noGrad(() => twin.loss(constant(toTensor(engine, embeddings)), labelsOf(recorded, step), step));
  });
  twin.dispose();
  return take(seen!);
}

function labelsOf({ labels }: Case, step: number): Int32Array {
  return stepOf(labels, step).data as Int32Array;
}

async function centersOf({ centers }: PartialFC): Promise<Values> {
  return { shape: [centers.rows, centers.columns], data: await centers.store.read(0, centers.rows) };
}

/** Gradient of the centers: of all of them with zeros where none was sampled, or of the sampled rows only. */
async function centersGradient({ centers }: PartialFC, sparse: boolean): Promise<Values> {
  const [{ index, variable }] = centers.pending;
  const sampled = await read(variable.grad!);
  if (sparse) return sampled;
  const all = new Float64Array(centers.rows * centers.columns);
  index.forEach((row, position) => {
    const from = position * centers.columns;
    all.set(sampled.data.subarray(from, from + centers.columns), row * centers.columns);
  });
  return { shape: [centers.rows, centers.columns], data: all };
}

/** One step: everything a fixture may record of it. */
async function repeatStep(
  engine: Engine,
  recorded: Case,
  head: PartialFC,
  optimizer: Optimizer | undefined,
  step: number,
): Promise<Record<string, Result>> {
  const { recipe, sparse } = recorded;
  const cos = await cosines(engine, recorded, head, step);
  const embeddings = parameter(toTensor(engine, stepOf(recorded.embeddings, step)));
  const loss = engine.scope(() => {
    const mean = head.loss(embeddings, labelsOf(recorded, step), step);
    mean.backward();
    return mean.tensor;
  });
  const { index, labels } = head.lastSample!;
  const results: Record<string, Result> = {
    loss: await loss.item(),
    cos,
    labels_local: { shape: [labels.length], data: labels },
    class_index: { shape: [index.length], data: index },
    grad_embeddings: await read(embeddings.grad!),
    grad_weight: await centersGradient(head, sparse),
  };
  embeddings.zeroGrad();
  embeddings.tensor.dispose();
  if (optimizer && recipe) {
    engine.scope(() => optimizer.step({ rate: recipe.rate }));
    const { rows } = optimizer.state();
    results.weight = await centersOf(head);
    for (const [theirs, ours] of Object.entries(recipe.state)) {
      const store = rows.get(`centers.${ours}`);
      if (store) results[theirs] = { shape: [store.rows, store.columns], data: await store.read(0, store.rows) };
    }
  }
  head.centers.clear();
  return results;
}

function partialFC(fixture: Fixture): Plan {
  const recorded = readCase(fixture);
  return {
    async run(engine) {
      const head = recordedHead(engine, recorded, recorded.weight);
      const optimizer = recorded.recipe?.make(head);
      const steps: Record<string, Result>[] = [];
      for (let step = 0; step < recorded.embeddings.shape[0]; step++) {
        steps.push(await repeatStep(engine, recorded, head, optimizer, step));
      }
      const { start, classes } = head.shard;
      const num_sample = head.lastSample!.budget;
      optimizer?.dispose();
      head.dispose();
      return {
        outputs: {
          ranks: [
            {
              class_start: new Exact(start),
              num_local: new Exact(classes),
              num_sample: new Exact(num_sample),
              steps,
            },
          ],
        },
      };
    },
  };
}

export const partialFCs: Family = { partial_fc: partialFC };
