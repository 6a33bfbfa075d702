/**
 * L-BFGS: ends at the minimum of what has one, in few steps, and what it learns of the curvature is why.
 *
 * Expected are minima that are known beforehand: of quadratic functions ½ Σ a_i (x_i − c_i)², turned by reflections, and of Rosenbrock's valley.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { lbfgs, type Objective } from "../../src/evaluation/lbfgs.js";
import { stream } from "../../src/tensor/random.js";
import { property } from "../property.js";
import { assertNear, assertNotAbove } from "./assertions.js";

interface Bowl {
  /** a, from 1 to `condition`. */
  readonly curvatures: readonly number[];
  readonly minimum: Float64Array;
  readonly start: Float64Array;
  /** Unit vectors v of reflections x − 2 v ⟨v, x⟩, by which the axes are turned. */
  readonly mirrors: readonly (readonly number[])[];
}

function bowls(condition: number): fc.Arbitrary<Bowl> {
  return fc.tuple(fc.integer({ min: 1, max: 8 }), fc.nat()).map(([n, seed]) => {
    const random = stream(seed, "bowl");
    const normal = (): number[] => Array.from({ length: n }, () => random.normal());
    const unit = (x: number[]): number[] => x.map((value) => value / Math.hypot(...x));
    return {
      curvatures: Array.from({ length: n }, () => condition ** random.uniform()),
      minimum: Float64Array.from(normal()),
      start: Float64Array.from(normal(), (value) => 5 * value),
      mirrors: [unit(normal()), unit(normal())],
    };
  });
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i], 0);
const reflect = (x: readonly number[], v: readonly number[]): number[] =>
  x.map((value, i) => value - 2 * v[i] * dot(v, x));

function objectiveOf({ curvatures, minimum, mirrors: [first, second] }: Bowl): Objective {
  return (x, gradient) => {
    const turned = reflect(reflect(Array.from(x, (value, i) => value - minimum[i]), first), second); // prettier-ignore
    gradient.set(reflect(reflect(turned.map((value, i) => curvatures[i] * value), second), first)); // prettier-ignore
    return turned.reduce((sum, value, i) => sum + (curvatures[i] * value ** 2) / 2, 0);
  };
}

describe("L-BFGS", () => {
  property("ends at the bottom of a bowl, wherever it begins and however that is turned", [bowls(1000)], (bowl) => {
    const { x, stopped } = lbfgs(objectiveOf(bowl), bowl.start, { tolerance: 1e-6 });
    // a gradient of 1e-6 in each of 8 directions, of curvatures from 1
    for (const [i, value] of x.entries()) assertNear(value, bowl.minimum[i], 1e-6 * Math.sqrt(8), `x[${i}]`);
    assert.equal(stopped, "gradient");
  });

  property(
    "knows the curvature by then: of eight dimensions and a hundredfold curvature it needs no more than 40 steps, nearly all of full length",
    [bowls(100)],
    (bowl) => {
      const { iterations, evaluations } = lbfgs(objectiveOf(bowl), bowl.start, { tolerance: 1e-6 });
      // steepest descent at its best gains (99/101)² a step, so that 1e-9 takes some 500
      assertNotAbove(iterations, 40, "iterations");
      assertNotAbove(evaluations, 1.5 * iterations + 12, "evaluations");
    },
  );

  property(
    "takes the same way when the function is multiplied by a power of two, once the first step's length is no more by the gradient",
    [bowls(30), fc.constantFrom(2, 16, 1024)],
    (bowl, factor) => {
      const objective = objectiveOf(bowl);
      const larger: Objective = (x, gradient) => {
        const value = factor * objective(x, gradient);
        gradient.forEach((slope, i) => (gradient[i] = factor * slope));
        return value;
      };
      // both begin with a step of length one, as the gradient is longer than that
      const gradient = new Float64Array(bowl.start.length);
      objective(bowl.start, gradient);
      if (Math.hypot(...gradient) < 1) return;
      const [plain, scaled] = [objective, larger].map((f, i) =>
        lbfgs(f, bowl.start, { iterations: 5, tolerance: i === 0 ? 1e-9 : 1e-9 * factor }),
      );
      for (const [i, value] of scaled.x.entries())
        assertNear(value, plain.x[i], 1e-8 * (1 + Math.abs(value)), `x[${i}]`);
    },
  );

  property(
    "follows a bent valley to its end",
    [fc.double({ min: -2, max: 2, noNaN: true }), fc.double({ min: -2, max: 2, noNaN: true })],
    (x0, y0) => {
      const rosenbrock: Objective = ([x, y], gradient) => {
        gradient.set([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)]);
        return (1 - x) ** 2 + 100 * (y - x * x) ** 2;
      };
      const { x, iterations } = lbfgs(rosenbrock, Float64Array.of(x0, y0), { tolerance: 1e-8 });
      // curvatures at the end are 1/2 and 1000: a gradient of 1e-8 leaves 3e-8
      assertNear(x[0], 1, 1e-7, "x");
      assertNear(x[1], 1, 1e-7, "y");
      assertNotAbove(iterations, 100, "iterations");
    },
  );

  property(
    "never ends above where it began, however few steps it may take",
    [bowls(1000), fc.nat({ max: 5 })],
    (bowl, iterations) => {
      const objective = objectiveOf(bowl);
      const before = objective(bowl.start, new Float64Array(bowl.start.length));
      const { x, value, iterations: taken } = lbfgs(objective, bowl.start, { iterations });
      assertNotAbove(value, before, "value");
      assertNotAbove(taken, iterations, "iterations");
      assert.equal(value, objective(x, new Float64Array(x.length)));
    },
  );
});
