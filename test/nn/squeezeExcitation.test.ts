import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constant } from "../../src/autograd/variable.js";
import { SqueezeExcitation } from "../../src/nn/squeezeExcitation.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";

const [batch, channels, positions] = [2, 4, 6]; // images of 2 × 3 pixels
const values = Array.from({ length: batch * channels * positions }, (_, i) => Math.sin(i * 1.7));

/** A module with those weights and what it answers. */
function answer(first: readonly number[], second: readonly number[]): Float64Array {
  const engine = new ReferenceEngine("float64");
  const module = new SqueezeExcitation({ channels, reduction: 2 }).allocate(engine, 1);
  const state = module.stateDictionary();
  engine.assign(state.get("fc1.weight")!, engine.tensor(first, [2, channels, 1, 1]));
  engine.assign(state.get("fc2.weight")!, engine.tensor(second, [channels, 2, 1, 1]));
  const y = module.forward(constant(engine.tensor(values, [batch, channels, 2, 3])));
  assert.deepEqual(y.shape, [batch, channels, 2, 3]);
  return Float64Array.from(y.dataSync());
}

describe("squeeze and excitation", () => {
  it("halves every channel when the second layer says nothing: σ(0) = 1/2", () => {
    const first = [1, 2, 3, 4, -1, -2, -3, -4];
    assert.deepEqual(
      answer(first, Array<number>(8).fill(0)),
      Float64Array.from(values, (value) => value / 2),
    );
  });

  it("is the formula, written as plain loops", () => {
    const first = [0.5, -1, 2, 0.25, -0.5, 1, 1, -2];
    const second = [1, -1, 0.5, 2, -2, 0.25, 3, 1];
    const expected = values.map((value, position) => {
      const image = Math.floor(position / (channels * positions));
      const channel = Math.floor(position / positions) % channels;
      const means = [0, 1, 2, 3].map((c) => {
        const start = (image * channels + c) * positions;
        return values.slice(start, start + positions).reduce((sum, pixel) => sum + pixel, 0) / positions;
      });
      const hidden = [0, 1].map((h) =>
        Math.max(
          0,
          means.reduce((sum, mean, c) => sum + mean * first[h * channels + c], 0),
        ),
      );
      const logit = hidden[0] * second[channel * 2] + hidden[1] * second[channel * 2 + 1];
      return value / (1 + Math.exp(-logit));
    });
    const got = answer(first, second);
    // |logit| ≤ 18 and comes of some twelve operations, each off by at most 18 · ε/2; σ lets through a quarter of it
    for (const [i, value] of expected.entries()) assert.ok(Math.abs(got[i] - value) <= 100 * Number.EPSILON, `${i}`);
  });

  it("refuses a reduction that does not divide the channels", () => {
    for (const reduction of [3, 0, -2, 8, 1.5, NaN]) {
      assert.throws(
        () => new SqueezeExcitation({ channels: 4, reduction }),
        new RegExp(`divides the channels; given ${reduction} and 4 channels`),
      );
    }
  });
});
