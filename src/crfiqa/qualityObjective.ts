/**
 * What CR-FIQA trains (Boutros et al. 2023, section 3): the margin softmax, and beside it a regression of relative classifiability.
 *
 *     L = L_margin + λ · mean_i smoothL1(q_i − CR_i; β)
 *     dL/dq_i = λ/N · ((q_i − CR_i)/β within β, else its sign)
 *
 * The target is cut off: CR is computed from cosines without a tape. The prediction is not: dL/dq_i · w enters the backbone.
 *
 * Variants of the paper's ablation:
 * - "simultaneous": the method, from random initial weights.
 * - "onTop": backbone and centers are those of a finished network and stay as they are; the unit alone is trained.
 * - "ccsOnly": as "simultaneous", with CCS alone as the target.
 *
 * Over K ranks every rank regresses its own images and divides by those of all: gradients summed over ranks are those of the mean.
 */
import { add, affine, constant, noGrad, smoothL1, type Variable } from "../autograd/index.js";
import type { Group } from "../nn/index.js";
import { isSupplier, type PartialFC } from "../pfc/index.js";
import type { Tensor } from "../tensor/tensor.js";
import type { QualityNetwork } from "./qualityNetwork.js";
import {
  nearestNegative,
  relativeClassifiability,
  type ClassifiabilityForm,
  type ClassifiabilityOptions,
} from "./relativeClassifiability.js";

export type QualityVariant = "simultaneous" | "onTop" | "ccsOnly";

export interface QualityObjectiveOptions extends ClassifiabilityOptions {
  readonly variant?: QualityVariant;
  /** λ; default: `regressionWeight` of the margin's scale. */
  readonly weight?: number;
  /** β, default 0.5, as the public script has it. */
  readonly beta?: number;
  /**
   * Learning rate of the unit, as a share of the backbone's; default 1, as published. There the regression is beyond where gradient descent is
   * stable (rate · λ/β · ‖e‖² ≫ 2) until the rate has fallen, and its gradient crowds out the backbone's under the clip. Measured in
   * docs/results/cr-fiqa.md: with 0.03 recognition is as good as without quality.
   */
  readonly unitRate?: number;
}

/**
 * λ = 10 at the published scale of 64, where L_margin starts near 45 and the regression below 2; in proportion at others, since L_margin is.
 * With 10 at scale 24 the regression has so much of the clipped gradient that recognition suffers (docs/results/cr-fiqa.md).
 */
export function regressionWeight(scale: number): number {
  return (10 * scale) / 64;
}

/** @throws Error where the margin's scale changes from batch to batch, and a weight in proportion with it. */
function defaultWeight({ margin }: PartialFC): number {
  if (!isSupplier(margin)) return regressionWeight(margin.scale);
  throw new Error(
    `quality: with a margin that is supplied for every batch the weight of the regression has no default; give one, such as 5.`,
  );
}

/** What one forward pass found. */
export interface QualityLosses {
  /** To be differentiated: []. On a rank among several its share of the regression is in it, not the others'. */
  readonly total: Variable;
  /** Mean margin softmax of all ranks: [] */
  readonly margin: Tensor;
  /** Mean smooth-L1 of all ranks: [] */
  readonly regression: Tensor;
  /** CCS and NNCCS of this rank's images: [B] */
  readonly own: Tensor;
  readonly negative: Tensor;
  /** What was to be predicted, and what was: [B] */
  readonly target: Tensor;
  readonly quality: Tensor;
}

/** The losses of CR-FIQA over a head of Partial FC. @throws Error if a number makes no sense, or there is but one class to compare with. */
export class QualityObjective {
  readonly variant: QualityVariant;
  private readonly weight: number;
  private readonly beta: number;
  private readonly unitRate: number;
  private readonly form: ClassifiabilityForm | undefined;
  private readonly floor: number | null | undefined;

  constructor(
    private readonly network: QualityNetwork,
    private readonly head: PartialFC,
    options: QualityObjectiveOptions = {},
  ) {
    const { variant = "simultaneous", weight = defaultWeight(head), beta = 0.5, unitRate = 1, form, floor } = options;
    if (!(weight > 0 && weight < Infinity) || !(beta > 0 && beta < Infinity)) {
      throw new Error(`quality: the weight of the regression and β are positive numbers, given ${weight} and ${beta}.`);
    }
    if (!(unitRate > 0 && unitRate <= 1)) {
      throw new Error(
        `quality: the unit's rate is a share of the backbone's, above 0 and at most 1; given ${unitRate}.`,
      );
    }
    if (head.classes < 2) {
      throw new Error(
        `quality: relative classifiability compares the own class center with the nearest other one, so that there must be two ` +
          `classes at least; given ${head.classes}.`,
      );
    }
    this.variant = variant;
    this.weight = weight;
    this.beta = beta;
    this.unitRate = unitRate;
    this.form = form;
    this.floor = floor;
  }

  /** What an optimizer of the network may move, the unit at `unitRate` times the rate of the backbone. */
  get trained(): readonly Group[] {
    const unit: Group = { of: this.network.regression, rateFactor: this.unitRate };
    return this.frozen ? [unit] : [{ of: this.network.backbone }, unit];
  }

  /** Backbone and centers keep their values. */
  get frozen(): boolean {
    return this.variant === "onTop";
  }

  /**
   * The losses of a batch. `step` names the sample of the centers.
   *
   * @param embeddings of this rank, raw: [B, E]
   * @param labels [B]
   */
  losses(embeddings: Variable, labels: Int32Array, step: number): QualityLosses {
    const { communicator } = this.head;
    const classify = () => this.head.classify(embeddings, labels, step);
    const { loss, own, nearest } = this.frozen ? noGrad(classify) : classify();
    const negative = nearestNegative(nearest, this.floor); // [B]
    const target = this.variant === "ccsOnly" ? own : relativeClassifiability(own, negative, this.form); // [B]
    const quality = this.network.quality(this.frozen ? embeddings.detach() : embeddings); // [B]
    const share = affine(smoothL1(quality, constant(target), this.beta), 1 / communicator.size, 0); // []
    const regression = affine(share, this.weight, 0); // []
    return {
      total: this.frozen ? regression : add(loss, regression),
      margin: loss.tensor,
      regression: communicator.allReduce(share.tensor, "sum"),
      own,
      negative,
      target,
      quality: quality.tensor,
    };
  }
}
