/**
 * Partial FC: a margin softmax over a sample of the class centers (An et al. 2022, "Killing Two Birds with One Stone: Efficient and
 * Robust Training of Face Recognition CNNs by Partial FC", CVPR).
 *
 * A step compares the batch with its own classes and with a random share of the others. Time and memory follow r·C; a center is
 * pushed away by foreign images r times as often; of two classes that are the same person both are present in one step rarely.
 * With r = 1 this is the full softmax. Unicom samples dimensions of the embedding as well (`features`).
 *
 *     x̂ = x/‖x‖, ŵ = w/‖w‖
 *     cos θ_ij = ⟨x̂_i, ŵ_j⟩           for j in the sample
 *     z = s · (cos θ, with a margin at the right class)
 *     L = −1/N Σ_i log softmax(z_i)_y
 *
 * Over K ranks every rank owns C/K classes and samples among them: embeddings travel, centers do not. A rank that owns or samples no
 * class has logits [N, 0] and goes through the same steps: its largest logit is −∞, its sums are 0, and so is its share of the gradient.
 * The class of every row is sampled by its owner, so that there is always something to compare with.
 *
 * Left out: the public code's habit of starting all shards with the same numbers. Here a center starts as a function of (seed, class),
 * whatever the number of ranks.
 */
import { clamp, gatherColumns, matmul, normalizeRows, type Variable } from "../autograd/index.js";
import { RowParameter } from "../nn/rowParameter.js";
import type { Trainable } from "../nn/trainable.js";
import { alone } from "../ranks/alone.js";
import type { Communicator } from "../ranks/communicator.js";
import type { Engine } from "../tensor/engine.js";
import { stream } from "../tensor/random.js";
import type { RowStorage } from "../tensor/rowStore.js";
import { formatShape } from "../tensor/shape.js";
import { nearestCenters, similaritiesOfRank, type CenterSimilarities } from "./centerSimilarities.js";
import { gatherRanks } from "./gatherRanks.js";
import { interclassFilter } from "./margins/interclassFilter.js";
import type { Margin } from "./margins/margin.js";
import { isSupplier, marginLogitsOf, type MarginSupplier, type SuppliedNumbers } from "./margins/suppliedMargin.js";
import {
  budgetOf,
  describeSample,
  distinctLabels,
  drawCenters,
  type CenterSample,
  type Sampler,
} from "./sampleCenters.js";
import { checkFeatures, seededFeatures, type FeatureMask, type FeatureSampler } from "./sampleFeatures.js";
import { sampleWarning, type SampleWarning } from "./sampleWarning.js";
import { checkLabels, localLabels, shardOf, type Shard } from "./shard.js";
import { softmaxCrossEntropy } from "./softmaxCrossEntropy.js";
import { sweptSoftmax } from "./sweptSoftmax.js";

