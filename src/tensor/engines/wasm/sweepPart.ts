/**
 * A cosine sweep over the rows of one memory: lays out what the kernels need (kernels/sweepPlan.ts) and runs them.
 */
import type { FloatArray, SgdRule } from "../../engine.js";
import type { RowPart } from "./rowBanks.js";

/** Classes to a block: BLOCK_ROWS in kernels/sweepPlan.ts. */
const BLOCK_ROWS = 64;
/** Items of the first pass at most; each keeps 12 bytes a sample. */
const FORWARD_ITEMS = 256;
/** Items of the second pass at most; each has its own share of dL/dx̂. */
const BACKWARD_ITEMS = 32;
/** The head of every pass's scratch: HEAD in kernels/sweepBlock.ts. */
const SCRATCH_HEAD = 320;
/** Elements of an item of a flat kernel: BLOCK in kernels/common.ts. */
const BLOCK = 4096;

/** Words of the plan, in the order of kernels/sweepPlan.ts. */
const PLAN = [
  ...["table", "half", "velocity", "index", "count", "columns", "samples", "width"],
  ...["x", "samplePanels", "columnPanels", "labels", "cosines", "inverse", "itemBlocks"],
  ...["statistics", "largest", "target", "total", "logSum", "targetGradient"],
  ...["shares", "xGradient", "projection", "rowGradient"],
  ...["scale", "filter", "factor", "floor", "rate", "momentum", "decay", "nesterov", "tableColumns", "chosen"],
] as const;
type Word = (typeof PLAN)[number];
/** Those that are floats. */
const FLOATS: ReadonlySet<Word> = new Set(["scale", "filter", "factor", "floor", "rate", "momentum", "decay"]);

export interface SweepSettings {
  readonly scale: number;
  readonly filter: number;
  readonly floor: number;
  /** Cosines outlive their pass. */
  readonly keep: boolean;
  /** The table and its velocity hold float16. */
  readonly half: boolean;
  /** E, and the columns that are compared where these are not all of them. */
  readonly tableColumns: number;
  readonly chosen: Int32Array | undefined;
}

/** Of the wrong classes of this part: see `SweepStatistics`. */
export interface PartStatistics {
  readonly largest: Float32Array;
  readonly total: Float64Array;
  readonly target: Float32Array;
}

export class SweepPart {
  readonly count: number;
  private readonly samples: number;
  private readonly width: number;
  private readonly blocks: number;
  private readonly plan: number;
  private readonly owned: number[] = [];

  /** index: rows of the part, ascending. x: [N, F], F all columns or the chosen ones. labels: places among the index, −1 for none. */
  constructor(
    readonly rows: RowPart,
    index: Int32Array,
    x: Float32Array,
    labels: Int32Array,
    private readonly columns: number,
    private readonly settings: SweepSettings,
  ) {
    this.count = index.length;
    this.samples = labels.length;
    this.width = 8 * Math.ceil(labels.length / 8);
    this.blocks = Math.ceil(this.count / BLOCK_ROWS);
    const { width, samples, count } = this;
    try {
      this.plan = this.allocate(4 * PLAN.length);
      const padded = new Int32Array(width).fill(-1);
      padded.set(labels);
      const { heap } = rows.bank;
      const indexAt = this.allocate(4 * count);
      heap.integers.set(index, indexAt / 4);
      const { chosen, tableColumns } = settings;
      const chosenAt = chosen ? this.allocate(4 * chosen.length) : 0;
      if (chosen) heap.integers.set(chosen, chosenAt / 4);
      const labelsAt = this.allocate(4 * width);
      heap.integers.set(padded, labelsAt / 4);
      const xAt = this.allocate(4 * x.length);
      heap.floats.set(x, xAt / 4);
      this.set({
        ...{ table: rows.pointer, half: Number(settings.half), count, columns, samples, width },
        ...{ index: indexAt, labels: labelsAt, x: xAt, tableColumns, chosen: chosenAt },
        samplePanels: this.allocate(4 * width * columns),
        columnPanels: this.allocate(4 * samples * this.paddedColumns),
        cosines: settings.keep ? this.allocateCosines() : 0,
        inverse: this.allocate(4 * count),
        largest: this.allocate(4 * width),
        target: this.allocate(4 * width),
        total: this.allocate(8 * width),
        logSum: this.allocate(4 * width),
        targetGradient: this.allocate(4 * width),
        projection: this.allocate(4 * count),
        ...{ scale: settings.scale, filter: settings.filter, floor: settings.floor },
      });
    } catch (error) {
      this.dispose();
      throw error;
    }
    const panels = (width + this.paddedColumns) / 8;
    this.run("sweepPanels", panels, [], 2 * x.length);
  }

  forward(): PartStatistics {
    const { width, samples, plan } = this;
    const itemBlocks = Math.ceil(this.blocks / FORWARD_ITEMS);
    const items = Math.ceil(this.blocks / itemBlocks);
    this.withBlock("statistics", 12 * width * items, () => {
      const { floats } = this.rows.bank.heap;
      floats.fill(0, this.word("target") / 4, this.word("target") / 4 + width);
      this.set({ itemBlocks });
      this.run("sweepForward", items, [], this.productWork, this.scratchOf(0));
      this.rows.bank.run("sweepStatistics", samples, [plan, items], samples * items * 20);
    });
    const { floats } = this.rows.bank.heap;
    const read = (name: Word): Float32Array => floats.slice(this.word(name) / 4, this.word(name) / 4 + samples);
    const total = new Float64Array(floats.buffer, this.word("total"), samples).slice();
    return { largest: read("largest"), target: read("target"), total };
  }

