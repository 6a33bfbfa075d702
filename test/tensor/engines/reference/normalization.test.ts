import { describe, it } from "node:test";
import { ReferenceEngine } from "../../../../src/tensor/engines/reference/index.js";
import { stream } from "../../../../src/tensor/random.js";
import { assertClose } from "./close.js";

const engine = new ReferenceEngine("float64");
const random = stream("normalization");
const x = engine.tensor(
  Array.from({ length: 24 }, () => 3 + 2 * random.normal()),
  [2, 3, 4],
);
const [weight, bias] = [engine.tensor([1, 2, -1], [3]), engine.tensor([0, 5, 1], [3])];

describe("batch norm", () => {
  it("gives every channel the bias as mean and the weight as deviation", () => {
    const { y } = engine.batchNorm(x, weight, bias, 0);
    const mean = engine.reduce("mean", y, [0, 2], true);
    const deviation = engine.unary(
      "sqrt",
      engine.reduce("mean", engine.unary("square", engine.binary("subtract", y, mean)), [0, 2], false),
    );
    assertClose(mean.dataSync(), [0, 5, 1], 1e-14);
    assertClose(deviation.dataSync(), [1, 2, 1], 1e-14);
  });

  it("reports the mean, the biased variance and 1/√(variance + ε)", () => {
    const { mean, variance, inverseDeviation } = engine.batchNorm(x, weight, bias, 0.5);
    const means = engine.reduce("mean", x, [0, 2], false).dataSync();
    const squares = engine.reduce("mean", engine.unary("square", x), [0, 2], false).dataSync();
    const variances = Array.from(squares, (square, c) => square - means[c] ** 2); // E[x²] − E[x]²
    assertClose(mean.dataSync(), means, 1e-14);
    assertClose(variance.dataSync(), variances, 1e-13);
    assertClose(
      inverseDeviation.dataSync(),
      variances.map((value) => 1 / Math.sqrt(value + 0.5)),
      1e-13,
    );
  });

  it("keeps its digits when the mean is far from 0", () => {
    const shifted = engine.affine(x, 1, 1e6); // E[x²] − E[x]² would lose twelve of sixteen digits
    assertClose(
      engine.batchNorm(shifted, weight, bias, 1e-5).y.dataSync(),
      engine.batchNorm(x, weight, bias, 1e-5).y.dataSync(),
      1e-9,
    );
  });

  it("has a gradient that no shift and no stretch of a channel can use", () => {
    const dy = engine.tensor(
      Array.from({ length: 24 }, () => random.normal()),
      [2, 3, 4],
    );
    const { mean, inverseDeviation } = engine.batchNorm(x, weight, bias, 0);
    const { dx, dbias } = engine.batchNormGradient(dy, x, weight, mean, inverseDeviation);
    const along = engine.reduce("sum", engine.binary("multiply", dx, x), [0, 2], false);
    assertClose(engine.reduce("sum", dx, [0, 2], false).dataSync(), [0, 0, 0], 1e-13);
    assertClose(along.dataSync(), [0, 0, 0], 1e-13);
    assertClose(dbias.dataSync(), engine.reduce("sum", dy, [0, 2], false).dataSync(), 1e-14);
  });

  it("with given statistics is a factor and a summand a channel", () => {
    const y = engine.scaleChannels(x, weight, bias).dataSync();
    const expected = engine.binary("add", engine.binary("multiply", x, weight.reshape([3, 1])), bias.reshape([3, 1]));
    assertClose(y, expected.dataSync(), 1e-15);
  });
});

describe("layer norm", () => {
  it("of rows is batch norm of columns, turned over, where weight and bias are plain", () => {
    const matrix = x.reshape([6, 4]);
    const { y, mean, inverseDeviation } = engine.layerNorm(matrix, engine.full([4], 1), engine.full([4], 0), 1e-5);
    const turned = engine.permute(matrix, [1, 0]); // [4, 6]: rows have become channels
    const batch = engine.batchNorm(turned, engine.full([6], 1), engine.full([6], 0), 1e-5);
    assertClose(y.dataSync(), engine.permute(batch.y, [1, 0]).dataSync(), 1e-15);
    assertClose(mean.dataSync(), batch.mean.dataSync(), 1e-15);
    assertClose(inverseDeviation.dataSync(), batch.inverseDeviation.dataSync(), 1e-15);
  });

  it("applies weight and bias by column", () => {
    const row = engine.tensor([-1, 1], [1, 2]); // already normalised
    const { y } = engine.layerNorm(row, engine.tensor([3, 4], [2]), engine.tensor([10, 20], [2]), 0);
    assertClose(y.dataSync(), [7, 24], 1e-15);
  });
});
