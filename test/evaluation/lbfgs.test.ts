import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lbfgs, type Objective } from "../../src/evaluation/lbfgs.js";

/** Σ aᵢ (xᵢ − cᵢ)² / 2 */
function bowl(curvatures: readonly number[], center: readonly number[]): Objective {
  return (x, gradient) =>
    curvatures.reduce((sum, a, i) => {
      gradient[i] = a * (x[i] - center[i]);
      return sum + (a * (x[i] - center[i]) ** 2) / 2;
    }, 0);
}

const rosenbrock: Objective = ([x, y], gradient) => {
  gradient[0] = -2 * (1 - x) - 400 * x * (y - x * x);
  gradient[1] = 200 * (y - x * x);
  return (1 - x) ** 2 + 100 * (y - x * x) ** 2;
};

function assertNear(got: ArrayLike<number>, want: readonly number[], tolerance: number): void {
  want.forEach((value, i) => assert.ok(Math.abs(got[i] - value) <= tolerance, `${got[i]} for ${value}`));
}

describe("lbfgs", () => {
  it("finds the bottom of a bowl whose axes differ a million times", () => {
    const center = [3, -2, 0.5, 1e3];
    const found = lbfgs(bowl([1e-3, 1, 30, 1e3], center), new Float64Array(4), { tolerance: 1e-12 });
    assertNear(found.x, center, 1e-9 + 1e-12 / 1e-3); // a gradient of 1e-12 over the least curvature, and rounding
    assert.ok(found.iterations < 60, `${found.iterations} iterations`);
  });

  it("follows a curved valley", () => {
    const found = lbfgs(rosenbrock, Float64Array.of(-1.2, 1), { tolerance: 1e-10 });
    assert.equal(found.stopped, "gradient");
    assertNear(found.x, [1, 1], 1e-8);
  });

  it("stays where the function is defined", () => {
    // x − log x: NaN below zero, least at 1
    const barrier: Objective = ([x], gradient) => {
      gradient[0] = 1 - 1 / x;
      return x - Math.log(x);
    };
    assertNear(lbfgs(barrier, Float64Array.of(50)).x, [1], 1e-5);
    assertNear(lbfgs(barrier, Float64Array.of(1e-3)).x, [1], 1e-5);
  });

  it("does not move from a minimum, nor change its start", () => {
    const start = Float64Array.of(1, 2);
    const found = lbfgs(bowl([1, 1], [1, 2]), start);
    assert.deepEqual([found.iterations, found.evaluations, found.stopped], [0, 1, "gradient"]);
    lbfgs(rosenbrock, start);
    assert.deepEqual(start, Float64Array.of(1, 2));
  });

  it("says why it ended", () => {
    const start = Float64Array.of(-1.2, 1);
    const short = lbfgs(rosenbrock, start, { iterations: 3 });
    assert.deepEqual([short.stopped, short.iterations], ["iterations", 3]);
    assert.equal(lbfgs(rosenbrock, start, { tolerance: 0 }).gradientNorm < 1e-6, true);
    // a slope that never ends
    const slope: Objective = (_, gradient) => (gradient.fill(1), 0);
    assert.equal(lbfgs(slope, start).stopped, "precision");
  });

  it("never takes a step uphill but for rounding, with any history", () => {
    for (const history of [0, 1, 10]) {
      let last = Infinity;
      for (let iterations = 0; iterations < 25; iterations++) {
        const { value } = lbfgs(rosenbrock, Float64Array.of(-1.2, 1), { history, iterations });
        assert.ok(
          value <= last * (1 + 16 * Number.EPSILON),
          `history ${history}, iteration ${iterations}: ${value} after ${last}`,
        );
        last = value;
      }
    }
  });

  it("refuses a start where the function is not finite", () => {
    assert.throws(() => lbfgs(() => NaN, Float64Array.of(0)), /finite at the start, but it is NaN/);
  });
});
