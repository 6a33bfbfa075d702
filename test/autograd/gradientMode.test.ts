import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { isRecording, noGrad, parameter, square, sigmoid, geluTanh } from "../../src/autograd/index.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";

describe("noGrad", () => {
  it("gives results without history", () => {
    const engine = new ReferenceEngine("float64");
    const x = parameter(engine.tensor([3], [1]));
    const y = noGrad(() => square(x));
    assert.equal(y.requiresGrad, false);
    assert.equal(y.node, undefined);
    assert.deepEqual([...y.dataSync()], [9]);
    assert.throws(() => y.backward(), /nothing to differentiate/);
  });

  it("keeps no saved values", () => {
    const engine = new ReferenceEngine("float64");
    const x = parameter(engine.tensor([3], [1]));
    noGrad(() => geluTanh(x));
    assert.equal(engine.memory().tensors, 2); // x and the result
  });

  it("ends with its body, also when nested and when the body throws", () => {
    noGrad(() => {
      noGrad(() => assert.equal(isRecording(), false));
      assert.equal(isRecording(), false);
    });
    assert.throws(
      () =>
        noGrad(() => {
          throw new Error("inside");
        }),
      /inside/,
    );
    assert.equal(isRecording(), true);
  });

  it("does not cover promises, and says so", () => {
    assert.throws(() => noGrad(async () => undefined), /returned a promise/);
    assert.equal(isRecording(), true);
  });

  it("leaves the history of what was computed before alone", () => {
    const engine = new ReferenceEngine("float64");
    const x = parameter(engine.tensor([0], [1]));
    const y = sigmoid(x);
    noGrad(() => square(y));
    y.backward();
    assert.deepEqual([...(x.grad?.dataSync() ?? [])], [0.25]); // σ′(0) = ¼
  });
});
