/**
 * Sum, mean, maximum and minimum over any set of axes.
 *
 * Reduced axes that are neighbours are one axis; others follow one after another. An axis is reduced in two stages where it is long: first by
 * many cells side by side, each of which takes every T-th element, then those T by one cell.
 */
import type { ReductionName } from "../../engine.js";
import { sizeOf } from "../../shape.js";
import type { Tensor } from "../../tensor.js";
import type { Context } from "./context.js";
import { kernelOfText, type Kernel } from "./kernel.js";
import { affine } from "./elementwise.js";
import { FUNCTIONS, larger, smaller } from "./functions.js";

/** Elements up to which one cell does the work alone. */
const ALONE = 128;

type Fold = "sum" | "maximum" | "minimum";

/** Row y of [rows, length] folded onto `width` cells: cell x takes elements x, x + width, x + 2·width, … */
const foldKernels: Record<Fold, Kernel> = {
  sum: foldKernel("sum", "folded + value"),
  maximum: foldKernel("maximum", `${larger.name}(folded, value)`),
  minimum: foldKernel("minimum", `${smaller.name}(folded, value)`),
};

/** Of no elements. */
const NOTHING: Readonly<Record<Fold, number>> = { sum: 0, maximum: -Infinity, minimum: Infinity };

function foldKernel(name: Fold, formula: string): Kernel {
  return kernelOfText(
    name,
    { arrays: 1, integers: 3, helpers: FUNCTIONS },
    `function (x, length, width, steps) {
      let folded = x[this.thread.y * length + this.thread.x];
      for (let step = 1; step < steps; step++) {
        if (step * width + this.thread.x < length) {
          const value = x[this.thread.y * length + step * width + this.thread.x];
          folded = ${formula};
        }
      }
      return folded;
    }`,
  );
}

export function reduce(
  context: Context,
  name: ReductionName,
  x: Tensor,
  axes: readonly number[],
  keepDims: boolean,
): Tensor {
  const shape = x.shape.flatMap((extent, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [extent]));
  const count = sizeOf(axes.map((axis) => x.shape[axis]));
  return context.scope(() => {
    let folded = x;
    for (const [first, last] of runsOf(axes).toReversed()) {
      const outer = sizeOf(folded.shape.slice(0, first));
      const inner = sizeOf(folded.shape.slice(last + 1));
      const kept = folded.shape.map((extent, axis) => (axis >= first && axis <= last ? 1 : extent));
      folded = fold(context, name === "mean" ? "sum" : name, folded, outer, inner).reshape(kept);
    }
    if (folded === x) folded = x.reshape(x.shape); // over no axes
    return name === "mean" ? affine(context, folded, 1 / count, 0).reshape(shape) : folded.reshape(shape);
  });
}

/** Neighbouring axes together: [0, 2, 3] → [[0, 0], [2, 3]]. */
function runsOf(axes: readonly number[]): (readonly [first: number, last: number])[] {
  const runs: [number, number][] = [];
  for (const axis of axes) {
    const run = runs.at(-1);
    if (run && run[1] === axis - 1) run[1] = axis;
    else runs.push([axis, axis]);
  }
  return runs;
}

/** x as [outer, n, inner] → [outer, inner] */
function fold(context: Context, name: Fold, x: Tensor, outer: number, inner: number): Tensor {
  if (x.size === 0) return context.full([outer, inner], NOTHING[name]);
  const n = x.size / (outer * inner);
  const stages = n > ALONE ? [Math.ceil(Math.sqrt(n)), 1] : [1];
  let folded = x;
  let length = n * inner;
  for (const stage of stages) {
    const width = stage * inner;
    const scalars = [length, width, Math.ceil(length / width)];
    folded = context.launch(foldKernels[name], [outer, width], [width, outer], [folded], scalars);
    length = width;
  }
  return folded;
}