  /** Adds this part's dL/dx̂ to `target`: [N, F]. */
  backward(logSum: FloatArray, targetGradient: FloatArray, factor: number, target: Float32Array): void {
    const { width, columns, paddedColumns } = this;
    const { heap } = this.rows.bank;
    // samples that fill up the width have an infinite sum: no probability, no gradient
    heap.floats.fill(3.4e38, this.word("logSum") / 4, this.word("logSum") / 4 + width);
    heap.floats.set(logSum, this.word("logSum") / 4);
    heap.floats.set(targetGradient, this.word("targetGradient") / 4);
    const itemBlocks = Math.ceil(this.blocks / BACKWARD_ITEMS);
    const items = Math.ceil(this.blocks / itemBlocks);
    const bytes = 4 * width * paddedColumns;
    this.set({ itemBlocks, factor });
    this.withBlock("shares", bytes * items, () => {
      this.withBlock("xGradient", bytes, () => {
        const scratch = 4 * BLOCK_ROWS * width + 32 * BLOCK_ROWS;
        const work = this.productWork * (this.settings.keep ? 1 : 2);
        this.run("sweepBackward", items, [], work, this.scratchOf(scratch));
        this.run("sweepShares", Math.ceil((width * paddedColumns) / BLOCK), [items], items * width * columns);
        const from = this.word("xGradient") / 4;
        for (let n = 0; n < this.samples; n++) {
          const row = heap.floats.subarray(from + n * paddedColumns, from + n * paddedColumns + columns);
          for (let k = 0; k < columns; k++) target[n * columns + k] += row[k];
        }
      });
    });
  }

  /** Writes dL/dw to `target`: [S, E]. */
  gradient(target: Float32Array): void {
    this.withBlock("rowGradient", 4 * this.count * this.settings.tableColumns, () => {
      this.run("sweepGradient", this.blocks, [], this.productWork, this.updateScratch);
      const from = this.word("rowGradient") / 4;
      target.set(this.rows.bank.heap.floats.subarray(from, from + target.length));
    });
  }

  update(velocity: number, { rate, momentum, decay, nesterov }: SgdRule): void {
    this.set({ velocity, rate, momentum, decay, nesterov: Number(nesterov) });
    this.run("sweepUpdate", this.blocks, [], this.productWork, this.updateScratch);
  }

  dispose(): void {
    for (const pointer of this.owned.splice(0)) this.rows.bank.release(pointer);
  }

  private get paddedColumns(): number {
    return 8 * Math.ceil(this.columns / 8);
  }

  /** Floating-point operations of one of the three products. */
  private get productWork(): number {
    return 2 * this.count * this.samples * this.columns;
  }

  private get updateScratch(): number {
    return this.scratchOf(4 * (BLOCK_ROWS * this.paddedColumns + 3 * this.settings.tableColumns));
  }

  /** Copied rows, a block of cosines, and so many bytes more. */
  private scratchOf(more: number): number {
    const { half, chosen, tableColumns } = this.settings;
    const copies = half || chosen ? 4 * BLOCK_ROWS * this.columns : 0;
    const wholeRow = half && chosen ? 4 * tableColumns : 0;
    return SCRATCH_HEAD + copies + wholeRow + 4 * BLOCK_ROWS * this.width + more;
  }

  private run(kernel: string, items: number, args: readonly number[], work: number, scratch?: number): void {
    this.rows.bank.run(kernel, items, [this.plan, ...args], work, scratch);
  }

  private allocate(bytes: number): number {
    const pointer = this.rows.bank.allocate(bytes);
    this.owned.push(pointer);
    return pointer;
  }

  /** The largest of the blocks, and the only one that can be done without. */
  private allocateCosines(): number {
    const bytes = 4 * 4 * Math.ceil(this.count / 4) * this.width;
    try {
      return this.allocate(bytes);
    } catch (cause) {
      throw new Error(
        `cosineSweep: no room beside the table for the ${bytes} bytes of cosines of ${this.count} classes with ${this.samples} samples; ` +
          "take a smaller batch or ratio, or keep no cosines (PartialFC: keepCosines: false).",
        { cause },
      );
    }
  }

  /** Memory for the duration of `body`, its address in the plan. */
  private withBlock(name: Word, bytes: number, body: () => void): void {
    const { bank } = this.rows;
    const pointer = bank.allocate(bytes);
    try {
      this.set({ [name]: pointer });
      body();
    } finally {
      bank.release(pointer);
    }
  }

  private set(words: Partial<Record<Word, number>>): void {
    const { floats, integers } = this.rows.bank.heap;
    for (const [name, value] of Object.entries(words) as [Word, number][]) {
      const at = this.plan / 4 + PLAN.indexOf(name);
      if (FLOATS.has(name)) floats[at] = value;
      else integers[at] = value;
    }
  }

  private word(name: Word): number {
    return this.rows.bank.heap.integers[this.plan / 4 + PLAN.indexOf(name)] >>> 0;
  }
}
