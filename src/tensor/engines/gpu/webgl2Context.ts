/** A WebGL2 context for computing: opened, named, waited for. */

/** @throws Error where there is none, or none that computes in float32. */
export function openWebGl2Context(): WebGL2RenderingContext {
  const gl = createCanvas()?.getContext("webgl2", {
    alpha: false,
    depth: false,
    antialias: false,
    powerPreference: "high-performance",
  });
  if (!gl) {
    throw new Error(
      "gpu:webgl2 needs a browser that has WebGL2, and there is none here; in Node take gpu:webgpu, gpu:webasm or gpu:cpu.",
    );
  }
  if (!gl.getExtension("EXT_color_buffer_float")) {
    throw new Error(
      "gpu:webgl2 needs textures of float32 to compute into (EXT_color_buffer_float), which this GPU lacks.",
    );
  }
  return gl;
}

/** Of one pixel: results go to textures, and nothing is ever shown. */
function createCanvas(): HTMLCanvasElement | OffscreenCanvas | undefined {
  if (typeof document !== "undefined") return document.createElement("canvas");
  return typeof OffscreenCanvas === "undefined" ? undefined : new OffscreenCanvas(1, 1); // in a worker
}

/** Such as "ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Direct3D11 vs_5_0 ps_5_0, D3D11)". */
export function rendererOf(gl: WebGL2RenderingContext): string {
  const unmasked = gl.getExtension("WEBGL_debug_renderer_info");
  return String(gl.getParameter(unmasked ? unmasked.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}

/** How often a fence is asked without a pause. A page's timers never fire sooner than after 4 ms, and most waits are shorter. */
const IMPATIENCE = 100;

/** Resolves when the device has run all it was given, without holding up the page. */
export async function finished(gl: WebGL2RenderingContext): Promise<void> {
  const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
  if (!fence) return; // the context is lost, as whoever asks for errors will see
  gl.flush(); // else the device may never come to the fence
  for (let asked = 0; gl.clientWaitSync(fence, 0, 0) === gl.TIMEOUT_EXPIRED; asked++) {
    await (asked < IMPATIENCE ? nextTask() : new Promise((resolve) => setTimeout(resolve, 1)));
  }
  gl.deleteSync(fence);
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}
