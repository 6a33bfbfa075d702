/**
 * L-BFGS: minimises a smooth function of many numbers from its values and gradients.
 *
 * Liu and Nocedal (1989), "On the limited memory BFGS method for large scale optimization": the last ten steps s and changes of gradient
 * y stand for the inverse Hessian, which the two-loop recursion applies to a gradient. The step length meets the weak Wolfe conditions, found by
 * doubling and halving (Lewis and Overton 2013, algorithm 2.6): enough decrease, and a slope so much flatter that s·y > 0, which keeps the
 * inverse Hessian positive. No randomness: the same function and start give the same bits.
 *
 * Left out: bounds, strong Wolfe conditions with cubic interpolation (a unit step is nearly always accepted at once).
 */

/** Writes ∇f(x) to `gradient` and returns f(x). */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
  /** Steps that are remembered, default 10. */
  readonly history?: number;
  /** At most, default 1000. */
  readonly iterations?: number;
  /** Stops when no component of the gradient is larger; default 1e-6. */
  readonly tolerance?: number;
}

export interface LbfgsResult {
  readonly x: Float64Array;
  readonly value: number;
  /** The largest component of the gradient, in absolute value. */
  readonly gradientNorm: number;
  readonly iterations: number;
  readonly evaluations: number;
  /** Why it ended: the tolerance is met, the iterations are used up, or rounding hides any further decrease. */
  readonly stopped: "gradient" | "iterations" | "precision";
}

/** Share of the promised decrease that a step must bring, and of the slope that may be left (Nocedal and Wright, section 3.1). */
const DECREASE = 1e-4;
const SLOPE = 0.9;
/** Near a minimum the decrease is less than the rounding of the value; up to this share of it the slopes decide (Hager and Zhang 2005). */
const ROUNDING = 16 * Number.EPSILON;
/** Halvings and doublings of a step: 2^-60 of it is beyond float64. */
const TRIALS = 60;

interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  /** s·y > 0 */
  readonly curvature: number;
}

interface Point {
  readonly x: Float64Array;
  readonly gradient: Float64Array;
  readonly value: number;
}

/** A local minimum near `start`, which is not changed. Throws when the function is not finite there. */
export function lbfgs(objective: Objective, start: Float64Array, options: LbfgsOptions = {}): LbfgsResult {
  const { history = 10, iterations: limit = 1000, tolerance = 1e-6 } = options;
  let evaluations = 0;
  const evaluate = (x: Float64Array): Point => {
    evaluations++;
    const gradient = new Float64Array(x.length);
    return { x, value: objective(x, gradient), gradient };
  };
  let point = evaluate(start.slice());
  if (!Number.isFinite(point.value)) {
    throw new Error(`lbfgs: the function must be finite at the start, but it is ${point.value}.`);
  }
  const pairs: Pair[] = [];
  for (let iterations = 0; ; iterations++) {
    const gradientNorm = largest(point.gradient);
    const end = (stopped: LbfgsResult["stopped"]): LbfgsResult => ({
      ...{ x: point.x, value: point.value, gradientNorm, iterations, evaluations, stopped },
    });
    if (gradientNorm <= tolerance) return end("gradient");
    if (iterations >= limit) return end("iterations");
    const next = wolfeStep(point, quasiNewtonDirection(point.gradient, pairs), evaluate);
    if (!next) return end("precision");
    const s = next.x.map((value, i) => value - point.x[i]);
    const y = next.gradient.map((value, i) => value - point.gradient[i]);
    const curvature = dot(s, y);
    if (curvature > 0) pairs.push({ s, y, curvature }); // not so only by rounding
    if (pairs.length > history) pairs.shift();
    point = next;
  }
}

/** −H·g. Without a history the gradient itself, at most of length one: the function's scale is not known yet. */
function quasiNewtonDirection(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const direction = gradient.map((value) => -value);
  const newest = pairs.at(-1);
  if (!newest) return scale(direction, Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))));
  const shares = pairs.map(() => 0);
  for (let i = pairs.length - 1; i >= 0; i--) {
    shares[i] = dot(pairs[i].s, direction) / pairs[i].curvature;
    add(direction, pairs[i].y, -shares[i]);
  }
  scale(direction, newest.curvature / dot(newest.y, newest.y)); // the last step's estimate of 1 / f''
  pairs.forEach(({ s, y, curvature }, i) => add(direction, s, shares[i] - dot(y, direction) / curvature));
  return direction;
}

/** A point along the direction that meets the weak Wolfe conditions, or undefined where rounding leaves none. */
function wolfeStep(from: Point, direction: Float64Array, evaluate: (x: Float64Array) => Point): Point | undefined {
  const slope = dot(from.gradient, direction);
  if (!(slope < 0)) return undefined;
  let [low, high, length] = [0, Infinity, 1];
  for (let trial = 0; trial < TRIALS; trial++) {
    const next = evaluate(from.x.map((value, i) => value + length * direction[i]));
    const nextSlope = dot(next.gradient, direction);
    const isLower =
      next.value <= from.value + DECREASE * length * slope ||
      (next.value <= from.value + ROUNDING * Math.abs(from.value) && nextSlope <= (2 * DECREASE - 1) * slope);
    if (!isLower)
      high = length; // NaN is not lower
    else if (nextSlope < SLOPE * slope) low = length;
    else return next;
    length = high < Infinity ? (low + high) / 2 : 2 * length;
  }
  return undefined;
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function scale(values: Float64Array, factor: number): Float64Array {
  for (let i = 0; i < values.length; i++) values[i] *= factor;
  return values;
}

/** values += factor · added */
function add(values: Float64Array, added: Float64Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i] += factor * added[i];
}
