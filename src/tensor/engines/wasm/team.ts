/**
 * Runs kernels on all threads: a control block in shared memory, and work claimed in small pieces.
 *
 * A job is opened by storing its number in OPEN. Every thread that sees it counts itself in ACTIVE, claims pieces by adding to NEXT, and
 * counts itself out. The calling thread works too, then closes the job (OPEN = 0) and waits for ACTIVE = 0: a thread that was asleep or
 * not scheduled is not waited for, it only finds the job closed. Both sides spin for a moment before they sleep (`Atomics.wait`).
 * Which thread computes an item makes no difference to the item, so the bits do not depend on the number of threads.
 */
import type { Heap } from "./heap.js";
import type { Runtime } from "./runtime.js";
import { startWorkers } from "./threads.node.js";
import type { WorkerData, Workers } from "./workers.js";

/** Places in the control block, in 32-bit words; busy ones have a cache line each. Workers get this table with their data. */
const SLOTS = {
  OPEN: 0,
  ACTIVE: 16,
  NEXT: 32,
  KERNEL: 48,
  ITEMS: 49,
  PIECE: 50,
  ARGUMENTS: 51,
  PAGES: 52,
  STOP: 53,
  FAILED: 54,
  /** Set while the calling thread sleeps until ACTIVE changes. */
  WAITING: 64,
  /** Doubles: scratch address, scratch bytes of each thread, then the kernel's arguments. */
  VALUES: 80,
  /** Bytes of an error message behind the values; its length in FAILED. */
  MESSAGE: 80 + 2 * 50,
  END: 80 + 2 * 50 + 128,
} as const;

/** How long to spin before sleeping: longer than the pause between two kernels of a training step, mostly. */
const SPIN_MILLISECONDS = 0.02;
/** Under so many operations (16 microseconds of adding two numbers) one thread is as quick as two: measured. */
const WORTH_SHARING = 131_072;
/** Pieces a thread: enough that a slow thread does not hold up the others. */
const PIECES = 8;
/** A worker that holds a piece for so long is lost. */
const LOST_MILLISECONDS = 120_000;

type Kernel = (begin: number, end: number, scratch: number, ...args: number[]) => void;

export class Team implements Runtime {
  readonly kernels: ReadonlyMap<string, { readonly call: Kernel; readonly position: number }>;
  private job = 0;
  private scratchPointer = 0;
  private scratchBytes = 0;
  private scratchBlock = 0;

  private constructor(
    readonly threads: number,
    private readonly heap: Heap,
    exports: WebAssembly.Exports,
    private readonly control: Int32Array,
    private readonly workers: Workers | undefined,
  ) {
    const kernels = Object.entries(exports).map(
      ([name, call], position) => [name, { call: call as Kernel, position }] as const,
    );
    this.kernels = new Map(kernels);
  }

  /** Resolves when every thread has its instance of the module. */
  static async start(module: WebAssembly.Module, heap: Heap, threads: number): Promise<Team> {
    const { memory } = heap;
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    heap.startAt((instance.exports.heapBase as () => number)() >>> 0);
    if (threads === 1) return new Team(1, heap, instance.exports, new Int32Array(SLOTS.END), undefined);
    const control = new SharedArrayBuffer(SLOTS.END * 4);
    const workers = await startWorkers(threads - 1, (thread): WorkerData => {
      return { module, memory, control, slots: SLOTS, spinMilliseconds: SPIN_MILLISECONDS, thread };
    });
    return new Team(threads, heap, instance.exports, new Int32Array(control), workers);
  }

  allocate(bytes: number): number {
    return this.heap.allocate(bytes);
  }

  release(pointer: number): void {
    this.heap.release(pointer);
  }

  run(name: string, items: number, args: readonly number[], work: number, scratch = 0): void {
    const kernel = this.kernels.get(name);
    if (!kernel)
      throw new Error(`wasm engine: the module has no kernel "${name}"; was it built (npm run build:kernels)?`);
    if (items === 0) return;
    if (scratch > this.scratchBytes) this.enlargeScratch(scratch);
    if (this.threads === 1 || items === 1 || work < WORTH_SHARING) {
      this.compute(name, kernel.call, 0, items, args);
      return;
    }
    this.open(kernel.position, items, args);
    const piece = this.control[SLOTS.PIECE];
    try {
      for (let i = this.claim(piece); i < items; i = this.claim(piece)) {
        this.compute(name, kernel.call, i, Math.min(i + piece, items), args);
      }
    } catch (error) {
      Atomics.store(this.control, SLOTS.NEXT, items); // nobody need go on
      throw error;
    } finally {
      this.close(name);
    }
    this.throwFailure(name);
  }

