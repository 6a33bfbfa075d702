/** Elementwise operations: broadcasting is worked out here, the kernels see rows. */
import type { BinaryName, UnaryName } from "../../engine.js";
import { broadcastShapes, broadcastStrides, sameShape, sizeOf, type Shape } from "../../shape.js";
import type { Tensor } from "../../tensor.js";
import { blocksOf, pointerOf, withTable, type Context } from "./context.js";
import { collapse, outerAxes } from "../../layout.js";

/** The kernels know an operation by its position here. */
const UNARY_NAMES: readonly UnaryName[] = [
  ...(["negate", "absolute", "exp", "log", "sqrt", "square", "reciprocal", "sign"] as const),
  ...(["sin", "cos", "arccos", "tanh", "sigmoid", "erf"] as const),
];
const BINARY_NAMES: readonly BinaryName[] = [
  ...(["add", "subtract", "multiply", "divide", "maximum", "minimum", "power"] as const),
  ...(["greater", "greaterEqual", "equal"] as const),
];

/** Rough cost of one element in floating-point operations, where it is not 1. */
const COSTS: Readonly<Partial<Record<UnaryName | BinaryName, number>>> = {
  ...{ exp: 8, log: 8, tanh: 12, sigmoid: 12, erf: 16, sin: 30, cos: 30, arccos: 30, power: 60, divide: 2, sqrt: 2 },
};

export function unary(context: Context, name: UnaryName, x: Tensor): Tensor {
  const from = pointerOf(context, x, name);
  const y = context.make(x.shape);
  const args = [UNARY_NAMES.indexOf(name), from, pointerOf(context, y, name), x.size];
  context.run("unary", blocksOf(x.size), args, x.size * (COSTS[name] ?? 1));
  return y;
}

export function binary(context: Context, name: BinaryName, a: Tensor, b: Tensor): Tensor {
  const operation = BINARY_NAMES.indexOf(name);
  const shape = sameShape(a.shape, b.shape) ? a.shape : broadcastShapes(a.shape, b.shape, name);
  const [left, right] = [pointerOf(context, a, name), pointerOf(context, b, name)];
  const y = context.make(shape);
  const work = y.size * (COSTS[name] ?? 1);
  const isFlat = (x: Tensor): boolean => x.size === y.size || x.size === 1;
  if (isFlat(a) && isFlat(b) && Math.max(a.size, b.size) === y.size) {
    const step = (x: Tensor): number => (x.size === y.size ? 1 : 0);
    const args = [operation, left, step(a), right, step(b), pointerOf(context, y, name), y.size];
    context.run("binary", blocksOf(y.size), args, work);
    return y;
  }
  const layout = collapse(shape, [broadcastStrides(a.shape, shape), broadcastStrides(b.shape, shape)]);
  const inner = layout.extents[layout.extents.length - 1];
  const [aStep, bStep] = layout.strides.map((stride) => stride[stride.length - 1]);
  withTable(context, outerAxes(layout), (axes) => {
    const target = pointerOf(context, y, name);
    const args = [operation, left, aStep, right, bStep, target, inner, axes, layout.extents.length - 1];
    context.run("binaryRows", y.size === 0 ? 0 : y.size / inner, args, work);
  });
  return y;
}

export function affine(context: Context, x: Tensor, scale: number, shift: number): Tensor {
  const from = pointerOf(context, x, "affine");
  const y = context.make(x.shape);
  context.run("affine", blocksOf(x.size), [from, pointerOf(context, y, "affine"), x.size, scale, shift], x.size);
  return y;
}

export function clamp(context: Context, x: Tensor, low: number, high: number): Tensor {
  const from = pointerOf(context, x, "clamp");
  const y = context.make(x.shape);
  context.run("clamp", blocksOf(x.size), [from, pointerOf(context, y, "clamp"), x.size, low, high], x.size);
  return y;
}

export function select(context: Context, condition: Tensor, yes: Tensor, no: Tensor): Tensor {
  const from = [condition, yes, no].map((x) => pointerOf(context, x, "select"));
  const y = context.make(condition.shape);
  context.run("select", blocksOf(y.size), [...from, pointerOf(context, y, "select"), y.size], y.size);
  return y;
}

export function full(context: Context, shape: Shape, value: number): Tensor {
  const y = context.make(shape);
  context.run("fill", blocksOf(y.size), [pointerOf(context, y, "full"), sizeOf(shape), value], y.size / 2);
  return y;
}
