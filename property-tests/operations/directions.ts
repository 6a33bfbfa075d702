/**
 * Derivatives of float32 engines along random directions: ⟨u, f(x + h·v) − f(x − h·v)⟩ against ⟨gradient of ⟨u, f⟩, 2·h·v⟩, both from
 * the same engine.
 *
 * A difference of float32 numbers has few digits, so the step is large (h = 1/64, where roundings of f weigh 64 · 2⁻²⁴) and ⟨u, ·⟩ is
 * summed in float64. What is allowed: what the elements of f at both ends and of the gradient may be off, and the curvature of f over
 * so large a step. The last is measured, with differences of float64 at this step and at one that is 2¹² times shorter, and with no
 * derivative: a wrong one cannot hide in it.
 */
import assert from "node:assert/strict";
import type { Operation } from "../../src/autograd/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { IEEE, type Arithmetic } from "../../src/tensor/engines/roundoff/index.js";
import { stream } from "../../src/tensor/random.js";
import type { Call } from "../arbitraries/operationCalls.js";
import { bounds, hasDerivative, laterAnswer, laterValue, seedOf } from "./answer.js";
import { combined, dot, weighed, withInput } from "./linearity.js";

const STEP = 2 ** -6;
/** By which the step of float64 is shorter. */
const FINER = 2 ** -12;

/** Both ends of a step along ±1 in every element; they are float32 numbers, so that all engines start from the same. */
function endsOf(values: readonly number[], position: number): [above: number[], below: number[]] {
  const random = stream("direction", position);
  const direction = values.map(() => (random.integer(2) === 0 ? -1 : 1));
  const end = (side: number): number[] => combined((x, d) => Math.fround(x + side * STEP * d), values, direction);
  return [end(1), end(-1)];
}

const exact = new ReferenceEngine("float64");

/** ⟨u, f(above) − f(below)⟩ */
async function difference(
  engine: Engine,
  operation: Operation,
  ends: readonly Call[],
  u: readonly number[],
): Promise<number> {
  const [above, below] = [await laterValue(engine, operation, ends[0]), await laterValue(engine, operation, ends[1])];
  return dot(
    u,
    combined((a, b) => a - b, above, below),
  );
}

/** In every input that has a derivative. @param arithmetic of the engines */
export async function checkDirections(
  operation: Operation,
  call: Call,
  engines: readonly Engine[],
  arithmetic: Arithmetic = IEEE,
): Promise<void> {
  for (const position of call.inputs.keys()) {
    if (hasDerivative(operation, position)) await checkDirection(operation, call, position, engines, arithmetic);
  }
}

async function checkDirection(
  operation: Operation,
  call: Call,
  position: number,
  engines: readonly Engine[],
  arithmetic: Arithmetic,
): Promise<void> {
  const { exact: here, allowed } = bounds(operation, call, seedOf, arithmetic);
  const u = seedOf(here.y.length);
  const { values } = call.inputs[position];
  const [above, below] = endsOf(values, position);
  const way = combined((a, b) => a - b, above, below);
  const ends = [above, below].map((end) => withInput(call, position, end));
  const near = [1, -1].map((side) =>
    withInput(
      call,
      position,
      combined((x, w) => x + (side * FINER * w) / 2, values, way),
    ),
  );
  const coarse = await difference(exact, operation, ends, u);
  const fine = (await difference(exact, operation, near, u)) / FINER;
  const rounding = ends.reduce((sum, end) => sum + weighed(u, bounds(operation, end, seedOf, arithmetic).allowed.y), 0);
  const ofGradient = weighed(way, allowed.gradients[position] ?? []);
  // 1e-9: what the fine difference itself is off (2⁻⁵² of numbers within a thousand, times 2¹²)
  const tolerance = rounding + ofGradient + 1.1 * Math.abs(coarse - fine) + 1e-9;
  for (const engine of engines) {
    const numeric = await difference(engine, operation, ends, u);
    const analytic = dot((await laterAnswer(engine, operation, call)).gradients[position] ?? [], way);
    assert.ok(
      Math.abs(numeric - analytic) <= tolerance,
      `${engine.name}, input ${position}: differences give ${numeric}, the gradient ${analytic} (allowed distance ${tolerance})`,
    );
  }
}
