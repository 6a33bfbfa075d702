/** Eigenvalues against what needs none of them (trace, Frobenius norm, shifts), and effective ranks against their bounds. */
import { describe } from "node:test";
import fc from "fast-check";
import { covarianceOf, effectiveRank } from "../../src/evaluation/effectiveRank.js";
import { symmetricEigenvalues } from "../../src/evaluation/symmetricEigenvalues.js";
import { stream } from "../../src/tensor/random.js";
import { property } from "../property.js";
import { assertNear, assertNotAbove } from "./assertions.js";

interface Symmetric {
  readonly matrix: Float64Array;
  readonly n: number;
}

/** Free entries, or few different ones: equal eigenvalues, zeros, blocks. */
function symmetricMatrices(): fc.Arbitrary<Symmetric> {
  return fc
    .record({ n: fc.integer({ min: 1, max: 24 }), seed: fc.nat(), isCoarse: fc.boolean() })
    .map(({ n, seed, isCoarse }) => {
      const random = stream(seed, "symmetric");
      const matrix = new Float64Array(n * n);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j <= i; j++) {
          matrix[i * n + j] = matrix[j * n + i] = isCoarse ? random.integer(3) - 1 : random.normal();
        }
      }
      return { matrix, n };
    });
}

const frobenius = (values: Float64Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/** n reflections, each of which rounds every entry by at most a few ε of the norm. */
const rounding = ({ matrix, n }: Symmetric): number => 20 * n * Number.EPSILON * (1 + frobenius(matrix));

describe("eigenvalues of a symmetric matrix", () => {
  property("fall, add up to the trace and have the length of the matrix", [symmetricMatrices()], (given) => {
    const { matrix, n } = given;
    const values = symmetricEigenvalues(matrix, n);
    values.forEach((value, i) => i > 0 && assertNotAbove(value, values[i - 1], "eigenvalue"));
    let trace = 0;
    for (let i = 0; i < n; i++) trace += matrix[i * n + i];
    assertNear(values.reduce((sum, value) => sum + value, 0), trace, n * rounding(given), "trace"); // prettier-ignore
    assertNear(frobenius(values), frobenius(matrix), n * rounding(given), "norm");
  });

  property(
    "move with the diagonal, and turn round with the sign",
    [symmetricMatrices(), fc.integer({ min: -5, max: 5 })],
    (given, shift) => {
      const { matrix, n } = given;
      const values = symmetricEigenvalues(matrix, n);
      const moved = symmetricEigenvalues(matrix.map((entry, at) => (at % (n + 1) === 0 ? entry + shift : entry)), n); // prettier-ignore
      const turned = symmetricEigenvalues(matrix.map((entry) => -entry), n).reverse(); // prettier-ignore
      values.forEach((value, i) => {
        assertNear(moved[i], value + shift, 2 * rounding(given) + 100 * n * Number.EPSILON, "moved");
        assertNear(-turned[i], value, 2 * rounding(given), "turned");
      });
    },
  );

  property("are those of both blocks", [symmetricMatrices(), symmetricMatrices()], (first, second) => {
    const n = first.n + second.n;
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < first.n; i++) matrix.set(first.matrix.subarray(i * first.n, (i + 1) * first.n), i * n);
    for (let i = 0; i < second.n; i++) {
      matrix.set(second.matrix.subarray(i * second.n, (i + 1) * second.n), (first.n + i) * n + first.n);
    }
    const both = [first, second].flatMap((given) => [...symmetricEigenvalues(given.matrix, given.n)]);
    const values = symmetricEigenvalues(matrix, n);
    both.sort((a, b) => b - a).forEach((value, i) => assertNear(values[i], value, 2 * rounding({ matrix, n })));
  });
});

interface Features {
  readonly embeddings: Float64Array;
  readonly embedding: number;
}

/** Normal features of 1 to 8 dimensions that spread differently. */
function features(): fc.Arbitrary<Features> {
  return fc
    .record({ count: fc.integer({ min: 2, max: 40 }), embedding: fc.integer({ min: 1, max: 8 }), seed: fc.nat() })
    .map(({ count, embedding, seed }) => {
      const random = stream(seed, "features");
      const spread = Float64Array.from({ length: embedding }, () => 2 ** (2 * random.normal()));
      const embeddings = Float64Array.from(
        { length: count * embedding },
        (_, i) => spread[i % embedding] * random.normal(),
      );
      return { embeddings, embedding };
    });
}

describe("effective rank", () => {
  property("lies between one and the dimensions, the entropy's above the participation ratio", [features()], (set) => {
    const { participationRatio, entropyRank } = effectiveRank(set);
    assertNotAbove(1, participationRatio * (1 + 1e-12));
    assertNotAbove(participationRatio, entropyRank * (1 + 1e-9));
    assertNotAbove(entropyRank, set.embedding * (1 + 1e-12));
  });

  property("has a participation ratio that traces and eigenvalues agree on", [features()], (set) => {
    const { participationRatio, eigenvalues } = effectiveRank(set);
    const sum = eigenvalues.reduce((total, value) => total + value, 0);
    assertNear(sum ** 2 / eigenvalues.reduce((total, value) => total + value ** 2, 0), participationRatio, 1e-9);
  });

  property(
    "is one for features on a line, and does not see where they lie, how large they are, nor their order",
    [features(), fc.integer({ min: -20, max: 20 })],
    (set, exponent) => {
      const { embeddings, embedding } = set;
      const onLine = embeddings.map((_, i) => embeddings[i - (i % embedding)] * (1 + (i % embedding)));
      assertNear(effectiveRank({ embeddings: onLine, embedding }).participationRatio, 1, 1e-9);
      const plain = effectiveRank(set);
      const rows = Array.from({ length: embeddings.length / embedding }, (_, i) => embeddings.subarray(i * embedding, (i + 1) * embedding)); // prettier-ignore
      const changed = Float64Array.from(rows.reverse().flatMap((row) => [...row])).map(
        (value) => value * 2 ** exponent,
      );
      const other = effectiveRank({ embeddings: changed, embedding });
      assertNear(other.participationRatio, plain.participationRatio, 1e-9);
      assertNear(other.entropyRank, plain.entropyRank, 1e-9);
      const shifted = effectiveRank({ embeddings: embeddings.map((value, i) => value + (i % embedding)), embedding });
      // shifts of up to 7 round features whose spread is 2^-8 and less
      assertNear(shifted.participationRatio, plain.participationRatio, 1e-6);
    },
  );

  property("has the covariance that is written out", [features()], ({ embeddings, embedding }) => {
    const count = embeddings.length / embedding;
    const at = (row: number, e: number): number => embeddings[row * embedding + e];
    const mean = (of: (row: number) => number): number =>
      Array.from({ length: count }, (_, row) => of(row)).reduce((sum, value) => sum + value, 0) / count;
    const largest = Math.max(...embeddings.map(Math.abs)) ** 2;
    covarianceOf(embeddings, embedding).forEach((value, place) => {
      const [i, j] = [Math.floor(place / embedding), place % embedding];
      const [meanI, meanJ] = [mean((row) => at(row, i)), mean((row) => at(row, j))];
      const expected = mean((row) => (at(row, i) - meanI) * (at(row, j) - meanJ));
      assertNear(value, expected, 8 * count * Number.EPSILON * largest, `covariance ${i}, ${j}`);
    });
  });
});
