/**
 * Tensors whose elements come later: operations are called at once, wait in a queue and run in order.
 *
 * An operation that fails leaves its failure where its result would be; what is computed from that fails with it, and the next read says so.
 * Cells never change, so that storages may share them; the last one that gives them up releases them.
 */
import type { Engine } from "../../engine.js";
import { formatShape, sizeOf, type Shape } from "../../shape.js";
import { Tensor, type Storage } from "../../tensor.js";
import type { Cells, Device } from "./device.js";
import { Queue, asError } from "./queue.js";

/** What went between host and device. */
export interface Traffic {
  /** Tensors that were read. */
  readonly reads: number;
  /** Reads that tables of rows made because they lie on the host. */
  readonly streamedReads: number;
  readonly uploads: number;
  /** Kernels that ran. */
  readonly launches: number;
}

/** Where a failure is kept until somebody asks for the result. */
export interface Failing {
  failure: Error | undefined;
}

class DeferredStorage implements Storage, Failing {
  references = 0;
  /** Absent until its operation has run. */
  cells: Cells | undefined;
  failure: Error | undefined;
}

export class Deferred {
  readonly counts = { reads: 0, streamedReads: 0, uploads: 0, launches: 0 };
  private readonly queue: Queue;
  /** How many storages hold the same cells. */
  private readonly owners = new Map<Cells, number>();
  private live = 0;
  private bytes = 0;
  private peak = 0;
  private closing: Promise<void> | undefined;

  /** @param mostQueued operations that may wait before the next call throws */
  constructor(
    private readonly engine: Engine,
    private readonly device: Device,
    mostQueued: number,
  ) {
    this.queue = new Queue(mostQueued);
  }

  /** What the engine's own tensors hold: bytes of their cells, those that are shared counted once. */
  get memory(): { readonly bytes: number; readonly peak: number; readonly storages: number } {
    return { bytes: this.bytes, peak: this.peak, storages: this.live };
  }

  /** For operations of several parts, of which all or none are to be called. @throws Error unless so many may still be queued. */
  reserve(name: string, operations: number): void {
    this.queue.reserve(name, operations);
  }

  /** A tensor that `compute` makes from the cells of others when its turn comes. Empty ones are not computed. */
  tensor(
    name: string,
    shape: Shape,
    inputs: readonly Tensor[],
    compute: (arrays: readonly Cells[]) => Cells | Promise<Cells>,
  ): Tensor {
    const { engine, device } = this;
    const size = sizeOf(shape);
    if (size > device.largest) {
      throw new Error(
        `${engine.name}: ${name} makes ${formatShape(shape)}, ${size} numbers, but one array holds at most ${device.largest} here.`,
      );
    }
    const storage = new DeferredStorage();
    this.enqueue(name, inputs, storage, async (arrays) => {
      this.own(storage, size === 0 ? device.upload(new Float32Array(0)) : await compute(arrays));
    });
    this.live++;
    return new Tensor(engine, [...shape], storage);
  }

  /**
   * A task of the host in its turn, with the cells of these tensors. It does not run where its result has failed before, unless it makes it
   * anew.
   */
  task(
    name: string,
    inputs: readonly Tensor[],
    result: Failing,
    body: (arrays: readonly Cells[]) => void | Promise<void>,
    { anew = false } = {},
  ): void {
    this.enqueue(name, inputs, result, body, anew);
  }

  /** The same elements for another tensor, which gives its own up. */
  assign(target: Tensor, source: Tensor): void {
    if (target.size !== source.size) {
      const [to, from] = [target, source].map(({ shape }) => formatShape(shape));
      throw new Error(`assign: as many elements take the place of others; given ${from} for ${to}.`);
    }
    const storage = this.storageOf(target, "assign");
    this.enqueue("assign", [source], storage, ([cells]) => {
      const before = storage.cells;
      this.own(storage, cells); // first, for they may be the same
      if (before) this.giveUp(before);
    });
  }

