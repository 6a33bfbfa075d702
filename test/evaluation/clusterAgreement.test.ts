import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { normalizedMutualInformation, purity } from "../../src/evaluation/index.js";

const of = (...labels: number[]): Int32Array => Int32Array.from(labels);

describe("agreement of clusters and classes", () => {
  it("by hand: clusters {a a b} and {b b b} are pure to 5 of 6", () => {
    const [clusters, classes] = [of(0, 0, 0, 1, 1, 1), of(7, 7, 9, 9, 9, 9)];
    assert.equal(purity(clusters, classes), 5 / 6);
    // I = 1/3 ln(1/3 / (1/2 · 1/3)) + 1/6 ln(1/6 / (1/2 · 2/3)) + 1/2 ln(1/2 / (1/2 · 2/3))
    const information = Math.log(2) / 3 + Math.log(0.5) / 6 + Math.log(1.5) / 2;
    const entropies = Math.log(2) + Math.log(3) / 3 + (2 / 3) * Math.log(1.5);
    assert.ok(Math.abs(normalizedMutualInformation(clusters, classes) - (2 * information) / entropies) < 1e-15);
  });

  it("is perfect for the same groups, nothing for independent ones", () => {
    assert.equal(normalizedMutualInformation(of(3, 3, 5), of(1, 1, 0)), 1);
    assert.equal(normalizedMutualInformation(of(0, 0, 1, 1), of(0, 1, 0, 1)), 0);
    assert.equal(normalizedMutualInformation(of(0, 0), of(4, 4)), 1); // one group on each side
    assert.equal(normalizedMutualInformation(of(0, 0), of(4, 5)), 0);
    assert.equal(purity(of(0, 1, 2), of(4, 4, 5)), 1);
  });

  it("leaves out what has no cluster or no class", () => {
    assert.equal(purity(of(0, -1, 0, 0), of(1, 2, -1, 1)), 1);
    assert.throws(() => purity(of(-1, 0), of(0, -1)), /no row has both/);
    assert.throws(() => normalizedMutualInformation(of(1), of(1, 2)), /given 1 and 2 labels/);
  });
});
