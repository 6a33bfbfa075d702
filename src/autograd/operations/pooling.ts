/** Pooling over windows of [B, C, H, W], and over whole channels. */
import type { Window2d } from "../../tensor/engine.js";
import { formatShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { operation } from "../operation.js";
import { constant, type Variable } from "../variable.js";
import { divide, multiply, power } from "./arithmetic.js";
import { clamp, reciprocal } from "./elementary.js";
import { maximumOver, mean } from "./reductions.js";
import { reshape } from "./shape.js";
import { distinct } from "./sampleValues.js";
import { checkWindow, pair, type Pair } from "./window.js";

export interface PoolSettings {
  readonly kernel: Pair;
  /** Default: the kernel, so that windows tile the image. */
  readonly stride?: Pair;
  readonly padding?: Pair;
  readonly dilation?: Pair;
}

function windowOf({ kernel, stride = kernel, padding = 0, dilation = 1 }: PoolSettings): Window2d {
  return { kernel: pair(kernel), stride: pair(stride), padding: pair(padding), dilation: pair(dilation) };
}

function checkPool(name: string, x: Tensor, window: Window2d): void {
  const { kernel, stride, padding } = window;
  const given =
    `input ${formatShape(x.shape)}, kernel ${kernel.join("×")}, ` +
    `stride ${stride.join("×")}, padding ${padding.join("×")}`;
  if (x.rank !== 4) throw new Error(`${name}: the input must be [B, C, H, W].\n        ${given}`);
  // a window that lay in the padding alone would have no element to choose
  if (padding.some((extent, axis) => 2 * extent > kernel[axis])) {
    throw new Error(`${name}: padding must be at most half of the kernel.\n        ${given}`);
  }
  checkWindow(name, x.shape, window, given);
}

export const maxPool2dOperation = operation<[Tensor], Window2d>({
  name: "maxPool2d",
  signature: "[B, C, H, W] → [B, C, H′, W′]",
  check: ([x], window) => checkPool("maxPool2d", x, window),
  forward: (engine, [x], window) => ({ y: engine.maxPool2d(x, window) }),
  // the chosen element of a window gets its dy; an element that was chosen by several windows gets the sum
  backward: (dy, { engine, inputs: [x], options: window }) => [engine.maxPool2dGradient(x, dy, window)],
  samples: [
    { inputs: [{ shape: [2, 3, 4, 6], values: distinct() }], options: windowOf({ kernel: 2 }) },
    { inputs: [{ shape: [1, 2, 7, 5], values: distinct() }], options: windowOf({ kernel: 3, stride: 2, padding: 1 }) },
    { inputs: [{ shape: [1, 1, 1, 1], values: distinct() }], options: windowOf({ kernel: 1 }) },
    { inputs: [{ shape: [1, 2, 5, 6], values: distinct() }], options: windowOf({ kernel: [2, 3], stride: [1, 2] }) },
  ],
  kinks: "equal maxima: the first gets all",
});

/** Largest element of every window; the gradient goes to the first of equal ones. Padding is never chosen. */
export function maxPool2d(x: Variable, options: PoolSettings): Variable {
  return maxPool2dOperation([x], windowOf(options));
}

export const averagePool2dOperation = operation<[Tensor], Window2d>({
  name: "averagePool2d",
  signature: "[B, C, H, W] → [B, C, H′, W′]",
  check: ([x], window) => checkPool("averagePool2d", x, window),
  forward: (engine, [x], window) => ({ y: engine.averagePool2d(x, window) }),
  backward: (dy, { engine, inputs: [x], options: window }) => [engine.averagePool2dGradient(dy, window, x.shape)],
  samples: [
    { inputs: [{ shape: [2, 3, 4, 6] }], options: windowOf({ kernel: 2 }) },
    { inputs: [{ shape: [1, 2, 7, 5] }], options: windowOf({ kernel: 3, stride: 2, padding: 1 }) },
    { inputs: [{ shape: [1, 1, 1, 1] }], options: windowOf({ kernel: 1 }) },
  ],
  linearIn: [0],
});

/** Mean of every window; padding counts as zeros, as in PyTorch's default. */
export function averagePool2d(x: Variable, options: PoolSettings): Variable {
  return averagePool2dOperation([x], windowOf(options));
}

/** Mean of every channel: [B, C, H, W] → [B, C, 1, 1] */
export function globalAveragePool(x: Variable): Variable {
  return mean(x, [2, 3], true);
}

/** Largest element of every channel: [B, C, H, W] → [B, C, 1, 1] */
export function globalMaxPool(x: Variable): Variable {
  return maximumOver(x, [2, 3], true);
}

/**
 * Generalised mean (Radenović et al. 2018, equation 3): (mean of max(x, ε)^p)^(1/p), with p = 1 the average and p → ∞ the
 * maximum. x: [B, C, H, W], p: [1] → [B, C]
 *
 * What is raised are shares of the largest element, which lie in (0, 1]: no power overflows, and their mean is 1/(HW) at least. The whole
 * does not depend on what it is divided and multiplied by, so that this is a constant to the derivative.
 */
export function gemPool(x: Variable, p: Variable, epsilon = 1e-6): Variable {
  const floored = clamp(x, epsilon, Infinity); // [B, C, H, W]
  const largest = maximumOver(constant(floored.tensor), [2, 3], true); // [B, C, 1, 1]
  const shares = mean(power(divide(floored, largest), p), [2, 3]); // [B, C]
  return multiply(power(shares, reciprocal(p)), reshape(largest, shares.shape)); // [B, C]
}
