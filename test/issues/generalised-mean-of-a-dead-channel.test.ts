/** The generalised mean of a channel of zeros was 0, not its floor, from p = 7.5 on in float32, and its gradient NaN; of large values it was infinite. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sum, Variable } from "../../src/autograd/index.js";
import { GeM } from "../../src/nn/index.js";
import { openEngine } from "../../src/tensor/openEngine.js";

for (const name of ["wasm", "reference"] as const) {
  test(`a channel of zeros is the floor with a gradient of 0, whatever the power, beside one of 1e13, on ${name}`, async () => {
    const engine = await openEngine(name, { float: "float32" });
    for (const power of [1, 3, 10, 40]) {
      engine.scope(() => {
        const x = new Variable(engine.tensor([0, 0, 0, 0, 1e13, 1e13, 1e13, 1e13], [1, 2, 2, 2]), true);
        const y = new GeM({ power }).forward(x);
        near(y.dataSync(), [1e-6, 1e13]);
        sum(y).backward();
        near(x.grad!.dataSync(), [0, 0, 0, 0, 0.25, 0.25, 0.25, 0.25]);
        x.zeroGrad();
      });
    }
    await engine.close();
  });
}

/** Within some roundings of float32. */
function near(found: ArrayLike<number>, wanted: readonly number[]): void {
  for (const [i, y] of wanted.entries())
    assert.ok(Math.abs(found[i] - y) <= 2 ** -18 * y, `[${i}]: ${found[i]}, not ${y}`);
}
