/** What gpu:webgl2 does with WebGL's own limits, memory and failures. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { GpuEngine } from "../../../../src/tensor/engines/gpu/gpuEngine.js";
import { openGpu } from "../../../../src/tensor/engines/gpu/openGpu.js";

interface Opened {
  readonly engine: GpuEngine;
  readonly gl: WebGL2RenderingContext;
  /** All that were made since. */
  readonly textures: readonly WebGLTexture[];
  readonly framebuffers: readonly WebGLFramebuffer[];
}

/** An engine, with what it keeps to itself. */
async function openWatched(): Promise<Opened> {
  const engine = await openGpu({ mode: "webgl2" });
  const { gl } = engine.device as unknown as { gl: WebGL2RenderingContext };
  const [textures, framebuffers]: [WebGLTexture[], WebGLFramebuffer[]] = [[], []];
  gl.createTexture = noting(gl.createTexture.bind(gl), textures);
  gl.createFramebuffer = noting(gl.createFramebuffer.bind(gl), framebuffers);
  return { engine, gl, textures, framebuffers };
}

function noting<Made>(make: () => Made, list: Made[]): () => Made {
  return () => {
    const made = make();
    list.push(made);
    return made;
  };
}

/** Whether a texture is attached: it lives as long, even if it is deleted. */
function isInUse(gl: WebGL2RenderingContext, framebuffer: WebGLFramebuffer): boolean {
  gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
  const { FRAMEBUFFER, COLOR_ATTACHMENT0, FRAMEBUFFER_ATTACHMENT_OBJECT_TYPE, NONE } = gl;
  return (
    gl.getFramebufferAttachmentParameter(FRAMEBUFFER, COLOR_ATTACHMENT0, FRAMEBUFFER_ATTACHMENT_OBJECT_TYPE) !== NONE
  );
}

describe("gpu:webgl2", () => {
  it("frees textures that nobody holds, and counts those it has", async () => {
    const { engine, gl, textures, framebuffers } = await openWatched();
    const weights = engine.full([8, 8], 0.5);
    const step = (): void =>
      engine.scope(() => {
        const gradient = engine.matmul(weights, engine.tensor(new Float32Array(64).fill(0.01), [8, 8]), false, false);
        engine.sgdStep(weights, gradient, undefined, { rate: 0.1, momentum: 0, decay: 0, nesterov: false });
      });
    for (let i = 0; i < 200; i++) step();
    await engine.ready();
    assert.ok(textures.length >= 600, `${textures.length} textures were made`);
    assert.equal(textures.filter((texture) => gl.isTexture(texture)).length, engine.device.memory().buffers);
    assert.ok(engine.device.memory().buffers < 10, `${engine.device.memory().buffers} textures are left`);
    assert.ok(framebuffers.length > 2);
    assert.ok(!framebuffers.some((framebuffer) => isInUse(gl, framebuffer)), "a framebuffer keeps a texture alive");
    await engine.close();
  });

  it("computes matrices with more rows or columns than a texture may have", async () => {
    const { engine } = await openWatched();
    const long = Math.sqrt(engine.device.largest) + 5;
    const ramp = Float32Array.from({ length: long }, (_, i) => i + 1);
    const [tall, wide] = engine.scope(() => {
      const column = engine.tensor(ramp, [long, 1]);
      const offsets = engine.tensor([0, 0.25, 0.5], [1, 3]);
      const sums = engine.binary("add", column, offsets);
      return [sums, engine.permute(sums, [1, 0])];
    });
    const expected = Array.from(ramp, (x) => [x, x + 0.25, x + 0.5]);
    assert.deepEqual([...(await tall.data())], expected.flat());
    assert.deepEqual(
      [...(await wide.data())],
      [0, 1, 2].flatMap((column) => expected.map((row) => row[column])),
    );
    await engine.close();
  });

  it("computes in full precision, however small the result", async () => {
    const { engine, gl } = await openWatched();
    const shaders: string[] = [];
    const compile = gl.shaderSource.bind(gl);
    gl.shaderSource = (shader, text) => {
      shaders.push(text);
      compile(shader, text);
    };
    engine.scope(() => engine.affine(engine.tensor([1, 2], [2]), 3, 4)).dispose();
    await engine.ready();
    assert.equal(shaders.length, 2);
    for (const text of shaders) {
      assert.match(text, /precision highp float;/);
      assert.ok(!/lowp|mediump/.test(text), "a phone computes these in 16 bits");
    }
    await engine.close();
  });

  it("reads on devices that give four channels for one", async () => {
    const { engine, gl } = await openWatched();
    const ask = gl.getParameter.bind(gl) as (name: number) => unknown;
    gl.getParameter = (name: number) => (name === gl.IMPLEMENTATION_COLOR_READ_FORMAT ? gl.RGBA : ask(name));
    using x = engine.tensor([1, 2, 3, 4, 5, 6, 7], [7]);
    assert.deepEqual([...(await x.data())], [1, 2, 3, 4, 5, 6, 7]);
    await engine.close();
  });

  it("passes on what WebGL complains of, at every read from then on", async () => {
    const { engine, gl } = await openWatched();
    const x = engine.full([2], 3);
    gl.enable(0xffff);
    for (let again = 0; again < 2; again++) {
      await assert.rejects(x.data(), /read failed: the device .* says: INVALID_ENUM.* open a new engine/);
    }
    await engine.close();
  });

  it("says that the device was lost", async () => {
    const { engine, gl } = await openWatched();
    const x = engine.full([2], 3);
    await engine.ready();
    gl.getExtension("WEBGL_lose_context")!.loseContext();
    await assert.rejects(x.data(), /the device .* is lost/);
    await assert.rejects(engine.affine(x, 1, 1).data(), /the device .* is lost/);
    await engine.close();
  });
});
