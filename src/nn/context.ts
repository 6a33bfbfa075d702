/**
 * What a forward pass has to know besides its input: whether it trains, and which random numbers it may draw.
 *
 * A module that draws (dropout) names its stream by seed, step, rank and its own name; there is no hidden counter, so a run can
 * be continued from its step number alone.
 */
import type { Communicator } from "../ranks/communicator.js";

export interface Context {
  /** true: batch statistics, dropout; false: running statistics, no noise. */
  readonly training: boolean;
  /** Number of this forward pass; with gradient accumulation, of the micro-batch. */
  readonly step: number;
  readonly seed: number | string;
  readonly rank: number;
  /** Over these ranks batch norm takes its statistics; each rank by itself where left out. */
  readonly communicator?: Communicator;
}

/** Running statistics, no noise. */
export const evaluating: Context = { training: false, step: 0, seed: 0, rank: 0 };

/** Batch statistics, of all ranks of the communicator, and noise that is a function of (seed, step, rank, module name). */
export function training(
  step: number,
  {
    seed = 0,
    communicator,
    rank = communicator?.rank ?? 0,
  }: { seed?: number | string; rank?: number; communicator?: Communicator } = {},
): Context {
  return { training: true, step, seed, rank, communicator };
}
