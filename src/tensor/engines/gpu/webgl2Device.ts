/**
 * GPU.js on WebGL2: fragment shaders that draw their result into a texture, one float32 a cell.
 *
 * Textures are made and read here, on the context that GPU.js is given: data goes up without a kernel, comes down without holding up
 * the page, and is freed when it is released. GPU.js keeps the last result of every kernel, and a framebuffer keeps alive what is
 * attached to it even when that is deleted; so a result is detached, and GPU.js's own hold on it ends with the next call.
 */
import { describeName, isSoftwareName } from "./adapter.js";
import type { Cells, Device, DeviceMemory, Grid } from "./device.js";
import { launchWithin } from "./flattened.js";
import { KernelCache, type GpuJs } from "./gpuJs.js";
import { Health } from "./health.js";
import type { Kernel } from "./kernel.js";
import { declarations, withWholeAddresses } from "./shaderText.js";
import { TextureAccount } from "./textureAccount.js";
import { finished, openWebGl2Context, rendererOf } from "./webgl2Context.js";

type TextureSize = readonly [width: number, height: number];

/** What a kernel returns, of what GPU.js says about it. */
interface Drawn {
  readonly texture: WebGLTexture;
  readonly size: ArrayLike<number>;
}

/** Numbers in the texels of a texture, row after row; the last row may have some to spare. */
class TextureCells implements Cells {
  /** As an argument of a kernel, in the words of GPU.js. One axis, whatever grid it was computed on, for kernels read flat. */
  readonly argument: object;

  constructor(
    context: WebGL2RenderingContext,
    readonly texture: WebGLTexture,
    readonly extent: TextureSize,
    readonly size: number,
  ) {
    const dimensions = [size, 1, 1];
    this.argument = { type: "ArrayTexture(1)", context, texture, size: extent, dimensions, output: [size] };
  }
}

export class WebGl2Device implements Device {
  readonly mode = "webgl2";
  readonly fours = false;
  readonly adapter: string;
  readonly software: boolean;
  readonly largest: number;
  private readonly kernels: KernelCache;
  private readonly health: Health;
  private readonly account: TextureAccount;
  private readonly reader: WebGLFramebuffer;
  /** Of a texture, along either axis. */
  private readonly mostTexels: number;

  private constructor(
    gpuJs: GpuJs,
    private readonly gl: WebGL2RenderingContext,
  ) {
    // GPU.js makes the canvas as large as the largest texture, hundreds of megabytes that nobody sees: this one only remembers its size
    const canvas = { width: 1, height: 1 };
    this.kernels = new KernelCache(gpuJs, "webgl2", "ArrayTexture(1)", ({ helpers }) => ({
      context: gl,
      canvas,
      injectedNative: declarations(helpers),
    }));
    const compile = gl.shaderSource.bind(gl);
    gl.shaderSource = (shader, text) => compile(shader, withWholeAddresses(text));
    this.account = new TextureAccount(gl);
    this.reader = gl.createFramebuffer();
    const renderer = rendererOf(gl);
    this.adapter = describeName(renderer);
    this.software = isSoftwareName(renderer);
    this.health = new Health(this.adapter);
    this.mostTexels = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
    this.largest = this.mostTexels ** 2;
  }

  /** @throws Error where there is no WebGL2. */
  static async open(gpuJs: GpuJs): Promise<WebGl2Device> {
    return new WebGl2Device(gpuJs, openWebGl2Context());
  }

  upload(values: Float32Array): Cells {
    const { gl } = this;
    const width = Math.max(1, Math.ceil(Math.sqrt(values.length)));
    const height = Math.max(1, Math.ceil(values.length / width));
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST); // others are not for float32, and give zeros
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.R32F, width, height);
    const rows = Math.floor(values.length / width);
    const rest = values.length - rows * width;
    if (rows > 0) gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, rows, gl.RED, gl.FLOAT, values);
    if (rest > 0) gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, rows, rest, 1, gl.RED, gl.FLOAT, values, rows * width);
    return new TextureCells(gl, texture, [width, height], values.length);
  }

  run(kernel: Kernel, grid: Grid, arrays: readonly Cells[], scalars: readonly number[]): Cells {
    const { gl } = this;
    if (gl.isContextLost()) this.assertSound();
    const { program, output, scalars: values } = launchWithin((axes) => this.fits(axes), kernel, grid, scalars);
    const compiled = this.kernels.get(program, output);
    const drawn = compiled(...arrays.map((cells) => (cells as TextureCells).argument), ...values) as Drawn;
    this.kernels.assertMode(program, compiled);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, null, 0);
    const size = output.reduce((product, extent) => product * extent, 1);
    return new TextureCells(gl, drawn.texture, [drawn.size[0], drawn.size[1]], size);
  }

  async download(cells: Cells): Promise<Float32Array> {
    if (cells.size === 0) return new Float32Array(0);
    const { gl } = this;
    const staging = gl.createBuffer();
    try {
      const channels = this.copyTo(staging, cells as TextureCells);
      await finished(gl);
      this.assertSound();
      const values = new Float32Array(cells.size * channels);
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, staging);
      gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, values);
      return channels === 1 ? values : values.filter((_, i) => i % channels === 0);
    } finally {
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
      gl.deleteBuffer(staging);
    }
  }

  release(cells: Cells): void {
    this.gl.deleteTexture((cells as TextureCells).texture);
  }

  memory(): DeviceMemory {
    return this.account.report();
  }

  async idle(): Promise<void> {
    await finished(this.gl);
    this.assertSound();
  }

  async close(): Promise<void> {
    await finished(this.gl);
    await this.kernels.close();
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  /** Queues a copy of the texels, each as the one or four numbers that this device reads it as. Returns how many. */
  private copyTo(staging: WebGLBuffer, { texture, extent: [width, height] }: TextureCells): 1 | 4 {
    const { gl } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.reader);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    // RGBA is what every device can; most can RED alone
    const tight = gl.getParameter(gl.IMPLEMENTATION_COLOR_READ_FORMAT) === gl.RED;
    const channels = tight ? 1 : 4;
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, staging);
    gl.bufferData(gl.PIXEL_PACK_BUFFER, width * height * channels * 4, gl.STREAM_READ);
    gl.readPixels(0, 0, width, height, tight ? gl.RED : gl.RGBA, gl.FLOAT, 0);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, null, 0);
    return channels;
  }

  /** Whether the texture of such a result is one: GPU.js gives a result of two axes as many texels along them, and does not check. */
  private fits([x, y = 1, z = 1]: readonly number[]): boolean {
    return y === 1 || z > 1 || Math.max(x, y) <= this.mostTexels;
  }

  /** WebGL says what went wrong only when it is asked. */
  private assertSound(): void {
    const { gl } = this;
    const code = gl.getError();
    if (gl.isContextLost()) this.health.note("is lost, with all that was on it");
    else if (code !== gl.NO_ERROR) this.health.note(`says: ${nameOf(gl, code)}`);
    this.health.assertSound();
  }
}

function nameOf(gl: WebGL2RenderingContext, code: number): string {
  const names = [
    "INVALID_ENUM",
    "INVALID_VALUE",
    "INVALID_OPERATION",
    "INVALID_FRAMEBUFFER_OPERATION",
    "OUT_OF_MEMORY",
  ] as const;
  return names.find((name) => gl[name] === code) ?? `error ${code}`;
}
