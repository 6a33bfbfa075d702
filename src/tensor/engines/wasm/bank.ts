/**
 * A bank: one wasm memory with its allocator, an instance of the kernels on every thread, and working memory for each thread.
 *
 * A wasm memory ends at 4 GiB, because addresses have 32 bits. So there may be several: bank 0 is the engine's own, where tensors
 * live; a large table of rows has banks for itself. Kernels take addresses and sizes only and so run on any of them.
 */
import type { Heap } from "./heap.js";
import type { Runtime } from "./runtime.js";
import { collectGarbage } from "./threads.node.js";
import type { JobMemory, Kernel, KernelFunction, Team } from "./team.js";

export class Bank implements Runtime, JobMemory {
  /** What the threads call it. */
  readonly number: number;
  private opened: Heap | undefined;
  private kernels = new Map<string, Kernel>();
  private scratchAddress = 0;
  private scratchEach = 0;
  private scratchBlock = 0;

  /** The bank owns the heap, which nobody has used yet. */
  constructor(
    private readonly team: Team,
    heap: Heap,
  ) {
    const { exports } = new WebAssembly.Instance(team.module, { env: { memory: heap.memory } });
    for (const [position, [name, call]] of Object.entries(exports).entries()) {
      this.kernels.set(name, { name, position, call: call as KernelFunction });
    }
    heap.startAt((exports.heapBase as () => number)() >>> 0);
    this.opened = heap;
    this.number = team.join(heap.memory);
  }

  get threads(): number {
    return this.team.threads;
  }

  get heap(): Heap {
    if (!this.opened) throw new Error(`wasm engine: memory ${this.number} was closed with the table that lay in it.`);
    return this.opened;
  }

  get scratchPointer(): number {
    return this.scratchAddress;
  }

  get scratchBytes(): number {
    return this.scratchEach;
  }

  /** Bytes of the working memory that stays with the threads. */
  get scratchTotal(): number {
    return this.scratchBlock;
  }

  allocate(bytes: number): number {
    return this.heap.allocate(bytes);
  }

  release(pointer: number): void {
    this.heap.release(pointer);
  }

  run(name: string, items: number, args: readonly number[], work: number, scratch = 0): void {
    const kernel = this.kernels.get(name);
    if (!kernel) {
      const { heap } = this; // a closed bank has no kernels either
      throw new Error(
        `wasm engine: the module has no kernel "${name}"; was it built (npm run build:kernels)? ` +
          `The memory has ${heap.reserved} bytes.`,
      );
    }
    if (items === 0) return;
    if (scratch > this.scratchEach) this.enlargeScratch(scratch);
    this.team.run(this, kernel, items, args, work);
  }

  /** Gives the memories back to the system: no thread holds them when this returns. Closed banks are passed over. */
  static close(banks: readonly Bank[]): void {
    const open = banks.filter(({ opened }) => opened !== undefined);
    if (open.length === 0) return;
    for (const bank of open) {
      bank.opened = undefined;
      bank.kernels = new Map();
    }
    open[0].team.leave(open.map(({ number }) => number));
    collectGarbage();
  }

  private enlargeScratch(bytes: number): void {
    const { heap } = this;
    if (this.scratchEach > 0) heap.release(this.scratchAddress);
    this.scratchEach = this.scratchBlock = 0;
    const each = Math.ceil(bytes / 64) * 64;
    const before = heap.inUse;
    this.scratchAddress = heap.allocate(each * this.threads);
    this.scratchBlock = heap.inUse - before;
    this.scratchEach = each;
  }
}
