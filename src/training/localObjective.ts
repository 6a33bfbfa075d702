/** What CFCD's second stage adds to a step: triplets of matched cells, and what they say of themselves. */
import {
  localTriplets,
  type Description,
  type DescriptorNetwork,
  type LocalTripletOptions,
  type LocalTriplets,
} from "../cfcd/index.js";
import { constant, noGrad, type Variable } from "../autograd/index.js";
import type { Planes } from "../data/affine.js";
import { evaluating, type Context } from "../nn/index.js";
import type { Engine } from "../tensor/engine.js";

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

/** @throws Error where no cell of the network's last map could ever be matched. */
export function checkCells({ network, options }: LocalObjective, engine: Engine, images: Planes): void {
  const { channels, height, width } = images;
  const [, , rows, columns] = engine.scope(() =>
    noGrad(() => network.describe(constant(engine.full([1, channels, height, width], 0)), evaluating).map.shape),
  );
  const { prominent = 0.5 } = options;
  if (Math.floor(prominent * rows * columns) >= 1) return;
  throw new Error(
    `local stage: of images of ${height}x${width} pixels the last map has ${rows}x${columns} cells, and of a share of ${prominent} (local.prominent) of these ` +
      `none is left to be matched; a larger dataset.side, fewer stages or network.resnet.lastStride 1 make more.`,
  );
}

/** @param sums of the terms of every tuple of the update */
export function localNumbers(passes: readonly LocalTriplets["tuples"][], sums: readonly number[]): LocalNumbers {
  const tuples = passes.flat();
  const distances = tuples.flatMap(({ distance }) => [...distance]);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return { loss: mean(sums), matches: mean(tuples.map(({ anchor }) => anchor.length)), distance: mean(distances) };
}
