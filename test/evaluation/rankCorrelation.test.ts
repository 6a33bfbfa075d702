import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rankCorrelation } from "../../src/evaluation/rankCorrelation.js";
import { stream } from "../../src/tensor/random.js";

describe("rankCorrelation", () => {
  it("is 1 for a rising map, −1 for a falling one, however bent", () => {
    const values = [0.3, -2, 5, 1e-3, 40];
    assert.equal(rankCorrelation(values, values.map((v) => v ** 3)), 1); // prettier-ignore
    assert.equal(rankCorrelation(values, values.map((v) => -Math.atan(v))), -1); // prettier-ignore
    assert.equal(rankCorrelation([-Infinity, 0, Infinity], [1, 2, 3]), 1);
  });

  it("is 1 − 6Σd²/(n³ − n) without ties", () => {
    const random = stream("rank correlation");
    const count = 50;
    const ranks = random.shuffle(Array.from({ length: count }, (_, i) => i));
    const squares = ranks.reduce((sum, rank, i) => sum + (rank - i) ** 2, 0);
    const expected = 1 - (6 * squares) / (count ** 3 - count);
    // sums of integers and halves are exact; a root and a quotient round
    assert.ok(Math.abs(rankCorrelation([...ranks.keys()], ranks) - expected) < 1e-15);
  });

  it("gives equal values the mean of their ranks", () => {
    // ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: covariance 4.5, variances 4.5 and 5
    assert.equal(rankCorrelation([1, 7, 7, 9], [1, 2, 3, 4]), 4.5 / Math.sqrt(4.5 * 5));
    assert.equal(rankCorrelation([0, -0], [1, 2]), NaN);
  });

  it("is NaN where there is no order to compare", () => {
    assert.equal(rankCorrelation([], []), NaN);
    assert.equal(rankCorrelation([3], [4]), NaN);
    assert.equal(rankCorrelation([1, 2, 3], [5, 5, 5]), NaN);
  });

  it("refuses values that cannot be compared", () => {
    assert.throws(() => rankCorrelation([1, 2], [1]), /given 2 and 1 values/);
    assert.throws(() => rankCorrelation([1, 2, 3], [1, NaN, 2]), /value 1 of 3 is NaN/);
  });
});
