/**
 * The threads, and jobs for them: a control block in shared memory, and work claimed in small pieces.
 *
 * A job is opened by storing its number in OPEN. Every thread that sees it counts itself in ACTIVE, claims pieces by adding to NEXT, and
 * counts itself out. The calling thread works too, then closes the job (OPEN at most 0) and waits for ACTIVE = 0: a thread that was asleep
 * or not scheduled is not waited for, it only finds the job closed. Both sides spin for a moment before they sleep (`Atomics.wait`).
 * Which thread computes an item makes no difference to the item, so the bits do not depend on the number of threads.
 *
 * A job lies in one of several memories (bank.ts). A thread that sleeps in `Atomics.wait` gets no events, so memories come and go by post:
 * a message, and MAIL counted up; a thread that finds MAIL changed fetches what there is (`receiveMessageOnPort`) before its next job.
 */
import type { Heap } from "./heap.js";
import { startWorkers } from "./threads.node.js";
import type { Delivery, WorkerData, Workers } from "./workers.js";

/** Places in the control block, in 32-bit words; busy ones have a cache line each. Workers get this table with their data. */
const SLOTS = {
  /** The number of the job; 0 or less: none. It changes with every delivery too, so that nobody sleeps through one. */
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
  /** The number of the memory. */
  BANK: 55,
  /** Set while the calling thread sleeps until ACTIVE changes. */
  WAITING: 64,
  /** Threads that sleep, or are about to, until OPEN changes. */
  SLEEPING: 65,
  /** Doubles: scratch address, scratch bytes of each thread, then the kernel's arguments. */
  VALUES: 80,
  /** Bytes of an error message behind the values; its length in FAILED. */
  MESSAGE: 80 + 2 * 50,
  /** Deliveries so far. */
  MAIL: 80 + 2 * 50 + 128,
  /** Deliveries read, summed over the threads. */
  READ: 80 + 2 * 50 + 128 + 16,
  /** Length of the error message of a thread that has ended by one, outside any kernel; it lies where FAILED has its. */
  LOST: 80 + 2 * 50 + 128 + 32,
  END: 80 + 2 * 50 + 128 + 33,
} as const;

/** How long to spin before sleeping: longer than the pause between two kernels of a training step, mostly. */
const SPIN_MILLISECONDS = 0.2;
/** Under so many operations (20 microseconds of adding two numbers) one thread is as quick as two: measured. */
const WORTH_SHARING = 131_072;
/** Waking a thread takes 12 microseconds of the caller, and 35 until it runs: measured. Smaller jobs are not worth that one by one, … */
const WORTH_WAKING = 4 * WORTH_SHARING;
/** … but all together are, after so many operations that one thread has done alone. */
const WORTH_WAKING_AT_LAST = 16 * WORTH_SHARING;
/** Pieces a thread: enough that a slow thread does not hold up the others. */
const PIECES = 8;
/** A worker that holds a piece for so long is lost. */
const LOST_MILLISECONDS = 120_000;

export type KernelFunction = (begin: number, end: number, scratch: number, ...args: number[]) => void;

/** An exported kernel in one memory, as the calling thread sees it. `position`: among the exports, the same on every thread. */
export interface Kernel {
  readonly name: string;
  readonly position: number;
  readonly call: KernelFunction;
}

/** Where a job's addresses lie. */
export interface JobMemory {
  readonly number: number;
  readonly heap: Heap;
  /** Working memory: its address, and the bytes of each thread. */
  readonly scratchPointer: number;
  readonly scratchBytes: number;
}

export class Team {
  private job = 0;
  private idle = 0;
  private memories = 0;
  /** Operations that were worth sharing, but not worth waking anybody, since the last job for all. */
  private alone = 0;

  private constructor(
    readonly module: WebAssembly.Module,
    readonly threads: number,
    private readonly control: Int32Array,
    private readonly workers: Workers | undefined,
  ) {}

  /** Resolves when every thread runs. */
  static async start(module: WebAssembly.Module, threads: number): Promise<Team> {
    if (threads === 1) return new Team(module, 1, new Int32Array(SLOTS.END), undefined);
    const control = new SharedArrayBuffer(SLOTS.END * 4);
    const workers = await startWorkers(threads - 1, (thread): WorkerData => {
      return { module, control, slots: SLOTS, spinMilliseconds: SPIN_MILLISECONDS, thread };
    });
    return new Team(module, threads, new Int32Array(control), workers);
  }

  /** Gives every thread an instance of the kernels on this memory. Returns the memory's number. */
  join(memory: WebAssembly.Memory): number {
    const number = this.memories++;
    this.deliver({ number, memory });
    return number;
  }

