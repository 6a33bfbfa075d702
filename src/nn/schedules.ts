/**
 * Learning rates as pure functions of the step: nothing to save, nothing to advance.
 *
 * Steps count updates from 0. A schedule gives the rate in force during that step, and where it cycles it the momentum (Adam: beta1).
 */
import type { StepSettings } from "./optimizer.js";

export type Schedule = (step: number) => StepSettings;

/** The same rate at every step. */
export function constantRate(rate: number): Schedule {
  return () => ({ rate });
}

export interface WarmUpOptions {
  /** The largest rate. */
  readonly rate: number;
  /** Steps over which the rate rises: rate / warmup, 2 rate / warmup, …, and never above rate. 0 (or less): none. */
  readonly warmup?: number;
  /** Steps in all; the rate is 0 from there on. */
  readonly total: number;
}

export interface PolynomialOptions extends WarmUpOptions {
  readonly power?: number;
  /**
   * The public code (insightface lr_scheduler.py) runs step 0 at the full rate even with a warm-up, and the warm-up one step late:
   * rate, rate / warmup, 2 rate / warmup, … false by default.
   */
  readonly firstStepAtFullRate?: boolean;
}

/** Warm-up, then rate · (1 − (step − warmup) / (total − warmup))^power. */
export function polynomial({
  rate,
  warmup = 0,
  total,
  power = 1,
  firstStepAtFullRate = false,
}: PolynomialOptions): Schedule {
  checkWarmUp("polynomial", warmup, total);
  const rise = Math.max(0, warmup);
  return (step) => {
    if (step >= total) return { rate: 0 };
    if (step >= rise) return { rate: rate * (1 - (step - rise) / (total - rise)) ** power };
    if (firstStepAtFullRate) return { rate: step === 0 ? rate : (rate * step) / rise };
    return { rate: rate * Math.min(1, (step + 1) / rise) };
  };
}

export interface CosineOptions extends WarmUpOptions {
  /** The rate at the end; 0 by default. */
  readonly final?: number;
}

/** Warm-up, then half a cosine from `rate` down to `final` (Loshchilov and Hutter 2017, one cycle). */
export function cosine({ rate, warmup = 0, total, final = 0 }: CosineOptions): Schedule {
  checkWarmUp("cosine", warmup, total);
  const rise = Math.max(0, warmup);
  return (step) => {
    if (step >= total) return { rate: final };
    if (step < rise) return { rate: rate * Math.min(1, (step + 1) / rise) };
    return { rate: halfCosine(rate, final, (step - rise) / (total - rise)) };
  };
}

export interface EpochCosineOptions {
  /** The largest rate, of the cosine alone: with a warm-up none is as large. */
  readonly rate: number;
  /** Updates of an epoch. */
  readonly stepsPerEpoch: number;
  /** The rate is 0 from there on. */
  readonly epochs: number;
  /** Epochs over which the factor rises from `warmupFactor` to 1; 0 by default: none. */
  readonly warmupEpochs?: number;
  /** 0.1 by default, as CFCD has it. */
  readonly warmupFactor?: number;
}

/**
 * Half a cosine that moves once an epoch (CFCD, after pycls): rate / 2 · (1 + cos(π e / epochs)) in all of epoch e, counted from 0. During the
 * warm-up it is multiplied by warmupFactor · (1 − a) + a, a = e / warmupEpochs, so that the cosine runs on below the rise.
 */
export function epochCosine({
  rate,
  stepsPerEpoch,
  epochs,
  warmupEpochs = 0,
  warmupFactor = 0.1,
}: EpochCosineOptions): Schedule {
  if (!(Number.isInteger(stepsPerEpoch) && stepsPerEpoch >= 1)) {
    throw new Error(`epochCosine: an epoch has a whole number of steps from 1; given ${stepsPerEpoch}.`);
  }
  if (!(epochs > 0) || !(warmupEpochs < epochs)) {
    throw new Error(
      `epochCosine: the warm-up must end before the schedule does; given ${warmupEpochs} epochs of warm-up and ${epochs} in all.`,
    );
  }
  return (step) => {
    const epoch = Math.floor(step / stepsPerEpoch);
    if (epoch >= epochs) return { rate: 0 };
    const risen = warmupEpochs > 0 ? Math.min(1, epoch / warmupEpochs) : 1;
    return { rate: halfCosine(rate, 0, epoch / epochs) * (warmupFactor * (1 - risen) + risen) };
  };
}

export interface OneCycleOptions {
  /** The largest rate. */
  readonly rate: number;
  /** Steps in all. */
  readonly total: number;
  /** Share of the steps that rise; 0.3 as in PyTorch (Unicom: 0.1). */
  readonly rising?: number;
  /** The first rate is rate / this. */
  readonly startDivisor?: number;
  /** The last rate is the first one / this. */
  readonly finalDivisor?: number;
  /** Smallest and largest momentum (Adam: beta1), which falls while the rate rises; false leaves momentum alone. */
  readonly momentum?: readonly [number, number] | false;
}

/** One cycle (Smith and Topin 2018) with cosines, as PyTorch's OneCycleLR: up to the largest rate, then down to almost zero. */
export function oneCycle({
  rate,
  total,
  rising = 0.3,
  startDivisor = 25,
  finalDivisor = 1e4,
  momentum = [0.85, 0.95],
}: OneCycleOptions): Schedule {
  if (!(total >= 2)) throw new Error(`oneCycle: a cycle needs at least two steps; given ${total}.`);
  if (!(rising >= 0 && rising <= 1)) throw new Error(`oneCycle: the rising share lies in [0, 1]; given ${rising}.`);
  const first = rate / startDivisor;
  const last = first / finalDivisor;
  const top = rising * total - 1; // step of the largest rate, not always whole
  const end = total - 1;
  return (step) => {
    const rises = step <= top;
    const share = rises ? (top === 0 ? 1 : step / top) : Math.min(1, (step - top) / (end - top));
    const now = rises ? halfCosine(first, rate, share) : halfCosine(rate, last, share);
    if (momentum === false) return { rate: now };
    const [low, high] = momentum;
    return { rate: now, momentum: rises ? halfCosine(high, low, share) : halfCosine(low, high, share) };
  };
}

export interface MultiStepOptions {
  readonly rate: number;
  /** Steps from which the rate is multiplied by `factor` once more. */
  readonly milestones: readonly number[];
  /** 0.1 by default. */
  readonly factor?: number;
}

/** rate · factorᵏ, where k milestones have been reached. */
export function multiStep({ rate, milestones, factor = 0.1 }: MultiStepOptions): Schedule {
  return (step) => ({ rate: rate * factor ** milestones.filter((milestone) => step >= milestone).length });
}

/** From `from` at share 0 to `to` at share 1. */
function halfCosine(from: number, to: number, share: number): number {
  return to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));
}

function checkWarmUp(name: string, warmup: number, total: number): void {
  if (!(total > 0) || warmup >= total) {
    throw new Error(
      `${name}: the warm-up must end before the schedule does; given ${warmup} steps of warm-up and ${total} in all.`,
    );
  }
}