  /** A kernel can only fail by reaching outside the memory: a fault of its wrapper, never of the caller's numbers. */
  private compute(name: string, kernel: Kernel, begin: number, end: number, args: readonly number[]): void {
    try {
      kernel(begin, end, this.scratchPointer, ...args);
    } catch (error) {
      throw new Error(`wasm engine: kernel "${name}" failed: ${String(error)}`, { cause: error });
    }
  }

  /** Bytes of the working memory that stays with the threads. */
  get scratchTotal(): number {
    return this.scratchBlock;
  }

  async stop(): Promise<void> {
    Atomics.store(this.control, SLOTS.STOP, 1);
    Atomics.store(this.control, SLOTS.OPEN, -1);
    Atomics.notify(this.control, SLOTS.OPEN);
    await this.workers?.terminate();
  }

  private claim(piece: number): number {
    return Atomics.add(this.control, SLOTS.NEXT, piece);
  }

  private open(kernel: number, items: number, args: readonly number[]): void {
    if (this.workers?.failure !== undefined)
      throw new Error(`wasm engine: a thread has ended: ${this.workers.failure}`);
    const { control } = this;
    control[SLOTS.KERNEL] = kernel;
    control[SLOTS.ITEMS] = items;
    control[SLOTS.PIECE] = Math.max(1, Math.floor(items / (this.threads * PIECES)));
    control[SLOTS.ARGUMENTS] = args.length;
    control[SLOTS.PAGES] = this.heap.reserved / 65_536;
    const values = new Float64Array(control.buffer, SLOTS.VALUES * 4, 2 + args.length);
    values[0] = this.scratchPointer;
    values[1] = this.scratchBytes;
    values.set(args, 2);
    control[SLOTS.FAILED] = 0;
    Atomics.store(control, SLOTS.NEXT, 0);
    this.job = (this.job % 0x7fff_ffff) + 1;
    Atomics.store(control, SLOTS.OPEN, this.job);
    Atomics.notify(control, SLOTS.OPEN);
  }

  /** Closes the job and waits for the threads that are still at their last piece. */
  private close(kernel: string): void {
    const { control } = this;
    Atomics.store(control, SLOTS.OPEN, 0);
    if (Atomics.load(control, SLOTS.ACTIVE) === 0) return;
    const started = performance.now();
    while (performance.now() - started < SPIN_MILLISECONDS) {
      for (let i = 0; i < 100; i++) if (Atomics.load(control, SLOTS.ACTIVE) === 0) return;
    }
    Atomics.store(control, SLOTS.WAITING, 1);
    for (let active = Atomics.load(control, SLOTS.ACTIVE); active > 0; active = Atomics.load(control, SLOTS.ACTIVE)) {
      if (Atomics.wait(control, SLOTS.ACTIVE, active, LOST_MILLISECONDS) === "timed-out") {
        throw new Error(
          `wasm engine: a thread has not come back from kernel "${kernel}" in ${LOST_MILLISECONDS / 1000} s.`,
        );
      }
    }
    Atomics.store(control, SLOTS.WAITING, 0);
  }

  private throwFailure(kernel: string): void {
    const length = Atomics.exchange(this.control, SLOTS.FAILED, 0);
    if (length === 0) return;
    const message = new Uint8Array(this.control.buffer, SLOTS.MESSAGE * 4, length);
    throw new Error(`wasm engine: kernel "${kernel}" failed: ${String.fromCharCode(...message)}`);
  }

  private enlargeScratch(bytes: number): void {
    if (this.scratchBytes > 0) this.heap.release(this.scratchPointer);
    this.scratchBytes = this.scratchBlock = 0;
    const each = Math.ceil(bytes / 64) * 64;
    const before = this.heap.inUse;
    this.scratchPointer = this.heap.allocate(each * this.threads);
    this.scratchBlock = this.heap.inUse - before;
    this.scratchBytes = each;
  }
}
