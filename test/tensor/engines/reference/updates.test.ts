import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { ReferenceEngine } from "../../../../src/tensor/engines/reference/index.js";
import { assertClose } from "./close.js";

const engine = new ReferenceEngine("float64");
const sgd = { rate: 0.1, momentum: 0, decay: 0, nesterov: false };

describe("kernels that write in place", () => {
  it("assign and blend change the target only", () => {
    const [target, source] = [engine.tensor([1, 2], [2]), engine.tensor([10, 20], [2])];
    engine.blend(target, 0.5, source, 2);
    assert.deepEqual([...target.dataSync()], [20.5, 41]);
    engine.assign(target, source);
    assert.deepEqual([...target.dataSync()], [10, 20]);
    assert.deepEqual([...source.dataSync()], [10, 20]);
  });

  it("SGD without momentum goes down the slope, decay included", () => {
    const value = engine.tensor([1], [1]);
    engine.sgdStep(value, engine.tensor([2], [1]), undefined, { ...sgd, decay: 0.5 });
    assertClose(value.dataSync(), [1 - 0.1 * (2 + 0.5 * 1)], 1e-16);
  });

  it("momentum on a constant slope adds up to the geometric series", () => {
    const [value, velocity] = [engine.tensor([0], [1]), engine.tensor([0], [1])];
    for (let step = 0; step < 5; step++) {
      engine.sgdStep(value, engine.tensor([1], [1]), velocity, { ...sgd, momentum: 0.5 });
    }
    assertClose(velocity.dataSync(), [2 * (1 - 0.5 ** 5)], 1e-15);
    assertClose(value.dataSync(), [-0.1 * [1, 1.5, 1.75, 1.875, 1.9375].reduce((a, b) => a + b)], 1e-15);
  });

  it("Nesterov looks one step of momentum ahead", () => {
    const [value, velocity] = [engine.tensor([0], [1]), engine.tensor([4], [1])];
    engine.sgdStep(value, engine.tensor([1], [1]), velocity, { ...sgd, momentum: 0.5, nesterov: true });
    // velocity 0.5·4 + 1 = 3, direction 1 + 0.5·3
    assertClose([...value.dataSync(), ...velocity.dataSync()], [-0.25, 3], 1e-16);
  });

  const adam = { rate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 0, decay: 0, decoupled: false, step: 1 };

  it("Adam's first step is the rate, whatever the slope", () => {
    for (const slope of [1e-6, 3, -1e6]) {
      const [value, first, second] = [engine.full([1], 5), engine.full([1], 0), engine.full([1], 0)];
      engine.adamStep(value, engine.full([1], slope), first, second, adam);
      assertClose(value.dataSync(), [5 - 0.1 * Math.sign(slope)], 1e-15);
    }
  });

  it("AdamW shrinks the value apart from the slope, Adam adds decay to it", () => {
    const after = (decoupled: boolean): number => {
      const [value, first, second] = [engine.full([1], 5), engine.full([1], 0), engine.full([1], 0)];
      engine.adamStep(value, engine.full([1], 3), first, second, { ...adam, decay: 0.2, decoupled });
      return value.dataSync()[0];
    };
    assertClose([after(true)], [5 * (1 - 0.1 * 0.2) - 0.1], 1e-15);
    assertClose([after(false)], [5 - 0.1], 1e-15); // the slope 3 + 0.2·5 is normalised away
  });
});
