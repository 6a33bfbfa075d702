/** gpu:webgl2 and gpu:webgpu in a page: what holds of the engine in Node, and answers beside those of float64. */
import assert from "node:assert/strict";
import { it } from "node:test";
import type { Engine } from "../../../../src/tensor/engine.js";
import { KernelCache, loadGpuJs } from "../../../../src/tensor/engines/gpu/gpuJs.js";
import { kernelOfText } from "../../../../src/tensor/engines/gpu/kernel.js";
import { ReferenceEngine } from "../../../../src/tensor/engines/reference/index.js";
import type { Tensor } from "../../../../src/tensor/tensor.js";
import "./cosineSweep.test.js";
import "./functions.test.js";
import "./gpuEngine.test.js";
import "./images.test.js";
import { inEveryMode } from "./inEveryMode.js";
import "./nonFinite.test.js";
import "./openGpu.page.js";
import "./partialFC.test.js";
import "./rowStore.test.js";
import "./webgl2Device.page.js";

export { runTests as run } from "../../../browser/standIns/test.js";

const exact = new ReferenceEngine("float64");

/** Whole numbers and halves, none of them 0: their sums and products here are exact in float32. */
function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => ((i * 7) % 13) - 6.5);
}

/**
 * The same elements as in float64, not one of them 0, which is what a device that computes nothing would give; and what lies beside
 * them on the device is as it was.
 */
async function assertExact(engine: Engine, compute: (engine: Engine) => Tensor): Promise<void> {
  using before = engine.tensor([11, 22, 33], [3]);
  using result = engine.scope(() => compute(engine));
  using after = engine.tensor([44, 55], [2]);
  using expected = exact.scope(() => compute(exact));
  const answer = [...(await result.data())];
  assert.ok(!answer.includes(0), `an answer is 0: ${answer.slice(0, 20).join(", ")}`);
  assert.deepEqual(answer, [...expected.dataSync()]);
  assert.deepEqual([...(await before.data()), ...(await after.data())], [11, 22, 33, 44, 55]);
}

inEveryMode("in a page", (engine, mode) => {
  it("says what really runs", () => {
    assert.match(engine().name, new RegExp(`^gpu\\.js ${mode}, .*swiftshader.* \\(software\\)$`, "i"));
    assert.equal(engine().device.mode, mode);
  });

  it("multiplies matrices", () =>
    assertExact(engine(), (e) => e.matmul(e.tensor(numbers(35), [5, 7]), e.tensor(numbers(21), [7, 3]), false, false)));

  it("sums 3,000 terms", () =>
    assertExact(engine(), (e) => e.reduce("sum", e.tensor(numbers(6000), [2, 3000]), [1], false)));

  it("permutes four axes", () =>
    assertExact(engine(), (e) => e.permute(e.tensor(numbers(120), [2, 3, 4, 5]), [3, 1, 0, 2])));

  it("reads flat what was computed on three axes", () =>
    assertExact(engine(), (e) => {
      const products = e.matmul(e.tensor(numbers(24), [2, 3, 4]), e.tensor(numbers(40), [2, 4, 5]), false, false);
      return e.affine(products.reshape([30]), 2, 0.25);
    }));

  it("steps in place, with momentum", () =>
    assertExact(engine(), (e) => {
      const [value, gradient, velocity] = [1, 2, 3].map((k) => e.affine(e.tensor(numbers(9), [9]), k, 0.25));
      for (let step = 0; step < 3; step++) {
        e.sgdStep(value, gradient, velocity, { rate: 0.5, momentum: 0.5, decay: 0.25, nesterov: false });
      }
      return e.concatenate([value, velocity], 0);
    }));

  it("adds nothing to nothing", async () => {
    using none = engine().tensor([], [2, 0]);
    using sum = engine().scope(() => engine().affine(engine().matmul(none, none, false, true), 1, 5));
    using more = engine().scope(() => engine().binary("add", none, none));
    assert.deepEqual([...(await sum.data())], [5, 5, 5, 5]);
    assert.deepEqual([...(await more.data())], []);
  });

  it("does not take another mode's kernel for its own", async () => {
    const gpuJs = await loadGpuJs();
    const kernel = kernelOfText("one", { arrays: 0 }, "function () { return 1; }");
    const [own, other] = [mode, "cpu"].map((name) => new KernelCache(gpuJs, name, "Input"));
    assert.throws(() => own.assertMode(kernel, other.get(kernel, [1])), new RegExp(`ran one in mode cpu, not ${mode}`));
    own.assertMode(kernel, own.get(kernel, [1]));
  });
});
