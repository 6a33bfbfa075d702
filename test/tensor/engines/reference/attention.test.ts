import { describe, it } from "node:test";
import { composedAttention, composedAttentionGradient } from "../../../../src/tensor/composedAttention.js";
import { ReferenceEngine } from "../../../../src/tensor/engines/reference/index.js";
import { stream } from "../../../../src/tensor/random.js";
import { assertClose } from "./close.js";

const engine = new ReferenceEngine("float64");

describe("attention", () => {
  it("weighs values by the softmax of scores", () => {
    // two tokens of one feature: (q, k, v) = (1, 0, 3) and (0, ln 3, 7)
    const qkv = engine.tensor([1, 0, 3, 0, Math.log(3), 7], [1, 2, 3]);
    const { y, probabilities } = engine.attention(qkv, 1);
    // scores of the first query are 0 and ln 3, hence 1/4 and 3/4; those of the second are 0 and 0
    assertClose(probabilities.dataSync(), [0.25, 0.75, 0.5, 0.5], 1e-15);
    assertClose(y.dataSync(), [3 / 4 + 21 / 4, 5], 1e-15);
  });

  it("divides scores by the root of the features of a head", () => {
    // queries and keys of four ones: scores are 4 / √4 = 2, and 0 for the key of zeros
    const token = (query: number, key: number): number[] => [query, key, 0].flatMap((x) => [x, x, x, x]);
    const qkv = engine.tensor([...token(1, 1), ...token(1, 0)], [1, 2, 12]);
    const first = Math.exp(2) / (Math.exp(2) + 1);
    assertClose(engine.attention(qkv, 1).probabilities.dataSync(), [first, 1 - first, first, 1 - first], 1e-15);
  });

  it("is what products and softmax make of it, and so is its gradient", () => {
    const random = stream("attention");
    const normal = (...shape: number[]) =>
      engine.tensor(
        Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal()),
        shape,
      );
    const [qkv, dy] = [normal(2, 5, 18), normal(2, 5, 6)];
    const { y, probabilities } = engine.attention(qkv, 3);
    const composed = composedAttention(qkv, 3);
    assertClose(y.dataSync(), composed.y.dataSync(), 1e-13);
    assertClose(probabilities.dataSync(), composed.probabilities.dataSync(), 1e-13);
    assertClose(
      engine.attentionGradient(dy, qkv, probabilities, 3).dataSync(),
      composedAttentionGradient(dy, qkv, probabilities, 3).dataSync(),
      1e-13,
    );
  });
});
