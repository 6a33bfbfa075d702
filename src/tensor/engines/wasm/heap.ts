/**
 * The engine's memory: one shared `WebAssembly.Memory`, grown on demand, and the allocator on top of it.
 *
 * Blocks come in size classes, eight to a doubling (at most an eighth is wasted), and a released block waits in the list of its class: a
 * training loop asks for the same sizes over and over and touches no new memory after its first step. New blocks are cut from the
 * end. Only when the end has reached the limit are released neighbours joined and cut anew. All bookkeeping is on the main thread.
 */

export const PAGE_BYTES = 65_536;
const ALIGNMENT = 64;
/** What 32-bit addresses reach. */
export const MOST_PAGES = 65_536;

/** Smallest size class that holds so many bytes: a multiple of 64 and of an eighth of the power of two below it. */
export function sizeClass(bytes: number): number {
  const step = Math.max(ALIGNMENT, 2 ** (Math.floor(Math.log2(Math.max(bytes, 1))) - 3));
  return Math.max(1, Math.ceil(bytes / step)) * step;
}

/** The largest size class that takes no more than so many bytes, 64 or more. */
export function largestClass(bytes: number): number {
  const step = Math.max(ALIGNMENT, 2 ** (Math.floor(Math.log2(bytes)) - 3));
  return Math.floor(bytes / step) * step;
}

export class Heap {
  readonly memory: WebAssembly.Memory;
  /** The whole memory as floats and as integers. Made anew when it grows: do not keep them across an allocation. */
  floats: Float32Array;
  integers: Int32Array;
  private end = 0;
  /** Behind this address nothing was ever written: a wasm memory starts as zeros. */
  private untouched = 0;
  private readonly taken = new Map<number, number>(); // pointer → bytes of the block
  private readonly idle = new Map<number, number[]>(); // bytes → pointers of released blocks
  private used = 0;
  private most = 0;

  /**
   * Throws where the platform has no shared memory.
   * mostPages: the limit. growth: "generous" grows by an eighth at a time, so that growing is rare; "exact" by what is asked for.
   */
  constructor(
    private readonly mostPages = MOST_PAGES,
    private readonly growth: "generous" | "exact" = "generous",
  ) {
    try {
      this.memory = new WebAssembly.Memory({ initial: Math.min(16, mostPages), maximum: mostPages, shared: true });
    } catch (error) {
      throw new Error(
        "wasm engine: this platform gives no shared memory; a page needs the headers Cross-Origin-Opener-Policy: same-origin " +
          "and Cross-Origin-Embedder-Policy: require-corp.",
        { cause: error },
      );
    }
    this.floats = new Float32Array(this.memory.buffer);
    this.integers = new Int32Array(this.memory.buffer);
  }

  /** Blocks begin behind the module's own constants. */
  startAt(pointer: number): void {
    this.end = Math.ceil(Math.max(pointer, 1024) / ALIGNMENT) * ALIGNMENT;
  }

  get inUse(): number {
    return this.used;
  }

  get peak(): number {
    return this.most;
  }

  get reserved(): number {
    return this.memory.buffer.byteLength;
  }

  /** Bytes that are not in use and may still be asked for. */
  room(): number {
    return this.mostPages * PAGE_BYTES - this.used;
  }

  /** The address of a block, a multiple of 64; its content is whatever was there. */
  allocate(bytes: number): number {
    const size = sizeClass(bytes);
    const pointer = this.idle.get(size)?.pop() ?? this.extend(size) ?? this.recut(size);
    if (pointer === undefined) {
      throw new Error(
        `wasm engine: out of memory: ${bytes} bytes asked for, ${this.used} in use, and ${limitText(this.mostPages)}; ` +
          "use smaller batches, or release tensors with scope().",
      );
    }
    this.take(pointer, size);
    return pointer;
  }

  /** A block of zeros. Memory that was never used is zero and stays untouched, so that the system need not provide it yet. */
  allocateZeros(bytes: number): number {
    const { untouched } = this;
    const pointer = this.allocate(bytes);
    const used = Math.min(pointer + bytes, untouched);
    if (used > pointer) this.floats.fill(0, pointer / 4, Math.ceil(used / 4));
    return pointer;
  }

  release(pointer: number): void {
    const size = this.taken.get(pointer);
    if (size === undefined) throw new Error(`wasm engine: no block begins at ${pointer}; was it released twice?`);
    this.taken.delete(pointer);
    this.used -= size;
    this.wait(pointer, size);
  }

  private take(pointer: number, size: number): void {
    this.taken.set(pointer, size);
    this.untouched = Math.max(this.untouched, pointer + size);
    this.used += size;
    this.most = Math.max(this.most, this.used);
  }

  private wait(pointer: number, size: number): void {
    const list = this.idle.get(size);
    if (list) list.push(pointer);
    else this.idle.set(size, [pointer]);
  }

  /** A block at the end, after growing the memory if need be; undefined at the limit. */
  private extend(size: number): number | undefined {
    const pointer = this.end;
    // the last address of 32 bits is nobody's: a loop that ends where its block does must not meet 0 there
    if (pointer + size >= MOST_PAGES * PAGE_BYTES) return undefined;
    const missing = Math.ceil((pointer + size - this.reserved) / PAGE_BYTES);
    if (missing > 0 && !this.grow(missing)) return undefined;
    this.end += size;
    return pointer;
  }

  /** At least so many pages more, and an eighth of the present size where that is wanted and possible. */
  private grow(pages: number): boolean {
    const room = this.mostPages - this.reserved / PAGE_BYTES;
    if (pages > room) return false;
    const wanted = this.growth === "exact" ? pages : Math.max(pages, Math.ceil(this.reserved / PAGE_BYTES / 8));
    if (!this.tryGrow(Math.min(room, wanted)) && !this.tryGrow(pages)) return false;
    this.floats = new Float32Array(this.memory.buffer);
    this.integers = new Int32Array(this.memory.buffer);
    return true;
  }

  private tryGrow(pages: number): boolean {
    try {
      this.memory.grow(pages);
      return true;
    } catch {
      return false; // the system has no more to give
    }
  }

  /** Joins released neighbours, then cuts the block from the smallest that holds it. */
  private recut(size: number): number | undefined {
    const blocks = [...this.idle].flatMap(([bytes, pointers]) => pointers.map((pointer) => ({ pointer, bytes })));
    blocks.sort((a, b) => a.pointer - b.pointer);
    const joined: { pointer: number; bytes: number }[] = [];
    for (const block of blocks) {
      const last = joined.at(-1);
      if (last && last.pointer + last.bytes === block.pointer) last.bytes += block.bytes;
      else joined.push({ ...block });
    }
    const last = joined.at(-1);
    if (last && last.pointer + last.bytes === this.end) {
      this.end = last.pointer;
      joined.pop();
    }
    this.idle.clear();
    const fitting = joined.filter(({ bytes }) => bytes >= size).sort((a, b) => a.bytes - b.bytes)[0];
    for (const { pointer, bytes } of joined) {
      if (pointer !== fitting?.pointer) this.wait(pointer, bytes);
      else if (bytes > size) this.wait(pointer + size, bytes - size);
    }
    return fitting ? fitting.pointer : this.extend(size);
  }
}

function limitText(pages: number): string {
  const bytes = pages * PAGE_BYTES;
  return pages === MOST_PAGES ? "the limit of a wasm memory is 4 GiB" : `the limit of this memory is ${bytes} bytes`;
}
