/** Operations that only move elements; the derivative moves them back. */
import { broadcastShapes, formatShape, resolveReshape, sameShape, type Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { operation } from "../operation.js";
import type { Variable } from "../variable.js";
import { sumTo } from "./sumTo.js";

export const reshapeOperation = operation<[Tensor], { readonly shape: Shape }>({
  name: "reshape",
  signature: "x → the same elements in another shape",
  check: ([x], { shape }) => void resolveReshape(shape, x.size),
  forward: (_engine, [x], { shape }) => ({ y: x.reshape(shape) }),
  backward: (dy, { inputs: [x] }) => [dy.reshape(x.shape)],
  samples: [
    { inputs: [{ shape: [2, 3, 4] }], options: { shape: [6, -1] } },
    { inputs: [{ shape: [1] }], options: { shape: [] } },
    { inputs: [{ shape: [5, 1] }], options: { shape: [1, 5] } },
  ],
  linearIn: [0],
});

/** The same elements, row-major, under another shape; one extent may be −1. */
export function reshape(x: Variable, shape: Shape): Variable {
  return reshapeOperation([x], { shape });
}

export const permuteOperation = operation<[Tensor], { readonly permutation: readonly number[] }>({
  name: "permute",
  signature: "x → axes in another order",
  check([x], { permutation }) {
    const sorted = [...permutation].sort((a, b) => a - b);
    if (permutation.length !== x.rank || sorted.some((axis, i) => axis !== i)) {
      throw new Error(
        `permute: each axis 0 … ${x.rank - 1} must be named once; ` +
          `given [${permutation.join(", ")}] for ${formatShape(x.shape)}.`,
      );
    }
  },
  forward: (engine, [x], { permutation }) => ({ y: engine.permute(x, permutation) }),
  // axis i came from permutation[i], and goes back there
  backward: (dy, { engine, options: { permutation } }) => [
    engine.permute(
      dy,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ],
  samples: [
    { inputs: [{ shape: [2, 3] }], options: { permutation: [1, 0] } },
    { inputs: [{ shape: [2, 3, 4] }], options: { permutation: [2, 0, 1] } },
    { inputs: [{ shape: [2, 1, 3, 5] }], options: { permutation: [0, 2, 3, 1] } },
    { inputs: [{ shape: [] }], options: { permutation: [] } },
  ],
  linearIn: [0],
});

/** Axis i of the result is axis permutation[i] of x. */
export function permute(x: Variable, permutation: readonly number[]): Variable {
  return permuteOperation([x], { permutation });
}

interface SliceOptions {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
}

export const sliceOperation = operation<[Tensor], SliceOptions>({
  name: "slice",
  signature: "x → elements start ≤ i < end of one axis",
  check([x], { axis, start, end }) {
    const extent = x.shape[axis];
    const whole = Number.isInteger(start) && Number.isInteger(end);
    if (extent === undefined || !(whole && 0 <= start && start <= end && end <= extent)) {
      throw new Error(
        `slice: 0 ≤ start ≤ end ≤ extent must hold, in whole numbers, along an existing axis; ` +
          `given axis ${axis} of ${formatShape(x.shape)}, start ${start}, end ${end}.`,
      );
    }
  },
  forward: (engine, [x], { axis, start, end }) => ({ y: engine.slice(x, axis, start, end) }),
  // what was cut off gets zeros
  backward(dy, { engine, inputs: [x], options: { axis, start, end } }) {
    const zeros = (extent: number): Tensor[] => (extent === 0 ? [] : [engine.full(x.shape.with(axis, extent), 0)]);
    return [engine.concatenate([...zeros(start), dy, ...zeros(x.shape[axis] - end)], axis)];
  },
  samples: [
    { inputs: [{ shape: [5, 3] }], options: { axis: 0, start: 1, end: 4 } },
    { inputs: [{ shape: [2, 7, 3] }], options: { axis: 1, start: 0, end: 1 } },
    { inputs: [{ shape: [4] }], options: { axis: 0, start: 0, end: 4 } },
    { inputs: [{ shape: [1, 3] }], options: { axis: 1, start: 2, end: 3 } },
  ],
  linearIn: [0],
});

/** Elements start ≤ i < end along an axis (negative: from the last). */
export function slice(x: Variable, axis: number, start: number, end: number): Variable {
  return sliceOperation([x], { axis: axis < 0 ? axis + x.shape.length : axis, start, end });
}

export const concatenateOperation = operation<readonly Tensor[], { readonly axis: number }>({
  name: "concatenate",
  signature: "parts → one after another along an axis",
  check(parts, { axis }) {
    const [first] = parts;
    const fits = (part: Tensor): boolean =>
      part.rank === first.rank && part.shape.every((extent, i) => i === axis || extent === first.shape[i]);
    if (first.shape[axis] === undefined || !parts.every(fits)) {
      throw new Error(
        `concatenate: all axes but axis ${axis} must have equal extents; ` +
          `given ${parts.map((part) => formatShape(part.shape)).join(", ")}.`,
      );
    }
  },
  forward: (engine, parts, { axis }) => ({ y: engine.concatenate(parts, axis) }),
  backward(dy, { engine, inputs: parts, options: { axis }, needs }) {
    let start = 0;
    return parts.map((part, i) => {
      const end = start + part.shape[axis];
      const piece = needs[i] ? engine.slice(dy, axis, start, end) : undefined;
      start = end;
      return piece;
    });
  },
  samples: [
    { inputs: [{ shape: [2, 3] }, { shape: [1, 3] }, { shape: [4, 3] }], options: { axis: 0 } },
    { inputs: [{ shape: [2, 3] }, { shape: [2, 1] }], options: { axis: 1 } },
    { inputs: [{ shape: [2, 1, 2] }, { shape: [2, 5, 2] }], options: { axis: 1 } },
    { inputs: [{ shape: [3] }], options: { axis: 0 } },
  ],
  linearIn: "all",
});

/** The parts one after another along an axis (negative: from the last). */
export function concatenate(parts: readonly Variable[], axis: number): Variable {
  if (parts.length === 0) throw new Error("concatenate: needs at least one part; given none.");
  return concatenateOperation(parts, { axis: axis < 0 ? axis + parts[0].shape.length : axis });
}

export const broadcastToOperation = operation<[Tensor], { readonly shape: Shape }>({
  name: "broadcastTo",
  signature: "x → a larger shape, elements repeated",
  check([x], { shape }) {
    if (!sameShape(broadcastShapes(x.shape, shape, "broadcastTo"), shape)) {
      throw new Error(
        `broadcastTo: only axes of extent 1 stretch; given ${formatShape(x.shape)} for ${formatShape(shape)}.`,
      );
    }
  },
  forward: (engine, [x], { shape }) => ({ y: engine.broadcastTo(x, shape) }),
  backward: (dy, { inputs: [x] }) => [sumTo(dy, x.shape)],
  samples: [
    { inputs: [{ shape: [3] }], options: { shape: [2, 3] } },
    { inputs: [{ shape: [2, 1, 3] }], options: { shape: [2, 4, 3] } },
    { inputs: [{ shape: [] }], options: { shape: [2, 1] } },
  ],
  linearIn: [0],
});

/** x repeated along added axes and along axes of extent 1. */
export function broadcastTo(x: Variable, shape: Shape): Variable {
  return broadcastToOperation([x], { shape });
}
