/** Kernels that only move elements: each is a view that is copied out in row-major order. */
import type { FloatArray } from "../../engine.js";
import { sizeOf, type Shape } from "../../shape.js";
import { broadcastView, copyView, viewOf, type Values } from "./values.js";

export function broadcastTo(x: Values, shape: Shape, out: FloatArray): void {
  copyView(broadcastView(x, shape), out);
}

export function permute(x: Values, permutation: readonly number[], out: FloatArray): void {
  copyView(viewOf(x).transpose(...permutation), out);
}

export function slice(x: Values, axis: number, start: number, end: number, out: FloatArray): void {
  const low = x.shape.map((_, i) => (i === axis ? start : 0));
  const extent = x.shape.map((full, i) => (i === axis ? end - start : full));
  copyView(
    viewOf(x)
      .lo(...low)
      .hi(...extent),
    out,
  );
}

/** Seen as [outer, extent, inner], the parts take turns: one block of extent · inner elements of each per outer row. */
export function concatenate(parts: readonly Values[], axis: number, out: FloatArray): void {
  const outer = sizeOf(parts[0].shape.slice(0, axis));
  let position = 0;
  for (let row = 0; row < outer; row++) {
    for (const part of parts) {
      const block = sizeOf(part.shape.slice(axis));
      out.set(part.data.subarray(row * block, (row + 1) * block), position);
      position += block;
    }
  }
}
