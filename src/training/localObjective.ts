/** What CFCD's second stage adds to a step: triplets of matched cells, and what they say of themselves. */
import {
  localTriplets,
  type Description,
  type DescriptorNetwork,
  type LocalTripletOptions,
  type LocalTriplets,
} from "../cfcd/index.js";
import type { Variable } from "../autograd/index.js";
import type { Context } from "../nn/index.js";

/** A network that gives local descriptors besides, and the weight λ of their triplets. */
export interface LocalObjective {
  readonly network: DescriptorNetwork;
  readonly weight: number;
  readonly options: LocalTripletOptions;
}

/** Means over the tuples of an update. */
export interface LocalNumbers {
  /** Sum of the terms of a tuple, without weight. */
  readonly loss: number;
  /** Pairs of cells that were kept. */
  readonly matches: number;
  /** Distance of the cells of a pair; NaN where none was kept. */
  readonly distance: number;
}

/** Descriptors and triplets of one pass. x: [B, C, H, W], whole tuples */
export function localPass(
  { network, options }: LocalObjective,
  x: Variable,
  context: Context,
): Description & { readonly triplets: LocalTriplets } {
  const described = network.describe(x, context);
  return { ...described, triplets: localTriplets(described.map, options) };
}

/** @param sums of the terms of every tuple of the update */
export function localNumbers(passes: readonly LocalTriplets["tuples"][], sums: readonly number[]): LocalNumbers {
  const tuples = passes.flat();
  const distances = tuples.flatMap(({ distance }) => [...distance]);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return { loss: mean(sums), matches: mean(tuples.map(({ anchor }) => anchor.length)), distance: mean(distances) };
}
