/**
 * What a kernel wrapper needs of the wasm engine: memory, and a way to run an exported kernel on all threads.
 *
 * Every exported kernel has the form `kernel(begin, end, scratch, …arguments)` and computes work items begin <= i < end. What an
 * item is depends on the shape alone, never on the number of threads, and no two items write the same bytes; so any split
 * gives the same bits.
 */
export interface Runtime {
  readonly threads: number;
  /** Bytes at a 64-byte aligned address of the shared memory, uninitialised. */
  allocate(bytes: number): number;
  release(pointer: number): void;
  /**
   * Runs items 0 … items − 1 of an exported kernel and returns when all are done.
   * work: rough number of floating-point operations in all; under a threshold the calling thread does everything.
   * scratch: bytes of private memory for each thread, whose address the kernel gets (0 for none).
   */
  run(kernel: string, items: number, args: readonly number[], work: number, scratch?: number): void;
}