export interface PartialFCOptions {
  /** C, over all ranks. */
  readonly classes: number;
  /** E */
  readonly embedding: number;
  /** r in [0, 1], default 0.1: as good as 1 in the paper's experiments, where r·C is well above the batch. */
  readonly ratio?: number;
  /** A margin, or what supplies one for every batch (CFCD's `madaCos`). What it remembers belongs to this head from then on. */
  readonly margin: Margin | MarginSupplier;
  /** τ, cosines of wrong classes above it are set to 0; default 0: off. The paper uses 0.4 on data with many conflicts. */
  readonly filter?: number;
  /** f, dimensions of the embedding that a step selects (Unicom, `sampleFeatures.ts`); default: all E. */
  readonly features?: number;
  /** "shared" (default): one selection a step for all ranks, so that k ranks are one rank. "per-rank": each its own, as in Unicom's public code. */
  readonly featureMask?: FeatureMask;
  /**
   * "cosine" (default). "product": inner products, held within [−64, 64], without bringing rows to length one: Unicom's `normalize: 0`. It
   * takes the margin `plainSoftmax`, no filter and the path "formula"; nothing keeps embeddings from growing, and beyond 64 there is no gradient.
   */
  readonly similarity?: "cosine" | "product";
  /** "sparse" (default): only sampled centers are updated, as in the paper. "dense": momentum and decay move all of them, as today's public code. */
  readonly update?: "sparse" | "dense";
  /**
   * "formula" (default): the loss written out below, every step an operation one can read. "fused": the same loss in three passes over
   * the table (`sweptSoftmax`), which gathers no rows and holds no gradient of their size; 1.2 to 1.4 times as fast (`docs/performance.md`).
   */
  readonly path?: "formula" | "fused";
  /** Of the fused path: false computes cosines anew in each pass, so that memory does not depend on the sample. Default true. */
  readonly keepCosines?: boolean;
  /** The loss of a row never exceeds −log(1e-30), as in the public code (default true); its gradient knows no bound. See `softmaxCrossEntropy`. */
  readonly bounded?: boolean;
  readonly seed: number | string;
  /**
   * Centers that another head of the same classes has made, or that were given their first values by other means: [C/K, E]. Heads that
   * share them are one set of weights, seen through several ratios or margins. Default: centers of their own.
   */
  readonly sharedCenters?: RowParameter;
  /** Default: a single rank. */
  readonly communicator?: Communicator;
  /** Standard deviation of the initial centers, default 0.01. It sets their length and so how fast they turn at first. */
  readonly deviation?: number;
  /** How centers and their momentum are kept, default "float32". "float16" takes half the memory; arithmetic stays float32. */
  readonly storage?: RowStorage;
  /** Optimizer state that will lie beside the centers, counted where the memory is checked. Default: one of the same storage, momentum. */
  readonly states?: readonly RowStorage[];
  /** Chooses the classes of a step in place of the seeded draw, for recorded samples. Not asked when the ratio is 1. */
  readonly sampler?: Sampler;
  /** The same of dimensions. Not asked when all are selected. */
  readonly featureSampler?: FeatureSampler;
  /** Told once, in a sentence, when the batch leaves too little room for negatives. */
  readonly onWarning?: (message: string) => void;
}

/** What `PartialFC.classify` finds: the loss of all ranks, and similarities of this rank's rows. */
export interface Classification extends CenterSimilarities {
  /** Mean margin softmax loss: [] */
  readonly loss: Variable;
}

/** The class centers of one rank, and the loss over a sample of them. */
export class PartialFC implements Trainable {
  /** w, the centers of this rank's classes: [C/K, E]. */
  readonly centers: RowParameter;
  readonly shard: Shard;
  readonly classes: number;
  readonly embedding: number;
  readonly ratio: number;
  readonly margin: Margin | MarginSupplier;
  readonly filter: number;
  readonly features: number;
  readonly similarity: "cosine" | "product";
  readonly path: "formula" | "fused";
  readonly keepCosines: boolean;
  readonly bounded: boolean;
  readonly communicator: Communicator;
  /** What the last `loss` sampled on this rank. */
  lastSample: CenterSample | undefined;
  /** The dimensions that the last `loss` selected on this rank; undefined: all. */
  lastFeatures: Int32Array | undefined;
  /** The margin of the last `loss`, where one was supplied for its batch; released with the scope of that loss. */
  lastSupplied: SuppliedNumbers | undefined;

  private readonly sampler: Sampler;
  private readonly featureSampler: FeatureSampler;
  private readonly onWarning: (message: string) => void;
  private readonly warned = new Set<string>();

