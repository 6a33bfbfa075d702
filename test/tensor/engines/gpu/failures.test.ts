/** What fails on the GPU engine: who is told, when, how often, and what goes on. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kernelOfText } from "../../../../src/tensor/engines/gpu/kernel.js";
import { openGpu, type GpuOptions } from "../../../../src/tensor/engines/gpu/openGpu.js";
import { inEveryMode } from "./inEveryMode.js";

const broken = kernelOfText("brokenKernel", { arrays: 1 }, "function (x) { return y[0]; }");

inEveryMode("failures", (engine) => {
  it("surface at the next read, with the name of the operation, once; what does not hang on them goes on", async () => {
    using x = engine().tensor([1, 2], [2]);
    using wrong = engine().launch(broken, [2], [2], [x]);
    using later = engine().affine(wrong, 1, 1);
    using right = engine().affine(x, 1, 1);
    await assert.rejects(right.data(), /brokenKernel failed/);
    assert.deepEqual([...(await right.data())], [2, 3]);
    await assert.rejects(later.data(), /brokenKernel failed/);
  });

  it("of what was called after a read are not told by it", async () => {
    using x = engine().tensor([1, 2], [2]);
    const reading = x.data();
    using wrong = engine().launch(broken, [2], [2], [x]);
    assert.deepEqual([...(await reading)], [1, 2]);
    await assert.rejects(wrong.data(), /brokenKernel failed/);
  });

  it("end with a new value", async () => {
    using x = engine().tensor([1, 2], [2]);
    using wrong = engine().launch(broken, [2], [2], [x]);
    await assert.rejects(wrong.data());
    engine().assign(wrong, x);
    assert.deepEqual([...(await wrong.data())], [1, 2]);
  });

  it("of a table end when all of it is loaded anew", async () => {
    const table = engine().rowStore(2, 2);
    using x = engine().full([1, 2], 5);
    using wrong = engine().launch(broken, [1, 2], [2], [x]);
    table.write(Int32Array.of(1), wrong);
    await assert.rejects(table.read(0, 2));
    table.load(0, Float32Array.of(1, 2, 3, 4));
    assert.deepEqual([...(await table.read(0, 2))], [1, 2, 3, 4]);
    table.dispose();
  });

  it("may be anything that is thrown", async () => {
    const refuse = (): void => {
      throw "a word"; // eslint-disable-line @typescript-eslint/only-throw-error
    };
    const table = engine().rowStore(1, 1, { initialize: refuse });
    await assert.rejects(table.read(0, 1), /a word/);
    table.dispose();
    using x = engine().full([1], 5);
    assert.deepEqual([...(await x.data())], [5]);
  });

  it("refuse an assignment of another size", () => {
    using x = engine().full([2], 0);
    using y = engine().full([3], 0);
    assert.throws(() => engine().assign(x, y), /given \[3\] for \[2\]/);
  });
});

inEveryMode(
  "a device that reported an error",
  () => {
    it("is not trusted any more, by any engine that it had then, and by a new one it is", async () => {
      const [engine, beside] = [await openGpu({ mode: "webgpu" }), await openGpu({ mode: "webgpu" })];
      using x = engine.full([2], 1);
      using y = beside.full([2], 1);
      await x.data();
      const { device } = engine.device as unknown as { readonly device: GPUDevice };
      device.createBuffer({ size: 2 ** 50, usage: GPUBufferUsage.STORAGE }).destroy();
      for (let again = 0; again < 2; again++) await assert.rejects(x.data(), /is not to be trusted any more/);
      await assert.rejects(y.data(), /is not to be trusted any more/);
      await assert.rejects(engine.affine(x, 1, 1).data(), /is not to be trusted any more/);
      await engine.close();
      await beside.close();
      const next = await openGpu({ mode: "webgpu" });
      using z = next.full([2], 3);
      assert.deepEqual([...(await z.data())], [3, 3]);
      await next.close();
    });

    it("that was lost is told, and the engine closes", async () => {
      const engine = await openGpu({ mode: "webgpu" });
      const { device } = engine.device as unknown as { readonly device: GPUDevice };
      device.destroy();
      await device.lost;
      await assert.rejects(engine.full([2], 1).data(), /is lost/);
      await engine.close();
    });
  },
  {},
  ["webgpu"],
);

describe("closing", () => {
  it("twice at once gives everything back once", async () => {
    const engine = await openGpu({ mode: "webasm" });
    engine.full([4], 1);
    await Promise.all([engine.close(), engine.close()]);
    const { bytes, buffers } = engine.device.memory();
    assert.deepEqual({ bytes, buffers }, { bytes: 0, buffers: 0 });
    assert.throws(() => engine.full([1], 0), /after close/);
  });
});

describe("at the bound of the queue", () => {
  it("an update of several kernels is called whole or not at all", async () => {
    const engine = await openGpu({ mode: "webasm", mostQueued: 14 });
    const [value, gradient, velocity] = [0, 1, 0].map((number) => engine.full([1], number));
    const rule = { rate: 1, momentum: 0.9, decay: 0, nesterov: false };
    assert.throws(() => engine.sgdStep(value, gradient, velocity, rule), /await engine\.ready\(\) before sgdStep/);
    await engine.ready();
    engine.sgdStep(value, gradient, velocity, rule);
    assert.deepEqual([...(await value.data()), ...(await velocity.data())], [-1, 1]);
    await engine.close();
  });
});

describe("options of the GPU engine", () => {
  const wrong: readonly (readonly [GpuOptions, RegExp])[] = [
    [{ mode: "webasm", mostQueued: 0 }, /mostQueued is a number from 1; given 0/],
    [{ mode: "webasm", mostQueued: NaN }, /mostQueued is a number from 1; given NaN/],
    [{ mode: "webasm", residentBytes: -1 }, /residentBytes is a number from 0; given -1/],
    [{ mode: "webasm", products: "wgsl" }, /products in WGSL are for gpu:webgpu/],
    [{ mode: "webasm", products: "foo" as "wgsl" }, /"gpu\.js" or "wgsl"; given "foo"/],
  ];
  for (const [options, message] of wrong) {
    it(`refuse ${JSON.stringify(options)}`, () => assert.rejects(openGpu(options), message));
  }
});
