/**
 * The fast CPU engine: SIMD kernels (kernels/, AssemblyScript) on all cores, in one memory that is released by scope.
 *
 * A method works out shapes and addresses (one file a family, beside this one) and runs a kernel; it returns when the
 * result is there. float32 only.
 */
import type {
  AdamRule,
  BinaryName,
  Conv2dGeometry,
  Engine,
  MemoryReport,
  ReductionName,
  SgdRule,
  UnaryName,
  Window2d,
} from "../../engine.js";
import type { CosineSweep, CosineSweepRequest } from "../../cosineSweep.js";
import type { NearestRows } from "../../nearestRows.js";
import type { RowStoreOptions } from "../../rowStore.js";
import { checkRowStore } from "../../rowStoreMemory.js";
import { Scopes } from "../../scopes.js";
import { formatShape, sizeOf, type Shape } from "../../shape.js";
import { Tensor, type Storage } from "../../tensor.js";
import * as channels from "./channels.js";
import * as attention from "./attention.js";
import { Bank } from "./bank.js";
import { BankRowStore } from "./bankRowStore.js";
import { WasmStorage, pointerOf, type Context } from "./context.js";
import { WasmCosineSweep } from "./cosineSweep.js";
import * as elementwise from "./elementwise.js";
import { Heap, MOST_PAGES, PAGE_BYTES } from "./heap.js";
import * as movement from "./movement.js";
import { compileKernels, type MultiplyAdd } from "./multiplyAdd.js";
import { nearestRows } from "./nearestRows.js";
import * as normalization from "./normalization.js";
import * as optimizers from "./optimizers.js";
import * as pooling from "./pooling.js";
import * as products from "./products.js";
import { reduce } from "./reductions.js";
import { RowBanks } from "./rowBanks.js";
import { FORMATS } from "./rowTransfer.js";
import * as rows from "./rows.js";
import { Team } from "./team.js";
import { defaultThreads } from "./threads.node.js";

/** Row stores up to this share of a bank (256 MiB) are kept in the heap, where it has plenty of room; larger ones in banks of their own. */
const HEAP_TABLE_SHARE = 1 / 16;

export interface WasmOptions {
  /** Threads that compute, the calling one included. Default: as many as the machine has, at most 8; in a browser 1. */
  readonly threads?: number;
  /** "fused" rounds a · b + c once (relaxed SIMD) and is the faster one, "separate" gives the same bits on every machine. Default: fused where it is available. */
  readonly multiplyAdd?: MultiplyAdd;
  /** The most memory, in pages of 64 KiB; default 65,536 (4 GiB). */
  readonly mostPages?: number;
  /** The most bytes, whole pages, of each further memory that a large table of rows is spread over; default 4 GiB. */
  readonly bankBytes?: number;
}

export class WasmEngine implements Engine, Context {
  readonly kind = "wasm";
  readonly float = "float32";
  readonly scopes = new Scopes();
  readonly name: string;
  private storages = 0;
  private closed = false;

  private constructor(
    readonly team: Team,
    readonly heap: Heap,
    readonly multiplyAdd: MultiplyAdd,
    /** The engine's own memory, where tensors live. */
    readonly bank: Bank,
    /** The most bytes of a bank for rows; for tests. */
    private readonly bankBytes: number,
    /** Why there are fewer threads than the machine has cores, where that is so. */
    readonly reason: string | undefined,
  ) {
    this.name = `wasm, ${team.threads} ${team.threads === 1 ? "thread" : "threads"}, ${multiplyAdd === "fused" ? "relaxed simd" : "simd"}`;
  }

  /** Compiles the kernels and starts the threads. */
  static async open(options: WasmOptions = {}): Promise<WasmEngine> {
    const { threads, reason } = options.threads === undefined ? defaultThreads() : { threads: options.threads };
    if (!Number.isInteger(threads) || threads < 1 || threads > 64) {
      throw new Error(`wasm engine: threads must be a whole number from 1 to 64; given ${threads}.`);
    }
    const { mostPages = MOST_PAGES, bankBytes = MOST_PAGES * PAGE_BYTES } = options;
    checkPages("mostPages", mostPages, mostPages);
    checkPages("bankBytes", bankBytes, bankBytes / PAGE_BYTES);
    const { module, multiplyAdd } = await compileKernels(options.multiplyAdd);
    const team = await Team.start(module, threads);
    const heap = new Heap(mostPages);
    return new WasmEngine(team, heap, multiplyAdd, new Bank(team, heap), bankBytes, reason);
  }

  // ── memory ────────────────────────────────────────────────────────────────────────────────────────────────────────

  get threads(): number {
    return this.team.threads;
  }

  make(shape: Shape): Tensor {
    this.assertOpen("a tensor");
    const storage = new WasmStorage(this.allocate(sizeOf(shape) * 4));
    this.storages++;
    return new Tensor(this, shape, storage);
  }

  allocate(bytes: number): number {
    return this.heap.allocate(bytes);
  }

