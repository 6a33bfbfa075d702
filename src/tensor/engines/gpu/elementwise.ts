/** Operations element by element: a kernel computes one element from those at its place in every operand. */
import type { BinaryName, UnaryName } from "../../engine.js";
import { collapse } from "../../layout.js";
import { broadcastShapes, broadcastStrides, sameShape, sizeOf, type Shape } from "../../shape.js";
import type { Tensor } from "../../tensor.js";
import type { Context } from "./context.js";
import type { Grid } from "./device.js";
import {
  FUNCTIONS,
  arccosine,
  cosine,
  errorFunction,
  hyperbolicTangent,
  larger,
  logarithm,
  power,
  sine,
  smaller,
} from "./functions.js";
import { kernel, kernelOfText, type Kernel, type Thread } from "./kernel.js";
import { broadcastTo } from "./movement.js";

/** Of p, which is a number: NaN is not asked. */
const UNARY: Readonly<Record<UnaryName, string>> = {
  negate: "-p",
  absolute: "Math.abs(p)",
  exp: "Math.exp(p)",
  log: `${logarithm.name}(p)`,
  sqrt: "Math.sqrt(p)",
  square: "p * p",
  reciprocal: "1 / p",
  sign: "Math.sign(p)",
  sin: `${sine.name}(p)`,
  cos: `${cosine.name}(p)`,
  arccos: `${arccosine.name}(p)`,
  tanh: `${hyperbolicTangent.name}(p)`,
  sigmoid: "1 / (1 + Math.exp(-p))",
  erf: `${errorFunction.name}(p)`,
};

/** Of p and q. */
const BINARY: Readonly<Record<BinaryName, string>> = {
  add: "p + q",
  subtract: "p - q",
  multiply: "p * q",
  divide: "p / q",
  maximum: `${larger.name}(p, q)`,
  minimum: `${smaller.name}(p, q)`,
  power: `${power.name}(p, q)`,
  greater: "p > q ? 1.0 : 0.0",
  greaterEqual: "p >= q ? 1.0 : 0.0",
  equal: "p === q ? 1.0 : 0.0",
};

const unaryKernels = mapRecord(UNARY, (name, formula) =>
  kernelOfText(
    name,
    { arrays: 1, helpers: FUNCTIONS },
    `function (x) { const p = x[this.thread.x]; if (p === p) return ${formula}; return p; }`,
  ),
);

/** Operands of one shape. */
const binaryKernels = mapRecord(BINARY, (name, formula) =>
  kernelOfText(
    name,
    { arrays: 2, helpers: FUNCTIONS },
    `function (a, b) { const p = a[this.thread.x]; const q = b[this.thread.x]; return ${formula}; }`,
  ),
);

/** With strides: how far a step along each axis of the grid moves in an operand, 0 where it is stretched. */
const broadcastKernels = mapRecord(BINARY, (name, formula) =>
  kernelOfText(
    `${name}, broadcast`,
    { arrays: 2, integers: 6, helpers: FUNCTIONS },
    `function (a, b, aRight, aDown, aDeep, bRight, bDown, bDeep) {
      const p = a[this.thread.x * aRight + this.thread.y * aDown + this.thread.z * aDeep];
      const q = b[this.thread.x * bRight + this.thread.y * bDown + this.thread.z * bDeep];
      return ${formula};
    }`,
  ),
);

function mapRecord<Name extends string>(
  formulas: Readonly<Record<Name, string>>,
  make: (name: Name, formula: string) => Kernel,
): Record<Name, Kernel> {
  const names = Object.keys(formulas) as Name[];
  return Object.fromEntries(names.map((name) => [name, make(name, formulas[name])])) as Record<Name, Kernel>;
}

const fullKernel = kernel("full", { arrays: 0, numbers: 1 }, function (this: Thread, value: number) {
  return value;
});

const affineKernel = kernel(
  "affine",
  { arrays: 1, numbers: 2 },
  function (this: Thread, x: number[], scale: number, shift: number) {
    return scale * x[this.thread.x] + shift;
  },
);

const clampKernel = kernel(
  "clamp",
  { arrays: 1, numbers: 2 },
  function (this: Thread, x: number[], low: number, high: number) {
    if (x[this.thread.x] < low) return low;
    if (x[this.thread.x] > high) return high;
    return x[this.thread.x]; // a NaN too
  },
);

const selectKernel = kernel(
  "select",
  { arrays: 3 },
  function (this: Thread, condition: number[], yes: number[], no: number[]) {
    if (condition[this.thread.x] === 0) return no[this.thread.x]; // asked so, NaN is not 0 on a GPU either
    return yes[this.thread.x];
  },
);

export function full(context: Context, shape: Shape, value: number): Tensor {
  return context.launch(fullKernel, shape, [sizeOf(shape)], [], [value]);
}

export function unary(context: Context, name: UnaryName, x: Tensor): Tensor {
  return context.launch(unaryKernels[name], x.shape, [x.size], [x]);
}

export function binary(context: Context, name: BinaryName, a: Tensor, b: Tensor): Tensor {
  if (sameShape(a.shape, b.shape)) return context.launch(binaryKernels[name], a.shape, [a.size], [a, b]);
  const shape = broadcastShapes(a.shape, b.shape, name);
  const { extents, strides } = collapse(shape, [broadcastStrides(a.shape, shape), broadcastStrides(b.shape, shape)]);
  if (extents.length > 3) {
    return context.scope(() => binary(context, name, broadcastTo(context, a, shape), broadcastTo(context, b, shape)));
  }
  const grid = extents.toReversed() as unknown as Grid;
  return context.launch(broadcastKernels[name], shape, grid, [a, b], strides.flatMap(alongThreeAxes));
}

/** Of the axes from the last to the first; 0 for those that are not there. */
function alongThreeAxes(strides: readonly number[]): number[] {
  return [...strides.toReversed(), 0, 0].slice(0, 3);
}

export function affine(context: Context, x: Tensor, scale: number, shift: number): Tensor {
  return context.launch(affineKernel, x.shape, [x.size], [x], [scale, shift]);
}

export function clamp(context: Context, x: Tensor, low: number, high: number): Tensor {
  return context.launch(clampKernel, x.shape, [x.size], [x], [low, high]);
}

export function select(context: Context, condition: Tensor, yes: Tensor, no: Tensor): Tensor {
  return context.launch(selectKernel, yes.shape, [yes.size], [condition, yes, no]);
}
