/**
 * What kernels of the reference engine see: elements and a shape, and strided views of them.
 *
 * A view is an `ndarray` (scijs): broadcasting is a stride of 0, transposing a permutation of strides, slicing an offset.
 */
import ndarray from "ndarray";
import type { NdArray } from "ndarray";
import type { FloatArray } from "../../engine.js";
import { broadcastStrides, stridesOf, type Shape } from "../../shape.js";

/** Row-major elements. */
export interface Values {
  readonly data: FloatArray;
  readonly shape: Shape;
}

export type View = NdArray<FloatArray>;

export function viewOf({ data, shape }: Values): View {
  return ndarray(data, [...shape], stridesOf(shape));
}

/** The operand as it walks over a larger shape: stretched axes stand still. */
export function broadcastView({ data, shape }: Values, target: Shape): View {
  return ndarray(data, [...target], broadcastStrides(shape, target));
}

/** Writes the elements of a view to `out` in row-major order, from `start`. */
export function copyView(view: View, out: FloatArray, start = 0): void {
  const { data, shape, stride, size } = view;
  const index = new Array<number>(shape.length).fill(0);
  let offset = view.offset;
  for (let i = 0; i < size; i++) {
    out[start + i] = data[offset];
    // an odometer: the last axis turns fastest, and an axis that is through goes back to 0 and moves the one before it
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      offset += stride[axis];
      if (++index[axis] < shape[axis]) break;
      offset -= stride[axis] * shape[axis];
      index[axis] = 0;
    }
  }
}

/** The elements of an operand broadcast to a shape, in row-major order; no copy where nothing is stretched. */
export function elementsOf(values: Values, target: Shape): FloatArray {
  const view = broadcastView(values, target);
  if (view.size === values.data.length) return values.data; // at most axes of extent 1 were added
  const elements = new Float64Array(view.size);
  copyView(view, elements);
  return elements;
}

/**
 * Runs `add` on zeros that hold float64 and stores them, rounded once, in `out`: sums are accumulated in double precision
 * whatever the engine's floating type is.
 */
export function accumulate(out: FloatArray, add: (sums: Float64Array) => void): void {
  const sums = out instanceof Float64Array ? out : new Float64Array(out.length);
  add(sums);
  if (sums !== out) out.set(sums);
}
