/**
 * Whether a measurement can be trusted: samples that scatter, or other processes that took processor time while it ran, say that
 * the machine was busy. Such a number is marked wherever it is shown.
 */

/** (90th − 10th percentile) / median above which a measurement counts as disturbed. A quiet machine stays under 0.1. */
export const SPREAD_BOUND = 0.25;

/** Processor time of others, as a share of what the measurement itself may use (threads × time), above which the machine counts as busy. */
export const OTHERS_BOUND = 0.1;

/** Processor time that the hypervisor gave to other machines, as a share of the same. */
export const STOLEN_BOUND = 0.02;

/** Shorter windows are not judged by processor time: it is counted in ticks of 10 ms. */
const SHORTEST_WINDOW = 0.5;

/** What the machine did while something was measured. All in seconds. */
export interface ProcessorWindow {
  /** Time that passed. */
  readonly elapsed: number;
  /** Processor time of this process, all threads. */
  readonly own: number;
  /** Processor time of everything on this machine, summed over its cores. */
  readonly all: number;
  /** Processor time that was wanted but went to other virtual machines. */
  readonly stolen: number;
}

/** Why the samples are not to be trusted, each reason in two words and a number; none on a quiet machine. `spread`: of the samples. */
export function busyReasons(spread: number, window: ProcessorWindow, threads: number): string[] {
  const reasons: string[] = [];
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  if (spread > SPREAD_BOUND) reasons.push(`spread ${percent(spread)}`);
  if (window.elapsed < SHORTEST_WINDOW) return reasons;
  const others = Math.max(0, window.all - window.own) / (window.elapsed * threads);
  const stolen = window.stolen / (window.elapsed * threads);
  if (others > OTHERS_BOUND) reasons.push(`others ${percent(others)}`);
  if (stolen > STOLEN_BOUND) reasons.push(`stolen ${percent(stolen)}`);
  return reasons;
}