  release(pointer: number): void {
    this.heap.release(pointer);
  }

  run(kernel: string, items: number, args: readonly number[], work: number, scratch?: number): void {
    this.bank.run(kernel, items, args, work, scratch);
  }

  tensor(data: ArrayLike<number>, shape: Shape): Tensor {
    if (data.length !== sizeOf(shape)) {
      throw new Error(`tensor: the shape ${formatShape(shape)} has ${sizeOf(shape)} elements; given ${data.length}.`);
    }
    const tensor = this.make(shape);
    this.heap.floats.set(data, pointerOf(this, tensor, "tensor") / 4);
    return tensor;
  }

  full(shape: Shape, value: number): Tensor {
    return elementwise.full(this, shape, value);
  }

  scope<T>(body: () => T): T {
    return this.scopes.run(body);
  }

  keep(tensor: Tensor): Tensor {
    return this.scopes.keep(tensor);
  }

  async read(tensor: Tensor): Promise<Float32Array> {
    return this.readSync(tensor);
  }

  readSync(tensor: Tensor): Float32Array {
    this.assertOpen("read");
    const start = pointerOf(this, tensor, "read") / 4;
    const copy = new Float32Array(tensor.size);
    copy.set(this.heap.floats.subarray(start, start + tensor.size));
    return copy;
  }

  free(storage: Storage): void {
    this.storages--;
    this.heap.release((storage as WasmStorage).pointer);
  }

  async ready(): Promise<void> {
    // Nothing is queued: every method returns with its result.
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.team.stop();
  }

  memory(): MemoryReport {
    const { inUse, peak, reserved } = this.heap;
    return { inUse: inUse - this.bank.scratchTotal, peak, reserved, tensors: this.storages };
  }

  private assertOpen(what: string): void {
    if (this.closed) throw new Error(`wasm engine: ${what} was asked for after close().`);
  }

  rowStore(count: number, columns: number, options: RowStoreOptions = {}): BankRowStore {
    this.assertOpen("a table of rows");
    const { storage = "float32", besides = [storage] } = options;
    const elementBytes = [storage, ...besides].map((kept) => FORMATS[kept].bytes);
    checkRowStore({ rows: count, columns, elementBytes });
    const bytes = count * columns * 4; // of the largest table that may come to lie there: state may be float32
    const small = bytes <= HEAP_TABLE_SHARE * this.bankBytes && this.heap.room() >= 4 * bytes;
    const banks = small
      ? RowBanks.within(this.bank, count)
      : RowBanks.open(this.team, count, columns * 4, this.bankBytes);
    return new BankRowStore(this, banks, columns, options);
  }

  cosineSweep(request: CosineSweepRequest): CosineSweep {
    this.assertOpen("cosineSweep");
    return new WasmCosineSweep(this, request);
  }

  // ── elementwise ───────────────────────────────────────────────────────────────────────────────────────────────────

  unary(name: UnaryName, x: Tensor): Tensor {
    return elementwise.unary(this, name, x);
  }

  binary(name: BinaryName, a: Tensor, b: Tensor): Tensor {
    return elementwise.binary(this, name, a, b);
  }

  affine(x: Tensor, scale: number, shift: number): Tensor {
    return elementwise.affine(this, x, scale, shift);
  }

  clamp(x: Tensor, low: number, high: number): Tensor {
    return elementwise.clamp(this, x, low, high);
  }

  select(condition: Tensor, yes: Tensor, no: Tensor): Tensor {
    return elementwise.select(this, condition, yes, no);
  }

  prelu(x: Tensor, slope: Tensor): Tensor {
    return channels.prelu(this, x, slope);
  }

  preluGradient(x: Tensor, slope: Tensor, dy: Tensor): { dx: Tensor; dslope: Tensor } {
    return channels.preluGradient(this, x, slope, dy);
  }

