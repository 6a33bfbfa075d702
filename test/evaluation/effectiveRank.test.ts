import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { covarianceOf, effectiveRank } from "../../src/evaluation/effectiveRank.js";
import { stream } from "../../src/tensor/random.js";

function assertNear(got: number, want: number, tolerance: number): void {
  assert.ok(Math.abs(got - want) <= tolerance, `${got} for ${want}`);
}

describe("effectiveRank", () => {
  it("is two for a cross and one for a line, wherever they lie", () => {
    // covariance diag(1/2, 1/2)
    const cross = effectiveRank({ embeddings: Float64Array.of(6, 3, 4, 3, 5, 4, 5, 2), embedding: 2 });
    assertNear(cross.participationRatio, 2, 1e-12);
    assertNear(cross.entropyRank, 2, 1e-12);
    const line = effectiveRank({ embeddings: Float64Array.of(1, 7, 2, 9, 4, 13), embedding: 2 });
    assertNear(line.participationRatio, 1, 1e-12);
    assertNear(line.entropyRank, 1, 1e-12);
  });

  it("weighs eigenvalues 3 : 1", () => {
    const embeddings = Float64Array.of(Math.sqrt(3), 0, -Math.sqrt(3), 0, 0, 1, 0, -1);
    const { participationRatio, entropyRank, eigenvalues } = effectiveRank({ embeddings, embedding: 2 });
    assertNear(eigenvalues[0], 3 / 2, 1e-12);
    assertNear(eigenvalues[1], 1 / 2, 1e-12);
    assertNear(participationRatio, 16 / 10, 1e-12);
    // exp(−3/4 log 3/4 − 1/4 log 1/4) = 4 / 3^(3/4)
    assertNear(entropyRank, 4 / 3 ** 0.75, 1e-12);
  });

  it("is nearly the number of dimensions for white features", () => {
    const random = stream("white");
    const embeddings = Float64Array.from({ length: 4000 * 8 }, () => random.normal());
    const { participationRatio } = effectiveRank({ embeddings, embedding: 8 });
    // E of Σλ²/(Σλ)² is 1/8 · (1 + 9/4000): the ratio is 7.98, and spreads by less than 0.01
    assertNear(participationRatio, 8 / (1 + 9 / 4000), 0.05);
  });

  it("brings rows to length one first when asked", () => {
    // four directions of a cross, of different lengths
    const embeddings = Float64Array.of(9, 0, -1, 0, 0, 5, 0, -2);
    assertNear(effectiveRank({ embeddings, embedding: 2, normalize: true }).participationRatio, 2, 1e-12);
    assert.ok(effectiveRank({ embeddings, embedding: 2 }).participationRatio < 1.9);
  });

  it("covers more dimensions than a tile and more rows than a chunk", () => {
    const [count, width] = [300, 70];
    const random = stream("covariance");
    const rows = Float64Array.from({ length: count * width }, () => random.normal());
    const covariance = covarianceOf(rows, width);
    const column = (e: number): number[] => Array.from({ length: count }, (_, i) => rows[i * width + e]);
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / count;
    for (const [i, j] of [
      [0, 0],
      [3, 69],
      [69, 3],
      [68, 65],
      [64, 63],
      [69, 69],
    ]) {
      // prettier-ignore
      const [a, b] = [column(i), column(j)];
      const expected = mean(a.map((value, row) => (value - mean(a)) * (b[row] - mean(b))));
      assertNear(covariance[i * width + j], expected, 1e-12); // 300 terms of size 1
    }
  });

  it("refuses features that are all equal", () => {
    const embeddings = Float64Array.from({ length: 6 }, (_, i) => [0.1, 0.7][i % 2]);
    assert.throws(() => effectiveRank({ embeddings, embedding: 2 }), /all 3 rows of 2 are equal/);
  });
});
