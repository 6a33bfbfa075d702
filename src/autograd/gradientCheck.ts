/**
 * Gradients checked against central differences, (f(x + h) − f(x − h)) / 2h.
 *
 * Small inputs: the full Jacobian, element by element of input and output. Large ones: derivatives along random directions,
 * where one number stands for all elements at once. Runs on the reference engine in float64; a float32 engine has too few
 * digits for a difference.
 *
 * Step and tolerance. The difference is off by h²/6 · f‴ (the curvature of f′) and by about ε·|f|/h (rounding, ε = 2e-16). The two
 * balance at h ≈ ε^(1/3) ≈ 6e-6, relative to the scale of x, and leave about 1e-10 relative to the scale of f. The tolerance of
 * 1e-7 leaves a factor of a thousand for functions that are steeper than they are large; a wrong formula is off by far more.
 */
import type { Tensor } from "../tensor/tensor.js";
import { stream } from "../tensor/random.js";
import { formatShape, sizeOf, type Shape } from "../tensor/shape.js";
import { noGrad } from "./gradientMode.js";
import { constant, Variable } from "./variable.js";

export interface GradientCheckOptions {
  /** Step of the differences, relative to max(1, |x|). */
  readonly step?: number;
  readonly absoluteTolerance?: number;
  readonly relativeTolerance?: number;
  /** Jacobians with more entries than this are checked along random directions. */
  readonly fullJacobianUpTo?: number;
  /** Number of random directions. */
  readonly directions?: number;
  /** Names the stream that draws the directions. */
  readonly seed?: number;
  /** Which inputs to check; default: all. */
  readonly differentiable?: readonly boolean[];
}

interface Settings {
  readonly step: number;
  readonly absoluteTolerance: number;
  readonly relativeTolerance: number;
  readonly fullJacobianUpTo: number;
  readonly directions: number;
  readonly seed: number;
}

type Differentiated = (inputs: Variable[]) => Variable;

/**
 * Throws when a gradient of `fn` at `inputs` is not what differences say: the message names input, element, the gradient
 * computed and the difference. `fn` must be a function of its inputs alone and return one variable of any shape.
 */
export function checkGradients(
  fn: Differentiated,
  inputs: readonly Tensor[],
  options: GradientCheckOptions = {},
): void {
  const [first] = inputs;
  if (first.engine.float !== "float64") {
    throw new Error(
      `checkGradients: differences need float64, as the reference engine has; given "${first.engine.name}".`,
    );
  }
  const { step = 6e-6, absoluteTolerance = 1e-7, relativeTolerance = 1e-7 } = options;
  const { fullJacobianUpTo = 2500, directions = 8, seed = 0 } = options;
  const settings = { step, absoluteTolerance, relativeTolerance, fullJacobianUpTo, directions, seed };
  first.engine.scope(() => {
    for (const position of inputs.keys()) {
      if (options.differentiable?.[position] === false) continue;
      checkInput(fn, inputs, position, settings);
    }
  });
}

function checkInput(fn: Differentiated, inputs: readonly Tensor[], position: number, settings: Settings): void {
  const x = inputs[position];
  const outputs = sizeOf(evaluateShape(fn, inputs));
  if (x.size * outputs <= settings.fullJacobianUpTo) checkJacobian(fn, inputs, position, outputs, settings);
  else checkDirections(fn, inputs, position, settings);
}

/** Row o of the Jacobian by backward from output o, column i by a difference along input i. */
function checkJacobian(
  fn: Differentiated,
  inputs: readonly Tensor[],
  position: number,
  outputs: number,
  settings: Settings,
): void {
  const x = inputs[position];
  const values = x.dataSync();
  const rows = Array.from({ length: outputs }, (_, output) => {
    const seed = new Float64Array(outputs);
    seed[output] = 1;
    return gradient(fn, inputs, position, seed);
  });
  for (let element = 0; element < x.size; element++) {
    const direction = new Float64Array(x.size);
    direction[element] = 1;
    const scale = Math.max(1, Math.abs(values[element]));
    const column = difference(fn, inputs, position, direction, settings.step * scale);
    for (let output = 0; output < outputs; output++) {
      compare(rows[output][element], column[output], settings, () => {
        const where = `element [${coordinates(element, x.shape)}] of input ${position} ${formatShape(x.shape)}`;
        return `${where}, output element ${output} of ${outputs}`;
      });
    }
  }
}

