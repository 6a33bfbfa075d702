/**
 * The tensors of the reference engine: typed arrays of the host, counted.
 *
 * Apart from the kernels, so that those can be read as a list.
 */
import type { Engine, FloatArray, FloatType, MemoryReport } from "../../engine.js";
import { Scopes } from "../../scopes.js";
import { formatShape, sizeOf, type Shape } from "../../shape.js";
import { Tensor, type Storage } from "../../tensor.js";
import { accumulate } from "./values.js";

class HostStorage implements Storage {
  references = 0;
  constructor(public values: FloatArray) {}
}

/** Making, keeping and reading tensors in float32 or float64; kernels are its subclass's. */
export abstract class HostTensors {
  abstract readonly name: string;
  readonly scopes = new Scopes();
  private inUse = 0;
  private peak = 0;
  private storages = 0;

  constructor(readonly float: FloatType) {}

  /** The engine that its tensors are on. */
  protected abstract self(): Engine;

  tensor(data: ArrayLike<number>, shape: Shape): Tensor {
    if (data.length !== sizeOf(shape)) {
      throw new Error(
        `tensor: shape ${formatShape(shape)} holds ${sizeOf(shape)} elements, but ${data.length} were given.`,
      );
    }
    return this.make(shape, (out) => out.set(data));
  }

  full(shape: Shape, value: number): Tensor {
    return this.make(shape, (out) => void out.fill(value));
  }

  scope<T>(body: () => T): T {
    return this.scopes.run(body);
  }

  keep(tensor: Tensor): Tensor {
    return this.scopes.keep(tensor);
  }

  async read(tensor: Tensor): Promise<FloatArray> {
    return this.readSync(tensor);
  }

  readSync(tensor: Tensor): FloatArray {
    return this.data(tensor).slice();
  }

  free(storage: Storage): void {
    const host = storage as HostStorage;
    this.inUse -= host.values.byteLength;
    this.storages--;
    host.values = this.zeros(0);
  }

  async ready(): Promise<void> {}

  async close(): Promise<void> {}

  memory(): MemoryReport {
    return { inUse: this.inUse, peak: this.peak, reserved: this.inUse, tensors: this.storages };
  }

  // ── for kernels ───────────────────────────────────────────────────────────────────────────────────────────────────

  private zeros(size: number): FloatArray {
    return this.float === "float64" ? new Float64Array(size) : new Float32Array(size);
  }

  /** A tensor of zeros, filled by `compute`. */
  protected make(shape: Shape, compute: (out: FloatArray) => void): Tensor {
    const values = this.zeros(sizeOf(shape));
    compute(values);
    this.inUse += values.byteLength;
    this.peak = Math.max(this.peak, this.inUse);
    this.storages++;
    return new Tensor(this.self(), [...shape], new HostStorage(values));
  }

  /** A tensor filled by additions, which are carried out in double precision. */
  protected makeSum(shape: Shape, add: (sums: Float64Array) => void): Tensor {
    return this.make(shape, (out) => accumulate(out, add));
  }

  protected data(tensor: Tensor): FloatArray {
    tensor.assertLive(this.name);
    if (tensor.engine !== this.self()) {
      throw new Error(
        `${this.name}: the tensor of shape ${formatShape(tensor.shape)} is on another engine, "${tensor.engine.name}".`,
      );
    }
    return (tensor.storage as HostStorage).values;
  }
}
