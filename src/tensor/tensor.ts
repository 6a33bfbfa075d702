/**
 * An n-dimensional array on an engine: shape, engine, and a handle to storage that only its engine understands.
 *
 * Row-major and contiguous. Elements have the engine's floating type (float32, or float64 on `reference`); indices and labels
 * are host `Int32Array`s. Operations are called synchronously; reading is asynchronous.
 */
import type { Engine, FloatArray } from "./engine.js";
import { formatShape, resolveReshape, sizeOf, type Shape } from "./shape.js";

/** What an engine keeps for a tensor. Reshaped tensors share it; it is freed with the last of them. */
export interface Storage {
  references: number;
}

/** Made by an engine (`engine.tensor`, `engine.full`, and every kernel). */
export class Tensor {
  readonly size: number;
  /** The scope that will release this tensor; undefined once something owns it. Managed by `Scopes`. */
  owner: Set<Tensor> | undefined;
  private released = false;

  constructor(
    readonly engine: Engine,
    readonly shape: Shape,
    readonly storage: Storage,
  ) {
    this.size = sizeOf(shape);
    storage.references++;
    engine.scopes.track(this);
  }

  get rank(): number {
    return this.shape.length;
  }

  get disposed(): boolean {
    return this.released;
  }

  /** The same elements under another shape; one extent may be -1. Free: storage is shared. */
  reshape(shape: Shape): Tensor {
    this.assertLive("reshape");
    return new Tensor(this.engine, resolveReshape(shape, this.size), this.storage);
  }

  /** A second owner of the same storage: whoever gets it may dispose it, and this one notices nothing. */
  share(): Tensor {
    this.assertLive("share");
    return new Tensor(this.engine, this.shape, this.storage);
  }

  /** A copy of the elements, once everything queued before has run. */
  async data(): Promise<FloatArray> {
    this.assertLive("data");
    return this.engine.read(this);
  }

  /** A copy of the elements, now. CPU engines only. */
  dataSync(): FloatArray {
    this.assertLive("dataSync");
    return this.engine.readSync(this);
  }

  /** The value of a one-element tensor, which is disposed. */
  async item(): Promise<number> {
    if (this.size !== 1) throw new Error(`item: needs one element, but the shape is ${formatShape(this.shape)}.`);
    const [value] = await this.data();
    this.dispose();
    return value;
  }

  /** Releases this tensor; its storage goes with the last tensor that shares it. Harmless when repeated. */
  dispose(): void {
    if (this.released) return;
    this.released = true;
    this.owner?.delete(this);
    this.owner = undefined;
    if (--this.storage.references === 0) this.engine.free(this.storage);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  assertLive(operation: string): void {
    if (this.released) {
      throw new Error(
        `${operation}: this tensor of shape ${formatShape(this.shape)} was already released; ` +
          `return it from its scope, or keep it with engine.keep().`,
      );
    }
  }
}