  /** Every thread forgets these memories, and has when this returns. */
  leave(numbers: readonly number[]): void {
    for (const number of numbers) this.deliver({ number });
    if (!this.workers || this.control[SLOTS.STOP] === 1) return;
    const { control } = this;
    const all = (this.threads - 1) * control[SLOTS.MAIL];
    for (let read = Atomics.load(control, SLOTS.READ); read !== all; read = Atomics.load(control, SLOTS.READ)) {
      this.assertWhole();
      if (Atomics.wait(control, SLOTS.READ, read, LOST_MILLISECONDS) === "timed-out") {
        throw new Error(`wasm engine: a thread has not let go of a memory in ${LOST_MILLISECONDS / 1000} s.`);
      }
    }
  }

  /** Runs items 0 … items − 1 on all threads, where the work is worth it, and returns when all are done. */
  run(memory: JobMemory, kernel: Kernel, items: number, args: readonly number[], work: number): void {
    if (this.control[SLOTS.STOP] === 1) throw new Error(`wasm engine: ${kernel.name} was asked for after close().`);
    if (this.threads === 1 || items === 1 || work < WORTH_SHARING || !this.worthNow(work)) {
      compute(memory, kernel, 0, items, args);
      return;
    }
    this.open(memory, kernel, items, args);
    const piece = this.control[SLOTS.PIECE];
    try {
      for (let i = this.claim(piece); i < items; i = this.claim(piece)) {
        compute(memory, kernel, i, Math.min(i + piece, items), args);
      }
    } catch (error) {
      Atomics.store(this.control, SLOTS.NEXT, items); // nobody need go on
      throw error;
    } finally {
      this.close(kernel.name);
    }
    this.throwFailure(kernel.name);
  }

  /** Whether a job that is worth sharing is so with threads that may be asleep. */
  private worthNow(work: number): boolean {
    if (work < WORTH_WAKING && Atomics.load(this.control, SLOTS.SLEEPING) > 0) {
      this.alone += work;
      if (this.alone < WORTH_WAKING_AT_LAST) return false;
    }
    this.alone = 0;
    return true;
  }

  async stop(): Promise<void> {
    Atomics.store(this.control, SLOTS.STOP, 1);
    this.wake();
    await this.workers?.terminate();
  }

  private deliver(message: Delivery): void {
    if (!this.workers) return;
    this.workers.post(message);
    Atomics.add(this.control, SLOTS.MAIL, 1);
    this.wake();
  }

  /** Between two jobs: lets the threads look around. */
  private wake(): void {
    this.idle = (this.idle + 1) & 0xffff;
    Atomics.store(this.control, SLOTS.OPEN, -this.idle);
    Atomics.notify(this.control, SLOTS.OPEN);
  }

  private assertWhole(): void {
    const length = Atomics.load(this.control, SLOTS.LOST);
    const failure = length > 0 ? this.message(length) : this.workers?.failure;
    if (failure !== undefined) throw new Error(`wasm engine: a thread has ended: ${failure}`);
  }

  /** What a thread left behind. */
  private message(length: number): string {
    return String.fromCharCode(...new Uint8Array(this.control.buffer, SLOTS.MESSAGE * 4, length));
  }

  private claim(piece: number): number {
    return Atomics.add(this.control, SLOTS.NEXT, piece);
  }

  private open(memory: JobMemory, kernel: Kernel, items: number, args: readonly number[]): void {
    this.assertWhole();
    const { control } = this;
    control[SLOTS.BANK] = memory.number;
    control[SLOTS.KERNEL] = kernel.position;
    control[SLOTS.ITEMS] = items;
    control[SLOTS.PIECE] = Math.max(1, Math.floor(items / (this.threads * PIECES)));
    control[SLOTS.ARGUMENTS] = args.length;
    control[SLOTS.PAGES] = memory.heap.reserved / 65_536;
    const values = new Float64Array(control.buffer, SLOTS.VALUES * 4, 2 + args.length);
    values[0] = memory.scratchPointer;
    values[1] = memory.scratchBytes;
    values.set(args, 2);
    control[SLOTS.FAILED] = 0;
    Atomics.store(control, SLOTS.NEXT, 0);
    this.job = (this.job % 0x7fff_ffff) + 1;
    Atomics.store(control, SLOTS.OPEN, this.job);
    // A thread counts itself in SLEEPING first and then looks at OPEN once more: one of the two sees the other
    if (Atomics.load(control, SLOTS.SLEEPING) > 0) Atomics.notify(control, SLOTS.OPEN);
  }

  /** Closes the job and waits for the threads that are still at their last piece. */
  private close(kernel: string): void {
    const { control } = this;
    Atomics.store(control, SLOTS.OPEN, -this.idle);
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
    throw new Error(`wasm engine: kernel "${kernel}" failed: ${this.message(length)}`);
  }
}

/** A kernel can only fail by reaching outside the memory: a fault of its wrapper, never of the caller's numbers. */
function compute(memory: JobMemory, kernel: Kernel, begin: number, end: number, args: readonly number[]): void {
  try {
    kernel.call(begin, end, memory.scratchPointer, ...args);
  } catch (error) {
    throw new Error(`wasm engine: kernel "${kernel.name}" failed: ${String(error)}`, { cause: error });
  }
}