/** ⟨gradient of ⟨u, f⟩, v⟩ against ⟨u, difference of f along v⟩, for random u and unit v. */
function checkDirections(fn: Differentiated, inputs: readonly Tensor[], position: number, settings: Settings): void {
  const x = inputs[position];
  const scale = Float64Array.from(x.dataSync()).reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  const outputs = sizeOf(evaluateShape(fn, inputs));
  for (let number = 0; number < settings.directions; number++) {
    const random = stream(settings.seed, "gradient check", position, number);
    const u = unit(Float64Array.from({ length: outputs }, () => random.normal()));
    const v = unit(Float64Array.from({ length: x.size }, () => random.normal()));
    const analytic = dot(gradient(fn, inputs, position, u), v);
    const numeric = dot(u, difference(fn, inputs, position, v, settings.step * scale));
    compare(
      analytic,
      numeric,
      settings,
      () => `input ${position} ${formatShape(x.shape)} along random direction ${number}`,
    );
  }
}

function compare(analytic: number, numeric: number, settings: Settings, where: () => string): void {
  const tolerance = settings.absoluteTolerance + settings.relativeTolerance * Math.abs(numeric);
  if (Math.abs(analytic - numeric) <= tolerance) return; // false for NaN too
  throw new Error(
    `checkGradients: at ${where()}, the gradient is ${analytic}, but central differences give ${numeric} ` +
      `(allowed distance ${tolerance.toExponential(1)}).`,
  );
}

function evaluateShape(fn: Differentiated, inputs: readonly Tensor[]): Shape {
  const [{ engine }] = inputs;
  let shape: Shape = [];
  engine.scope(() => {
    shape = noGrad(() => fn(inputs.map(constant))).shape;
  });
  return shape;
}

/** dL/dinput for L = ⟨seed, fn(inputs)⟩, from the tape; zeros where the output does not depend on the input. */
function gradient(
  fn: Differentiated,
  inputs: readonly Tensor[],
  position: number,
  seed: Float64Array,
): ArrayLike<number> {
  const [{ engine }] = inputs;
  return engine.scope(() => {
    const variables = inputs.map((tensor, i) => new Variable(tensor, i === position));
    const y = fn(variables);
    if (!y.requiresGrad) return new Float64Array(inputs[position].size);
    y.backward(engine.tensor(seed, y.shape));
    const computed = variables[position].grad?.dataSync() ?? new Float64Array(inputs[position].size);
    variables[position].zeroGrad();
    return computed;
  });
}

/** (fn(x + h·direction) − fn(x − h·direction)) / 2h, for every output element. */
function difference(
  fn: Differentiated,
  inputs: readonly Tensor[],
  position: number,
  direction: Float64Array,
  h: number,
): Float64Array {
  const [{ engine }] = inputs;
  const values = inputs[position].dataSync();
  const evaluate = (distance: number): ArrayLike<number> =>
    engine.scope(() => {
      const moved = engine.tensor(
        values.map((value, i) => value + distance * direction[i]),
        inputs[position].shape,
      );
      return noGrad(() => fn(inputs.map((tensor, i) => constant(i === position ? moved : tensor)))).dataSync();
    });
  const above = evaluate(h);
  const below = evaluate(-h);
  return Float64Array.from(above, (value, i) => (value - below[i]) / (2 * h));
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function unit(direction: Float64Array): Float64Array {
  const length = Math.sqrt(dot(direction, direction));
  return direction.map((value) => value / length);
}

/** Coordinates of an element by its row-major number. */
function coordinates(element: number, shape: Shape): string {
  const result: number[] = [];
  let rest = element;
  for (const extent of [...shape].reverse()) {
    result.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return result.join(", ");
}
