/** Counts the textures of a WebGL2 context, whoever makes them: WebGL itself does not say what a device holds. */
import type { DeviceMemory } from "./device.js";

const BYTES_PER_CELL = 4;

export class TextureAccount {
  private readonly live = new Map<WebGLTexture, number>();
  private bytes = 0;
  private peak = 0;

  /** @param gl a context whose textures all have one float32 a cell, and their memory from `texStorage2D` */
  constructor(gl: WebGL2RenderingContext) {
    const allocate = gl.texStorage2D.bind(gl);
    gl.texStorage2D = (target, levels, format, width, height) => {
      allocate(target, levels, format, width, height);
      this.add(gl.getParameter(gl.TEXTURE_BINDING_2D) as WebGLTexture, width * height * BYTES_PER_CELL);
    };
    const remove = gl.deleteTexture.bind(gl);
    gl.deleteTexture = (texture) => {
      remove(texture);
      if (texture) this.remove(texture);
    };
  }

  report(): DeviceMemory {
    return { bytes: this.bytes, peak: this.peak, buffers: this.live.size };
  }

  private add(texture: WebGLTexture, bytes: number): void {
    this.live.set(texture, bytes);
    this.bytes += bytes;
    this.peak = Math.max(this.peak, this.bytes);
  }

  private remove(texture: WebGLTexture): void {
    this.bytes -= this.live.get(texture) ?? 0;
    this.live.delete(texture);
  }
}
