import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EngineName } from "../../src/tensor/engineNames.js";
import { openEngine } from "../../src/tensor/openEngine.js";

describe("openEngine", () => {
  it("says what really runs", async () => {
    for (const [name, options, expected] of [
      ["wasm", { threads: 1, multiplyAdd: "separate" }, "wasm, 1 thread, simd"],
      ["wasm", { threads: 2, multiplyAdd: "fused" }, "wasm, 2 threads, relaxed simd"],
      ["reference", {}, "reference, float32"],
      ["reference", { float: "float64" }, "reference, float64"],
      ["gpu:webasm", {}, "gpu.js webasm"],
      ["gpu:cpu", {}, "gpu.js cpu"],
    ] as const) {
      const engine = await openEngine(name, options);
      assert.equal(engine.name, expected);
      await engine.close();
    }
  });

  it("lists the engines there are when asked for another", async () => {
    for (const name of ["gpgpu", "gpu:vulkan", "gpu:", ""]) {
      await assert.rejects(openEngine(name as EngineName), (error: Error) => {
        assert.equal(
          error.message,
          `openEngine: "${name}" is not an engine; there are wasm, reference, gpu, gpu:webgpu, gpu:webgl2, gpu:webasm, gpu:cpu.`,
        );
        return true;
      });
    }
  });

  it("refuses a floating type that is none, which would run as another", async () => {
    await assert.rejects(
      openEngine("reference", { float: "float16" as "float32" }),
      /float32 or float64; given "float16"/,
    );
  });

  it("refuses a number of threads that is none", async () => {
    for (const threads of [0, -1, 1.5, NaN, 65]) {
      await assert.rejects(openEngine("wasm", { threads }), /threads must be a whole number from 1 to 64; given/);
    }
  });
});
