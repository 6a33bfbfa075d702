/**
 * Details that teach the whole (CFCD, section 3.3): cells that two images of a class have in common shall be nearer to each other than to
 * the most similar cell of images of other classes.
 *
 *     L_tri = Σ_(i,j) kept Σ_negatives max(0, |a_i − p_j|² − |a_i − n|² + margin)
 *
 * for tuples of S consecutive images: anchor, positive, S − 2 negatives. n is the cell of a negative nearest to a_i. Which cells take part
 * (`matchDescriptors.ts`) is a constant; gradients go through the kept cells alone, and through their normalisation to the map. Without a
 * pair the loss is 0 and so is every gradient.
 *
 * The public code adds up terms and tuples, and its weight is 1 where its configuration says 0.05 (the argument is never passed); here
 * weight and reduction are said by the caller.
 */
import {
  add,
  affine,
  constant,
  gatherRows,
  normalizeRows,
  permute,
  relu,
  reshape,
  square,
  subtract,
  sum,
  type Variable,
} from "../autograd/index.js";
import type { FloatArray } from "../tensor/engine.js";
import { formatShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkMatchOptions, matchDescriptors, nearestOf, type Matches, type MatchOptions } from "./matchDescriptors.js";

export interface LocalTripletOptions extends MatchOptions {
  /** S, images of a tuple: anchor, positive and at least one negative. */
  readonly tupleSize: number;
  /** Default 0.1, as published. */
  readonly margin?: number;
  /** "sum" of all terms (default, as published), or their "mean", which does not grow with the number of pairs. */
  readonly reduction?: "sum" | "mean";
}

/** What was matched in a tuple. */
export interface TupleMatches extends Matches {
  /** The cell of each negative that is nearest to each kept anchor cell: S − 2 times as many as pairs. */
  readonly negatives: readonly Int32Array[];
}

export interface LocalTriplets {
  /** [] */
  readonly loss: Variable;
  readonly tuples: readonly TupleMatches[];
  /** Sum of the terms of each tuple, before any reduction: [] each. */
  readonly sums: readonly Tensor[];
}

/**
 * @param map f, tuples one after the other: [T·S, D, H, W]
 * @throws Error where images do not make whole tuples, or the engine computes later than it is called
 */
export function localTriplets(map: Variable, options: LocalTripletOptions): LocalTriplets {
  const { tupleSize, margin = 0.1, reduction = "sum" } = options;
  check(map, options);
  const { engine } = map.tensor;
  const [images, channels, height, width] = map.shape;
  const cells = height * width;
  const rows = reshape(permute(map, [0, 2, 3, 1]), [images * cells, channels]); // [T·S·K, D]
  const tuples = engine.scope(() => {
    const unit = normalizeRows(constant(rows.tensor)).tensor;
    const attention = engine.reduce("sum", engine.unary("absolute", rows.tensor), [1], false).dataSync(); // [T·S·K]
    return Array.from({ length: images / tupleSize }, (_, t) => matchTuple(unit, attention, t, cells, options));
  });
  const terms = tuples.map((tuple, t) => tupleTerms(rows, tuple, t * tupleSize * cells, cells, margin));
  const sums = terms.map((term) => sum(term));
  const count = tuples.reduce((total, { anchor, negatives }) => total + anchor.length * negatives.length, 0);
  const total = sums.reduce((whole, part) => add(whole, part));
  const loss = affine(total, reduction === "mean" ? 1 / Math.max(1, count) : 1, 0);
  return { loss, tuples, sums: sums.map(({ tensor }) => tensor) };
}

/** Matches of tuple t: anchor and positive, and in every negative what is nearest to the kept anchor cells. unit: [T·S·K, D] */
function matchTuple(
  unit: Tensor,
  attention: FloatArray,
  t: number,
  cells: number,
  options: LocalTripletOptions,
): TupleMatches {
  const { engine } = unit;
  const { tupleSize } = options;
  const imageOf = (k: number): Tensor =>
    engine.slice(unit, 0, (t * tupleSize + k) * cells, (t * tupleSize + k + 1) * cells);
  const ofPositive = attention.subarray((t * tupleSize + 1) * cells, (t * tupleSize + 2) * cells);
  const matches = matchDescriptors(imageOf(0), imageOf(1), ofPositive, options);
  const kept = matches.anchor.length > 0 ? engine.gatherRows(imageOf(0), matches.anchor) : undefined; // [M, D]
  const negatives = Array.from({ length: tupleSize - 2 }, (_, k) =>
    kept ? Int32Array.from(nearestOf(kept, imageOf(k + 2)).index) : new Int32Array(0),
  );
  return { ...matches, negatives };
}

/** max(0, |a − p|² − |a − n|² + margin) of every negative and pair. rows: [T·S·K, D] → [S − 2, M] */
function tupleTerms(
  rows: Variable,
  { anchor, positive, negatives }: TupleMatches,
  first: number,
  cells: number,
  margin: number,
): Variable {
  const pairs = anchor.length;
  /** Of these cells of image k and the images after it: [images, M, D] */
  const descriptors = (k: number, ...images: readonly Int32Array[]): Variable => {
    const index = images.flatMap((list, image) => Array.from(list, (cell) => first + (k + image) * cells + cell));
    return reshape(normalizeRows(gatherRows(rows, Int32Array.from(index))), [images.length, pairs, rows.shape[1]]);
  };
  const a = descriptors(0, anchor); // [1, M, D]
  const near = sum(square(subtract(a, descriptors(1, positive))), [2]); // [1, M]
  const hardest = sum(square(subtract(a, descriptors(2, ...negatives))), [2]); // [S − 2, M]
  return relu(affine(subtract(near, hardest), 1, margin));
}

function check({ shape, tensor }: Variable, { tupleSize, margin = 0.1, ...matching }: LocalTripletOptions): void {
  checkMatchOptions(matching);
  if (!(Number.isInteger(tupleSize) && tupleSize >= 3) || !(margin >= 0 && margin < Infinity)) {
    throw new Error(
      `local triplets: a tuple is an anchor, a positive and one negative at least, three images, and the margin is not negative; given ` +
        `${tupleSize} and ${margin}.`,
    );
  }
  if (shape.length !== 4 || shape[0] % tupleSize !== 0) {
    throw new Error(
      `local triplets: feature maps are [images, channels, height, width] of whole tuples of ${tupleSize} images; given ${formatShape(shape)}.`,
    );
  }
  if (tensor.engine.kind === "gpu") {
    throw new Error(
      `local triplets: which cells match is read before the loss, which needs an engine that computes at once, as wasm does; ` +
        `${tensor.engine.name} does not.`,
    );
  }
}
