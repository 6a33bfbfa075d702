import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clipGradientNorm } from "../../src/nn/clipGradientNorm.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { assertClose, free, pushGradient } from "./trainables.js";

function gradients(engine: ReferenceEngine) {
  const [matrix, vector, idle] = [free(engine, [0, 0], [1, 2]), free(engine, [0]), free(engine, [0])];
  pushGradient(engine, matrix, [2, -3]);
  pushGradient(engine, vector, [6]); // 4 + 9 + 36 = 7²
  return { matrix, vector, parameters: [matrix, vector, idle].map((variable) => ({ variable })) };
}

describe("clipGradientNorm", () => {
  it("shortens all gradients together to the norm allowed", async () => {
    const engine = new ReferenceEngine("float64");
    const { matrix, vector, parameters } = gradients(engine);
    assert.equal(await clipGradientNorm(parameters, 3.5).item(), 7);
    const factor = 3.5 / (7 + 1e-6);
    assertClose(matrix.grad!.dataSync(), [2 * factor, -3 * factor]);
    assertClose(vector.grad!.dataSync(), [6 * factor]);
  });

  for (const maximum of [7.01, 100, Infinity]) {
    it(`leaves them bit for bit under a maximum of ${maximum}`, async () => {
      const engine = new ReferenceEngine("float64");
      const { matrix, vector, parameters } = gradients(engine);
      assert.equal(await clipGradientNorm(parameters, maximum).item(), 7);
      assert.deepEqual([...matrix.grad!.dataSync(), ...vector.grad!.dataSync()], [2, -3, 6]);
    });
  }

  it("scales a gradient that two leaves share once each", () => {
    const engine = new ReferenceEngine("float64");
    const [a, b] = [free(engine, [0]), free(engine, [0])];
    a.grad = engine.keep(engine.tensor([3], [1]));
    b.grad = engine.keep(a.grad.reshape([1]));
    clipGradientNorm([{ variable: a }, { variable: b }], 1);
    const expected = 3 / (Math.sqrt(18) + 1e-6);
    assertClose([...a.grad.dataSync(), ...b.grad.dataSync()], [expected, expected]);
  });

  it("gives gradients that outlive the scope of the step, and leaves nothing else behind", () => {
    const engine = new ReferenceEngine("float64");
    const { matrix, parameters } = gradients(engine);
    const before = engine.memory().inUse;
    engine.scope(() => void clipGradientNorm(parameters, 1));
    assert.equal(engine.memory().inUse, before);
    assert.equal(matrix.grad!.disposed, false);
  });

  it("refuses a norm that is not above zero", () => {
    const engine = new ReferenceEngine("float64");
    assert.throws(() => clipGradientNorm(gradients(engine).parameters, 0), /above 0; given 0/);
    assert.throws(() => clipGradientNorm([], 1), /no parameter/);
  });
});