  free(storage: Storage): void {
    this.live--;
    if (this.closing) return;
    this.queue.add(() => {
      const { cells } = storage as DeferredStorage;
      if (cells) this.giveUp(cells);
    });
  }

  /** The elements, once everything called before has run. @throws Error where one of that failed. */
  async read(tensor: Tensor): Promise<Float32Array> {
    return this.find("read", [tensor], ([cells]) => {
      this.counts.reads++;
      return this.device.download(cells);
    });
  }

  /** What `body` finds, once everything called before has run. @throws Error where one of that failed */
  async find<Found>(
    name: string,
    inputs: readonly Tensor[],
    body: (arrays: readonly Cells[]) => Found | Promise<Found>,
  ): Promise<Found> {
    const result: Failing & { found?: readonly [Found] } = { failure: undefined };
    this.enqueue(name, inputs, result, async (arrays) => {
      result.found = [await body(arrays)];
    });
    await this.queue.settled();
    if (!result.found) throw result.failure!;
    return result.found[0];
  }

  /** Elements for the device, to be called by a task in its turn. */
  upload(values: Float32Array): Cells {
    this.counts.uploads++;
    return this.device.upload(values);
  }

  /** Elements for a table that lies on the host, counted apart from what callers read. */
  async stream(cells: Cells): Promise<Float32Array> {
    this.counts.streamedReads++;
    return this.device.download(cells);
  }

  async ready(): Promise<void> {
    await this.queue.settled();
    await this.device.idle();
  }

  /** When everything called before has run. The device is closed whatever failed. */
  close(): Promise<void> {
    this.closing ??= this.shut();
    return this.closing;
  }

  private async shut(): Promise<void> {
    try {
      await this.queue.settled();
    } finally {
      for (const cells of this.owners.keys()) this.device.release(cells);
      this.owners.clear();
      this.bytes = 0;
      await this.device.close();
    }
  }

  /** @param anew the result is made from the inputs alone, so that a failure of before is no failure now */
  private enqueue(
    name: string,
    inputs: readonly Tensor[],
    result: Failing,
    task: (arrays: readonly Cells[]) => void | Promise<void>,
    anew = true,
  ): void {
    if (this.closing) throw new Error(`${this.engine.name}: ${name} was asked for after close().`);
    this.reserve(name, 1);
    const sources = inputs.map((input) => this.storageOf(input, name));
    this.queue.add(async () => {
      const failure = sources.find((source) => source.failure)?.failure;
      result.failure = anew ? failure : (result.failure ?? failure);
      if (result.failure) return;
      try {
        await task(sources.map(({ cells }) => cells!));
      } catch (thrown) {
        const error = asError(thrown);
        const [reason] = error.message.split("\n--- generated"); // GPU.js adds the whole program
        result.failure = new Error(`${this.engine.name}: ${name} failed: ${reason}`, { cause: error });
        this.queue.fail(result.failure);
      }
    });
  }

  private own(storage: DeferredStorage, cells: Cells): void {
    const others = this.owners.get(cells) ?? 0;
    this.owners.set(cells, others + 1);
    if (others === 0) this.count(cells.size);
    storage.cells = cells;
  }

  private giveUp(cells: Cells): void {
    const others = (this.owners.get(cells) ?? 1) - 1;
    if (others > 0) {
      this.owners.set(cells, others);
    } else {
      this.owners.delete(cells);
      this.count(-cells.size);
      this.device.release(cells);
    }
  }

  private count(elements: number): void {
    this.bytes += 4 * elements;
    this.peak = Math.max(this.peak, this.bytes);
  }

  private storageOf(tensor: Tensor, operation: string): DeferredStorage {
    tensor.assertLive(operation);
    if (tensor.engine !== this.engine || !(tensor.storage instanceof DeferredStorage)) {
      throw new Error(
        `${operation}: the tensor of shape ${formatShape(tensor.shape)} is on the engine "${tensor.engine.name}", not on this one.`,
      );
    }
    return tensor.storage;
  }
}