  /** @throws Error if the ratio lies outside [0, 1], the filter outside [0, 1), a size makes no sense or the memory does not suffice. */
  constructor(engine: Engine, options: PartialFCOptions) {
    const { classes, embedding, ratio = 0.1, margin, filter = 0, update = "sparse", seed, deviation = 0.01 } = options;
    const { storage, states } = options;
    budgetOf(ratio, classes);
    if (!(filter >= 0 && filter < 1)) {
      throw new Error(`PartialFC: the filter is a cosine in [0, 1), 0 for none, given ${filter}.`);
    }
    if (!Number.isInteger(embedding) || embedding < 1 || !(deviation > 0 && deviation < Infinity)) {
      throw new Error(
        `PartialFC: an embedding has a whole number of elements from 1, and centers start with a deviation above 0; ` +
          `given ${embedding} and ${deviation}.`,
      );
    }
    const { features = embedding, featureMask = "shared", similarity = "cosine", path = "formula" } = options;
    checkFeatures(features, embedding);
    checkMarginFits({ margin, similarity, filter, path });
    this.classes = classes;
    this.embedding = embedding;
    this.features = features;
    this.similarity = similarity;
    this.ratio = ratio;
    this.margin = margin;
    this.filter = filter;
    this.path = path;
    this.keepCosines = options.keepCosines ?? true;
    this.bounded = options.bounded ?? true;
    this.communicator = options.communicator ?? alone;
    this.shard = shardOf(classes, this.communicator.rank, this.communicator.size);
    this.sampler = options.sampler ?? uniformSampler(seed);
    this.featureSampler = options.featureSampler ?? seededFeatures(seed, featureMask);
    this.onWarning = options.onWarning ?? (() => undefined);
    // w_j ~ N(0, deviation²), a function of (seed, class j) alone
    const initialize = { key: stream(seed, "centers").key(), first: this.shard.start, deviation };
    const table = { initialize, storage, besides: states };
    this.centers =
      options.sharedCenters ??
      new RowParameter("centers", engine.rowStore(this.shard.classes, embedding, table), update);
    if (this.centers.rows !== this.shard.classes || this.centers.columns !== embedding) {
      throw new Error(
        `PartialFC: centers are a table of one row a class and one column an element of the embedding, here ` +
          `[${this.shard.classes}, ${embedding}]; given [${this.centers.rows}, ${this.centers.columns}].`,
      );
    }
    for (const buffer of Object.values(margin.buffers ?? {})) buffer.allocate(engine);
  }

  /**
   * The mean margin softmax loss over the batches of all ranks; the same number on every rank.
   *
   * @param embeddings of this rank, of any length: [B, E]
   * @param labels classes 0 … C − 1: [B]
   * @param step names the random sample, with the seed and the rank
   * @returns scalar
   * @throws Error if shapes do not fit or a label is no class
   */
  loss(embeddings: Variable, labels: Int32Array, step: number): Variable {
    return this.compare(embeddings, labels, step).loss;
  }

  /**
   * The loss, and how near the embeddings of this rank are to their own center and to the nearest other one of the sample, [B] each. On the
   * fused path the two similarities are there anyway. Parameters and errors as of `loss`.
   */
  classify(embeddings: Variable, labels: Int32Array, step: number): Classification {
    const { loss, nearest } = this.compare(embeddings, labels, step);
    return { loss, ...similaritiesOfRank(nearest(), labels.length, this.communicator) };
  }

  /** The loss, and of all ranks' rows what they are nearest to among this rank's centers, for whoever asks. */
  private compare(
    embeddings: Variable,
    labels: Int32Array,
    step: number,
  ): { readonly loss: Variable; readonly nearest: () => CenterSimilarities } {
    this.check(embeddings, labels);
    const x = gatherRanks(embeddings, this.communicator); // [B, E] of every rank → [N, E]
    const y = localLabels(this.communicator.allGatherIntegers(labels), this.shard); // [N], −1: of another rank

    const sample = this.sample(y, step);
    this.lastSample = sample;
    if (this.ratio < 1) this.warnOnce(sampleWarning(sample, this.shard));
    const columns = this.selectFeatures(step);
    const selected = columns ? gatherColumns(x, columns) : x; // [N, E] → [N, F]
    if (this.path === "fused") {
      const { margin, filter, keepCosines, bounded, communicator } = this;
      const settings = { margin, filter, keepCosines, bounded, communicator, columns };
      const swept = sweptSoftmax(normalizeRows(selected), this.centers, sample.index, sample.labels, settings);
      this.lastSupplied = swept.supplied;
      return swept;
    }
    const w = this.centers.gather(sample.index); // [C, E] → [S, E]
    const cosine = this.compared(selected, columns ? gatherColumns(w, columns) : w); // [N, F], [S, F] → [N, S]
    const filtered = interclassFilter(cosine, sample.labels, this.filter); // [N, S]
    const { margin, shard, communicator } = this;
    const { logits, supplied } = marginLogitsOf(margin, filtered, sample.labels, shard.classes, communicator); // [N, S]
    this.lastSupplied = supplied;
    return {
      loss: softmaxCrossEntropy(logits, sample.labels, this.communicator, this), // []
      nearest: () => nearestCenters(filtered.tensor, sample.labels),
    };
  }

