/** Reductions over any axes: neighbouring axes are joined, then one pass for each run of reduced axes, the last one first. */
import type { ReductionName } from "../../engine.js";
import { sizeOf, type Shape } from "../../shape.js";
import type { Tensor } from "../../tensor.js";
import { blocksOf, pointerOf, type Context } from "./context.js";

/** The kernels know a reduction by its position here; a mean is a sum with a factor. */
const REDUCTIONS: readonly ReductionName[] = ["sum", "maximum", "minimum"];
/** Elements of one piece of a long row: PIECE in kernels/reductions.ts. */
const PIECE = 16_384;

export function reduce(
  context: Context,
  name: ReductionName,
  x: Tensor,
  axes: readonly number[],
  keepDims: boolean,
): Tensor {
  const shape = keepDims
    ? x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent))
    : x.shape.filter((_, axis) => !axes.includes(axis));
  const groups = runsOf(x.shape, axes);
  let current = x;
  for (let group = groups.length - 1; group >= 0; group--) {
    if (!groups[group].reduced) continue;
    const extents = groups.map(({ extent }) => extent);
    const isLast = groups.slice(0, group).every(({ reduced }) => !reduced);
    const outer = sizeOf(extents.slice(0, group));
    const inner = sizeOf(extents.slice(group + 1));
    const next = pass(context, name, current, outer, extents[group], inner, isLast ? shape : [outer * inner]);
    if (current !== x) current.dispose();
    current = next;
    groups.splice(group, 1);
  }
  return current === x ? copy(context, x, shape) : current;
}

/** Runs of axes that are all reduced or all kept; axes of extent 1 are in none. */
function runsOf(shape: Shape, axes: readonly number[]): { extent: number; reduced: boolean }[] {
  const runs: { extent: number; reduced: boolean }[] = [];
  for (const [axis, extent] of shape.entries()) {
    if (extent === 1) continue;
    const reduced = axes.includes(axis);
    const last = runs.at(-1);
    if (last?.reduced === reduced) last.extent *= extent;
    else runs.push({ extent, reduced });
  }
  return runs;
}

/** [outer, count, inner] → [outer, inner] */
function pass(
  context: Context,
  name: ReductionName,
  x: Tensor,
  outer: number,
  count: number,
  inner: number,
  shape: Shape,
): Tensor {
  const operation = REDUCTIONS.indexOf(name === "mean" ? "sum" : name);
  const scale = name === "mean" ? 1 / count : 1;
  const from = pointerOf(context, x, name);
  const y = context.make(shape);
  const to = pointerOf(context, y, name);
  if (inner > 1) {
    const items = outer * Math.ceil(inner / 16);
    context.run("reduceColumns", items, [operation, from, to, count, inner, scale], x.size);
  } else if (count < 4 * PIECE) {
    context.run("reduceRows", outer, [operation, from, to, count, scale], x.size);
  } else {
    const pieces = Math.ceil(count / PIECE);
    const partial = context.allocate(outer * pieces * 8);
    context.run("reducePieces", outer * pieces, [operation, from, partial, count, pieces], x.size);
    context.run("reducePartials", outer, [operation, partial, to, pieces, scale], outer * pieces);
    context.release(partial);
  }
  return y;
}

function copy(context: Context, x: Tensor, shape: Shape): Tensor {
  const y = context.make(shape);
  context.run(
    "copy",
    blocksOf(x.size),
    [pointerOf(context, x, "reduce"), pointerOf(context, y, "reduce"), x.size],
    x.size,
  );
  return y;
}
