import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lbfgs } from "../../src/evaluation/lbfgs.js";
import {
  LogisticObjective,
  logisticRegression,
  type LogisticProblem,
} from "../../src/evaluation/logisticRegression.js";
import { stream } from "../../src/tensor/random.js";
import { clusters } from "./embeddings.js";

function problemOf(count: number, embedding: number, classes: number, inversePenalty: number): LogisticProblem {
  const { embeddings: features, labels: targets } = clusters("logistic", count, embedding, classes, 1);
  return { features, embedding, targets, classes, inversePenalty };
}

/** Mean cross-entropy + ‖W‖² / (2CN) and its gradient, sample by sample. W [classes, E], bias [classes]. */
function written(problem: LogisticProblem, weights: Float64Array, bias: Float64Array) {
  const { features, embedding, targets, classes, inversePenalty } = problem;
  const count = targets.length;
  const weightGradient = weights.map((weight) => weight / (inversePenalty * count));
  const biasGradient = new Float64Array(classes);
  let value = weights.reduce((sum, weight) => sum + weight ** 2, 0) / (2 * inversePenalty * count);
  targets.forEach((target, sample) => {
    const x = Array.from(features.subarray(sample * embedding, (sample + 1) * embedding));
    const exponentials = Array.from(bias, (b, c) =>
      Math.exp(x.reduce((sum, feature, e) => sum + feature * weights[c * embedding + e], b)),
    );
    const total = exponentials.reduce((sum, exponential) => sum + exponential, 0);
    value -= Math.log(exponentials[target] / total) / count;
    exponentials.forEach((exponential, c) => {
      const residual = (exponential / total - (c === target ? 1 : 0)) / count;
      biasGradient[c] += residual;
      x.forEach((feature, e) => (weightGradient[c * embedding + e] += residual * feature));
    });
  });
  return { value, weightGradient, biasGradient };
}

function assertNear(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number): void {
  assert.equal(got.length, want.length);
  for (let i = 0; i < want.length; i++)
    assert.ok(Math.abs(got[i] - want[i]) <= tolerance, `${i}: ${got[i]} for ${want[i]}`);
}

describe("the objective of logistic regression", () => {
  it("has the value and gradient of its definition, over several chunks of samples", () => {
    // 600 samples are 2 · 256 + 88; 5 classes and 6 + 1 features are no multiples of four
    const problem = problemOf(600, 6, 5, 0.7);
    const objective = new LogisticObjective(problem);
    const random = stream("logistic", "parameters");
    const weights = Float64Array.from({ length: 5 * 6 }, () => random.normal());
    const bias = Float64Array.from({ length: 5 }, () => random.normal());
    const parameters = objective.zeros();
    bias.forEach((b, c) => {
      parameters.set(weights.subarray(c * 6, (c + 1) * 6), c * objective.width);
      parameters[c * objective.width + 6] = b;
    });
    const gradient = objective.zeros();
    const value = objective.evaluate(parameters, gradient);
    const expected = written(problem, weights, bias);
    // sums of 600 terms of size ≤ 10 / 600
    const rounding = 600 * 10 * Number.EPSILON;
    assertNear([value], [expected.value], rounding);
    for (let row = 0; row < objective.rows; row++) {
      const at = gradient.subarray(row * objective.width, (row + 1) * objective.width);
      const want = row < 5 ? [...expected.weightGradient.subarray(row * 6, (row + 1) * 6), expected.biasGradient[row], 0] : Array<number>(8).fill(0); // prettier-ignore
      assertNear(at, want, rounding);
    }
  });
});

describe("logisticRegression", () => {
  it("solves the smallest problem in closed form", () => {
    // x = ±1, by symmetry w₁ = −w₀ = w without biases: 2C log(1 + e^(−2w)) + w² is least where w = 2C / (1 + e^(2w)), at w = ½ for C = (1 + e) / 4
    const problem = { features: Float64Array.of(1, -1), embedding: 1, targets: Int32Array.of(1, 0), classes: 2 };
    const { weights, bias } = logisticRegression(
      { ...problem, inversePenalty: (1 + Math.E) / 4 },
      { tolerance: 1e-13 },
    );
    assertNear(weights, [-0.5, 0.5], 1e-12);
    assertNear(bias, [0, 0], 1e-12);
  });

  it("learns the frequencies of the classes from features that say nothing", () => {
    const targets = Int32Array.of(0, 0, 0, 1, 1, 2);
    const { weights, bias } = logisticRegression(
      { features: new Float64Array(6), embedding: 1, targets, classes: 3, inversePenalty: 1 },
      { tolerance: 1e-13 },
    );
    assert.deepEqual(weights, new Float64Array(3));
    assertNear([bias[0] - bias[2], bias[1] - bias[2]], [Math.log(3), Math.log(2)], 1e-11); // the bias has no penalty
  });

  it("ends where the gradient of the definition is zero", () => {
    for (const inversePenalty of [0.01, 1, 100]) {
      const problem = problemOf(90, 4, 3, inversePenalty);
      const { weights, bias, fit } = logisticRegression(problem, { tolerance: 1e-9 });
      assert.equal(fit.stopped, "gradient");
      const { value, weightGradient, biasGradient } = written(problem, weights, bias);
      assertNear(weightGradient, new Float64Array(12), 2e-9);
      assertNear(biasGradient, new Float64Array(3), 2e-9);
      assert.ok(Math.abs(fit.value - value) < 1e-12);
    }
  });

  it("finds the same weights from another start, and the same bits again", () => {
    const problem = problemOf(120, 5, 4, 0.5);
    const options = { tolerance: 1e-11 };
    const { weights, fit } = logisticRegression(problem, options);
    assert.deepEqual(logisticRegression(problem, options).weights, weights);
    const objective = new LogisticObjective(problem);
    const random = stream("logistic", "start");
    const start = objective.zeros();
    for (let c = 0; c < 4; c++) for (let e = 0; e < 6; e++) start[c * objective.width + e] = 3 * random.normal();
    const other = lbfgs((x, gradient) => objective.evaluate(x, gradient), start, options);
    // strictly convex in W: the penalty bends by 1/(CN) = 1/60, so a gradient of 1e-11 is at most 6e-10 away
    for (let c = 0; c < 4; c++) {
      assertNear(
        other.x.subarray(c * objective.width, c * objective.width + 5),
        weights.subarray(c * 5, (c + 1) * 5),
        1e-8,
      );
    }
    assert.ok(Math.abs(other.value - fit.value) < 1e-12);
  });

  it("refuses a C that is no positive number", () => {
    for (const inversePenalty of [0, -1, NaN, Infinity]) {
      const problem = { ...problemOf(10, 2, 2, inversePenalty) };
      assert.throws(() => logisticRegression(problem), new RegExp(`C is a positive number, given ${inversePenalty}`));
    }
  });
});