  // ── shape ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  broadcastTo(x: Tensor, shape: Shape): Tensor {
    return movement.broadcastTo(this, x, shape);
  }

  permute(x: Tensor, permutation: readonly number[]): Tensor {
    return movement.permute(this, x, permutation);
  }

  slice(x: Tensor, axis: number, start: number, end: number): Tensor {
    return movement.slice(this, x, axis, start, end);
  }

  concatenate(parts: readonly Tensor[], axis: number): Tensor {
    return movement.concatenate(this, parts, axis);
  }

  // ── reductions, rows ──────────────────────────────────────────────────────────────────────────────────────────────

  reduce(name: ReductionName, x: Tensor, axes: readonly number[], keepDims: boolean): Tensor {
    return reduce(this, name, x, axes, keepDims);
  }

  softmaxRows(x: Tensor): Tensor {
    return rows.softmaxRows(this, x);
  }

  normalizeRows(x: Tensor, epsilon: number): { y: Tensor; norm: Tensor } {
    return rows.normalizeRows(this, x, epsilon);
  }

  normalizeRowsGradient(dy: Tensor, y: Tensor, norm: Tensor, epsilon: number): Tensor {
    return rows.normalizeRowsGradient(this, dy, y, norm, epsilon);
  }

  gatherRows(x: Tensor, index: Int32Array): Tensor {
    return movement.gatherRows(this, x, index);
  }

  scatterAddRows(values: Tensor, index: Int32Array, count: number): Tensor {
    return movement.scatterAddRows(this, values, index, count);
  }

  pick(x: Tensor, column: Int32Array): Tensor {
    return movement.pick(this, x, column);
  }

  place(values: Tensor, column: Int32Array, columns: number): Tensor {
    return movement.place(this, values, column, columns);
  }

  // ── products ──────────────────────────────────────────────────────────────────────────────────────────────────────

  matmul(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
    return products.matmul(this, a, b, transposeA, transposeB);
  }

  nearestRows(x: Tensor, centers: Tensor, bias: Tensor): NearestRows {
    return nearestRows(this, x, centers, bias);
  }

  conv2d(x: Tensor, w: Tensor, geometry: Conv2dGeometry): Tensor {
    return products.conv2d(this, x, w, geometry);
  }

  conv2dInputGradient(dy: Tensor, w: Tensor, geometry: Conv2dGeometry, inputShape: Shape): Tensor {
    return products.conv2dInputGradient(this, dy, w, geometry, inputShape);
  }

  conv2dWeightGradient(x: Tensor, dy: Tensor, geometry: Conv2dGeometry, weightShape: Shape): Tensor {
    return products.conv2dWeightGradient(this, x, dy, geometry, weightShape);
  }

  attention(qkv: Tensor, heads: number): ReturnType<Engine["attention"]> {
    return attention.attention(this, qkv, heads);
  }

  attentionGradient(dy: Tensor, qkv: Tensor, probabilities: Tensor, heads: number): Tensor {
    return attention.attentionGradient(this, dy, qkv, probabilities, heads);
  }

  // ── pooling, normalisation ────────────────────────────────────────────────────────────────────────────────────────

  maxPool2d(x: Tensor, window: Window2d): Tensor {
    return pooling.maxPool2d(this, x, window);
  }

  maxPool2dGradient(x: Tensor, dy: Tensor, window: Window2d): Tensor {
    return pooling.maxPool2dGradient(this, x, dy, window);
  }

  averagePool2d(x: Tensor, window: Window2d): Tensor {
    return pooling.averagePool2d(this, x, window);
  }

  averagePool2dGradient(dy: Tensor, window: Window2d, inputShape: Shape): Tensor {
    return pooling.averagePool2dGradient(this, dy, window, inputShape);
  }

  batchNorm(x: Tensor, weight: Tensor, bias: Tensor, epsilon: number): ReturnType<Engine["batchNorm"]> {
    return channels.batchNorm(this, x, weight, bias, epsilon);
  }

  batchNormGradient(
    dy: Tensor,
    x: Tensor,
    weight: Tensor,
    mean: Tensor,
    inverseDeviation: Tensor,
  ): ReturnType<Engine["batchNormGradient"]> {
    return channels.batchNormGradient(this, dy, x, weight, mean, inverseDeviation);
  }

  scaleChannels(x: Tensor, scale: Tensor, shift: Tensor): Tensor {
    return channels.scaleChannels(this, x, scale, shift);
  }

  layerNorm(x: Tensor, weight: Tensor, bias: Tensor, epsilon: number): ReturnType<Engine["layerNorm"]> {
    return normalization.layerNorm(this, x, weight, bias, epsilon);
  }

  layerNormGradient(
    dy: Tensor,
    x: Tensor,
    weight: Tensor,
    mean: Tensor,
    inverseDeviation: Tensor,
  ): ReturnType<Engine["layerNormGradient"]> {
    return normalization.layerNormGradient(this, dy, x, weight, mean, inverseDeviation);
  }

  // ── in place ──────────────────────────────────────────────────────────────────────────────────────────────────────

  assign(target: Tensor, source: Tensor): void {
    optimizers.assign(this, target, source);
  }

  blend(target: Tensor, keep: number, source: Tensor, add: number): void {
    optimizers.blend(this, target, keep, source, add);
  }

  sgdStep(value: Tensor, gradient: Tensor, velocity: Tensor | undefined, rule: SgdRule): void {
    optimizers.sgdStep(this, value, gradient, velocity, rule);
  }

  adamStep(value: Tensor, gradient: Tensor, first: Tensor, second: Tensor, rule: AdamRule): void {
    optimizers.adamStep(this, value, gradient, first, second, rule);
  }
}

/** @throws Error unless that option makes a wasm memory: 1 to 65,536 pages of 64 KiB. */
function checkPages(option: string, given: number, pages: number): void {
  if (Number.isInteger(pages) && pages >= 1 && pages <= MOST_PAGES) return;
  throw new Error(
    `wasm engine: ${option} makes whole pages of ${PAGE_BYTES} bytes, from 1 to ${MOST_PAGES}; given ${given}.`,
  );
}