  /** The centers, for an optimizer. */
  rowParameters(): readonly RowParameter[] {
    return [this.centers];
  }

  /** Gives the memory of the centers and of what the margin remembers back. */
  dispose(): void {
    this.centers.dispose();
    for (const buffer of Object.values(this.margin.buffers ?? {})) buffer.dispose();
  }

  /** Cosines, or inner products.  x: [N, F], w: [S, F] → [N, S] */
  private compared(x: Variable, w: Variable): Variable {
    if (this.similarity === "product") {
      return clamp(matmul(x, w, { transposeB: true }), -LARGEST_PRODUCT, LARGEST_PRODUCT);
    }
    const product = matmul(normalizeRows(x), normalizeRows(w), { transposeB: true }); // [N, F] · [F, S] → [N, S]
    return clamp(product, -1, 1); // rounding can lead beyond
  }

  /** The dimensions of this step, or undefined for all. @throws Error unless the sampler chooses so many distinct ones. */
  private selectFeatures(step: number): Int32Array | undefined {
    const { embedding, features } = this;
    if (features === embedding) return (this.lastFeatures = undefined);
    const columns = this.featureSampler({ embedding, features, step, rank: this.shard.rank });
    if (columns.length !== features || new Set(columns).size !== features) {
      throw new Error(
        `PartialFC: the sampler of dimensions chooses ${features} distinct ones; given ${columns.join(", ")}.`,
      );
    }
    return (this.lastFeatures = columns);
  }

  /** Positives and negatives of this step, on this rank. y: [N] classes of the shard, or −1. */
  private sample(y: Int32Array, step: number): CenterSample {
    const { rank, classes } = this.shard;
    if (this.ratio === 1) return describeSample(allClasses(classes), y, distinctLabels(y), classes);
    const positives = distinctLabels(y);
    const budget = budgetOf(this.ratio, classes);
    const index = this.sampler({ positives, classes, budget, step, rank });
    return describeSample(index, y, positives, budget);
  }

  /** Each kind of warning is given once. */
  private warnOnce(warning: SampleWarning | undefined): void {
    if (warning === undefined || this.warned.has(warning.kind)) return;
    this.warned.add(warning.kind);
    this.onWarning(warning.message);
  }

  private check({ shape }: Variable, labels: Int32Array): void {
    if (shape.length !== 2 || shape[1] !== this.embedding || shape[0] !== labels.length || labels.length === 0) {
      throw new Error(
        `PartialFC: embeddings are a matrix with one row a label, at least one, and ${this.embedding} columns; ` +
          `given ${formatShape(shape)} and ${labels.length} labels.`,
      );
    }
    checkLabels(labels, this.classes);
  }
}

/** Where inner products are cut off, as in Unicom's public code. */
const LARGEST_PRODUCT = 64;

/** @throws Error if a margin has no meaning for inner products, or cannot be on the fused path. */
function checkMarginFits({
  similarity,
  margin,
  filter,
  path,
}: Required<Pick<PartialFCOptions, "similarity" | "margin" | "filter" | "path">>): void {
  const supplied = isSupplier(margin);
  if (similarity === "product" && (supplied || !margin.unbounded || filter !== 0 || path !== "formula")) {
    throw new Error(
      `PartialFC: inner products (similarity "product") take the margin plainSoftmax, no filter and the path "formula"; given ` +
        `${!supplied && margin.unbounded ? "plainSoftmax" : "a margin on the cosine"}, a filter of ${filter} and the path "${path}".`,
    );
  }
  if (path === "fused" && !supplied && margin.changesOthers) {
    throw new Error(
      `PartialFC: the path "fused" knows margins at the right class alone, and this one changes wrong classes too: take path: "formula".`,
    );
  }
}

/** The draw of (seed, step, rank): positives, and negatives that are all equally likely. */
function uniformSampler(seed: number | string): Sampler {
  return ({ positives, classes, budget, step, rank }) =>
    drawCenters(positives, classes, budget, stream(seed, "negatives", step, rank));
}

function allClasses(classes: number): Int32Array {
  const index = new Int32Array(classes);
  for (let j = 0; j < classes; j++) index[j] = j;
  return index;
}
