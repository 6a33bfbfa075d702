/**
 * The modes of the GPU engine that a test can run in. In Node: webasm and cpu always, webgpu where an adapter answers (a GPU, or software
 * that VK_DRIVER_FILES names). In a page: webgl2 and webgpu.
 */
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import type { GpuMode } from "../../../../src/tensor/engines/gpu/device.js";
import type { GpuEngine } from "../../../../src/tensor/engines/gpu/gpuEngine.js";
import { openGpu, type GpuOptions } from "../../../../src/tensor/engines/gpu/openGpu.js";

/** Why gpu:webgpu cannot run here; undefined where it can. */
export const webgpuMissing = await openGpu({ mode: "webgpu" }).then(
  async (engine) => engine.close().then(() => undefined),
  (error: Error) => error.message,
);

const MODES_HERE: readonly GpuMode[] =
  typeof document === "undefined" ? ["webasm", "cpu", "webgpu"] : ["webgl2", "webgpu"];

/** Declares tests for each mode; the engine is opened before them, proves that it computes, and is left empty and closed. */
export function inEveryMode(
  name: string,
  declare: (engine: () => GpuEngine, mode: GpuMode) => void,
  options: Omit<GpuOptions, "mode"> = {},
  modes: readonly GpuMode[] = MODES_HERE,
): void {
  for (const mode of modes) {
    describe(`${name}, gpu:${mode}`, { skip: mode === "webgpu" ? (webgpuMissing ?? false) : false }, () => {
      let engine: GpuEngine;
      before(async () => {
        engine = await openGpu({ mode, ...options });
        assert.match(engine.name, new RegExp(`^gpu\\.js ${mode}`));
        await probe(engine);
      });
      after(async () => {
        assert.equal(engine.memory().tensors, 0, `${engine.name} is left with tensors`);
        await engine.close();
      });
      declare(() => engine, mode);
    });
  }
}

/** A known answer between two untouched neighbours: a driver that computes nothing returns zeros. */
async function probe(engine: GpuEngine): Promise<void> {
  using canary = engine.tensor([11, 22, 33], [3]);
  using a = engine.tensor([1, 2, 3, 4], [2, 2]);
  using b = engine.tensor([5, 6, 7, 8], [2, 2]);
  using product = engine.matmul(a, b, false, false);
  using bird = engine.tensor([44, 55], [2]);
  assert.deepEqual([...(await product.data())], [19, 22, 43, 50]);
  assert.deepEqual([...(await canary.data()), ...(await bird.data())], [11, 22, 33, 44, 55]);
}
