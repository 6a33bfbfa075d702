/** Sum, mean and maximum over axes. All axes where none are given. */
import type { Window2d } from "../../tensor/engine.js";
import { formatShape, normalizeAxes, sizeOf, type Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { operation, type Sample, type SampleInput } from "../operation.js";
import type { Variable } from "../variable.js";
import { distinct } from "./sampleValues.js";

interface ReductionOptions {
  /** Ascending and distinct. */
  readonly axes: readonly number[];
  /** Reduced axes stay, with extent 1. */
  readonly keepDims: boolean;
}

function optionsOf(
  name: string,
  x: Variable,
  axes: readonly number[] | undefined,
  keepDims: boolean,
): ReductionOptions {
  const all = x.shape.map((_, axis) => axis);
  return { axes: axes === undefined ? all : normalizeAxes(axes, x.shape.length, name), keepDims };
}

/** The shape of a result whose reduced axes stay as 1. */
function keptShape(shape: Shape, axes: readonly number[]): number[] {
  return shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
}

function samplesOf(values?: SampleInput["values"]): Sample<ReductionOptions>[] {
  return [
    { inputs: [{ shape: [3, 4], values }], options: { axes: [0, 1], keepDims: false } },
    { inputs: [{ shape: [3, 4], values }], options: { axes: [1], keepDims: true } },
    { inputs: [{ shape: [2, 3, 5, 2], values }], options: { axes: [0, 2], keepDims: false } },
    { inputs: [{ shape: [4, 1], values }], options: { axes: [1], keepDims: false } },
    { inputs: [{ shape: [], values }], options: { axes: [], keepDims: false } },
    { inputs: [{ shape: [33, 17], values }], options: { axes: [0], keepDims: false } },
  ];
}

export const sumOperation = operation<[Tensor], ReductionOptions>({
  name: "sum",
  signature: "x → Σ over axes",
  forward: (engine, [x], { axes, keepDims }) => ({ y: engine.reduce("sum", x, axes, keepDims) }),
  backward: (dy, { engine, inputs: [x], options: { axes } }) => [
    engine.broadcastTo(dy.reshape(keptShape(x.shape, axes)), x.shape),
  ],
  samples: samplesOf(),
  linearIn: [0],
});

/** Σ x over the axes (default: all). */
export function sum(x: Variable, axes?: readonly number[], keepDims = false): Variable {
  return sumOperation([x], optionsOf("sum", x, axes, keepDims));
}

export const meanOperation = operation<[Tensor], ReductionOptions>({
  name: "mean",
  signature: "x → mean over axes",
  forward: (engine, [x], { axes, keepDims }) => ({ y: engine.reduce("mean", x, axes, keepDims) }),
  backward(dy, { engine, inputs: [x], y, options: { axes } }) {
    const share = engine.affine(dy.reshape(keptShape(x.shape, axes)), y.size / x.size, 0);
    return [engine.broadcastTo(share, x.shape)];
  },
  samples: samplesOf(),
  linearIn: [0],
});

/** Mean of x over the axes (default: all). */
export function mean(x: Variable, axes?: readonly number[], keepDims = false): Variable {
  return meanOperation([x], optionsOf("mean", x, axes, keepDims));
}

export const maximumOverOperation = operation<[Tensor], ReductionOptions>({
  name: "maximumOver",
  signature: "x → maximum over axes",
  check([x], { axes }) {
    if (axes.some((axis) => x.shape[axis] === 0)) {
      throw new Error(
        `maximumOver: no elements to choose from; given ${formatShape(x.shape)}, axes [${axes.join(", ")}].`,
      );
    }
  },
  forward: (engine, [x], { axes, keepDims }) => ({ y: engine.reduce("maximum", x, axes, keepDims) }),
  // The element that was chosen gets all of dy. Elements that compete are laid side by side; the maximum is then one pooling
  // window as wide as they are many, whose derivative picks the first of equal ones.
  backward(dy, { engine, inputs: [x], y, options: { axes } }) {
    const order = [...x.shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
    const competitors = sizeOf(axes.map((axis) => x.shape[axis]));
    const window: Window2d = { kernel: [1, competitors], stride: [1, 1], padding: [0, 0], dilation: [1, 1] };
    const sideBySide = engine.permute(x, order);
    const rows = sideBySide.reshape([1, 1, y.size, competitors]);
    const gradient = engine.maxPool2dGradient(rows, dy.reshape([1, 1, y.size, 1]), window);
    return [
      engine.permute(
        gradient.reshape(sideBySide.shape),
        order.map((_, axis) => order.indexOf(axis)),
      ),
    ];
  },
  samples: samplesOf(distinct()),
  kinks: "equal maxima: the first gets all",
});

/** Largest x over the axes. The gradient goes to the first of equal maxima in row-major order. */
export function maximumOver(x: Variable, axes?: readonly number[], keepDims = false): Variable {
  return maximumOverOperation([x], optionsOf("maximumOver", x, axes, keepDims));
}
