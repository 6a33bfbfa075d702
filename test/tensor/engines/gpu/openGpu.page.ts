/** Which way `openGpu` takes to a GPU in a page. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openGpu } from "../../../../src/tensor/engines/gpu/openGpu.js";

/** Until `body` is done, the page's WebGPU is gone and WebGL2 calls itself by this name. */
async function withOnly(renderer: string, body: () => Promise<void>): Promise<void> {
  const gpu = Object.getOwnPropertyDescriptor(Navigator.prototype, "gpu")!;
  const { prototype } = WebGL2RenderingContext;
  const getParameter = Object.getOwnPropertyDescriptor(prototype, "getParameter")!;
  const ask = getParameter.value as (this: WebGL2RenderingContext, name: number) => unknown;
  delete (Navigator.prototype as { gpu?: GPU }).gpu;
  prototype.getParameter = function (this: WebGL2RenderingContext, name: number) {
    const { UNMASKED_RENDERER_WEBGL } = this.getExtension("WEBGL_debug_renderer_info")!;
    return name === UNMASKED_RENDERER_WEBGL ? renderer : ask.call(this, name);
  };
  try {
    await body();
  } finally {
    Object.defineProperty(Navigator.prototype, "gpu", gpu);
    Object.defineProperty(prototype, "getParameter", getParameter);
  }
}

describe("openGpu in a page", () => {
  it("finds no GPU where both ways lead to software, and says so of each", () =>
    assert.rejects(
      openGpu(),
      /there is no GPU here\. gpu:webgpu has only .*swiftshader.* gpu:webgl2 has only .*SwiftShader/i,
    ));

  it("takes WebGL2 where there is no WebGPU", () =>
    withOnly("ANGLE (NVIDIA, NVIDIA GeForce RTX 3060)", async () => {
      const engine = await openGpu();
      assert.equal(engine.name, "gpu.js webgl2, ANGLE (NVIDIA, NVIDIA GeForce RTX 3060)");
      using sum = engine.scope(() => engine.binary("add", engine.full([2], 1), engine.full([2], 2)));
      assert.deepEqual([...(await sum.data())], [3, 3]);
      await engine.close();
    }));

  it("says why there is no WebGPU, where it is asked for", () =>
    withOnly("", () => assert.rejects(openGpu({ mode: "webgpu" }), /this browser has no WebGPU/)));
});
