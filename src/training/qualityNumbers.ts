/** What a step of CR-FIQA says of itself: the numbers of its regression, read together with the others of the step. */
import type { QualityLosses } from "../crfiqa/index.js";
import { rankCorrelation } from "../evaluation/rankCorrelation.js";
import type { Tensor } from "../tensor/tensor.js";

/** Means over the images of an update. */
export interface QualityNumbers {
  /** Smooth-L1 of the regression, without its weight. */
  readonly loss: number;
  /** CCS and NNCCS: an undertrained network has the second above the first. */
  readonly classCenter: number;
  readonly nearestNegative: number;
  /** The target: CR, or CCS. */
  readonly target: number;
  /** What was predicted. */
  readonly score: number;
  /** Spearman's, of prediction and target; 0 where either is constant, or holds a NaN. */
  readonly correlation: number;
}

/** The tensors of one pass that are read: 1 + 4·B numbers. */
export function qualityTensors({ regression, own, negative, target, quality }: QualityLosses): Tensor[] {
  return [regression, own, negative, target, quality];
}

/** From the numbers read of each pass, one list a tensor. */
export function qualityNumbers(passes: readonly (readonly ArrayLike<number>[])[]): QualityNumbers {
  const all = (which: number): number[] => passes.flatMap((pass) => Array.from(pass[which]));
  const [loss, own, negative, target, score] = [0, 1, 2, 3, 4].map(all);
  const known = [...score, ...target].every((value) => !Number.isNaN(value));
  const correlation = known ? rankCorrelation(score, target) : 0;
  return {
    loss: mean(loss),
    classCenter: mean(own),
    nearestNegative: mean(negative),
    target: mean(target),
    score: mean(score),
    correlation: Number.isNaN(correlation) ? 0 : correlation,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
