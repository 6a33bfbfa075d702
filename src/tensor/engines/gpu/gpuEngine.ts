/**
 * The GPU engine: every kernel of the contract as a GPU.js function, on whatever GPU.js can run it.
 *
 * Calls return at once and form a serial queue; reading waits for it. Numbers stay on the device: in-place kernels compute new cells
 * and give the old ones up, so that cells never change and tensors may share them. This file holds storage and the queue; shapes
 * and kernels are in the files beside it, one for each family.
 */
import type {
  AdamRule,
  BinaryName,
  Conv2dGeometry,
  Engine,
  FloatArray,
  MemoryReport,
  ReductionName,
  SgdRule,
  UnaryName,
  Window2d,
} from "../../engine.js";
import { composedAttention, composedAttentionGradient } from "../../composedAttention.js";
import type { CosineSweep, CosineSweepRequest } from "../../cosineSweep.js";
import type { NearestRows } from "../../nearestRows.js";
import type { RowStore, RowStoreOptions } from "../../rowStore.js";
import { Scopes } from "../../scopes.js";
import { formatShape, sizeOf, type Shape } from "../../shape.js";
import type { Storage, Tensor } from "../../tensor.js";
import * as channels from "./channels.js";
import type { Context } from "./context.js";
import * as convolution from "./convolution.js";
import { GpuCosineSweep } from "./cosineSweep.js";
import { Deferred, type Traffic } from "./deferred.js";
import type { Device, Grid } from "./device.js";
import * as elementwise from "./elementwise.js";
import type { Kernel } from "./kernel.js";
import * as movement from "./movement.js";
import { nearestRows } from "./nearestRows.js";
import * as normalization from "./normalization.js";
import * as pooling from "./pooling.js";
import * as products from "./products.js";
import { reduce } from "./reductions.js";
import { ResidentTables } from "./residentTables.js";
import { openRowStore } from "./rowStore.js";
import * as rows from "./rows.js";
import * as updates from "./updates.js";

/** Operations that may wait: several training steps of the deepest network here. */
const MOST_QUEUED = 50_000;

/** Bytes of tables of rows that stay on the device; what is beyond is streamed from the host. */
const RESIDENT_BYTES = 4 * 2 ** 30;

export interface GpuEngineOptions {
  /** Operations that may wait before the next call throws; default 50,000. */
  readonly mostQueued?: number;
  /** Bytes of tables of rows that stay on the device, others being streamed from the host a step at a time; default 4 GiB. */
  readonly residentBytes?: number;
}

export class GpuEngine implements Engine, Context {
  readonly kind = "gpu";
  readonly float = "float32";
  readonly scopes = new Scopes();
  readonly name: string;
  /** Operations in order; for the tables of rows. */
  readonly deferred: Deferred;
  /** Which tables of rows lie on the device. */
  readonly resident: ResidentTables;
  readonly product: Context["product"];

  constructor(
    readonly device: Device,
    { mostQueued = MOST_QUEUED, residentBytes = RESIDENT_BYTES }: GpuEngineOptions = {},
  ) {
    this.name = [
      `gpu.js ${device.mode}`,
      ...(device.adapter === undefined ? [] : [device.adapter]),
      ...(device.product === undefined ? [] : ["products in WGSL"]),
    ].join(", ");
    checkOption("mostQueued", mostQueued, 1);
    checkOption("residentBytes", residentBytes, 0);
    this.deferred = new Deferred(this, device, mostQueued);
    this.resident = new ResidentTables(residentBytes);
    const { product } = device;
    if (product) {
      this.product = (shape, a, b, size) =>
        this.deferred.tensor("matmul", shape, [a, b], ([left, right]) => {
          this.deferred.counts.launches++;
          return product(left, right, size);
        });
    }
  }

  /** Whether kernels may return four neighbouring cells at once. */
  get fours(): boolean {
    return this.device.fours;
  }

  /** What went between host and device until now. */
  get traffic(): Traffic {
    return { ...this.deferred.counts };
  }

  // ── making, keeping, reading ──────────────────────────────────────────────────────────────────────────────────────

  tensor(data: ArrayLike<number>, shape: Shape): Tensor {
    if (data.length !== sizeOf(shape)) {
      throw new Error(`tensor: the shape ${formatShape(shape)} has ${sizeOf(shape)} elements; given ${data.length}.`);
    }
    const values = new Float32Array(data); // as they are now: the caller's array may change before the queue comes here
    return this.deferred.tensor("tensor", shape, [], () => this.deferred.upload(values));
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

  async read(tensor: Tensor): Promise<FloatArray> {
    return this.deferred.read(tensor);
  }

  readSync(tensor: Tensor): FloatArray {
    throw new Error(
      `${this.name}: the tensor of shape ${formatShape(tensor.shape)} is computed later and cannot be read at once; ` +
        `await tensor.data() instead of tensor.dataSync().`,
    );
  }

  free(storage: Storage): void {
    this.deferred.free(storage);
  }

  async ready(): Promise<void> {
    await this.deferred.ready();
  }

  async close(): Promise<void> {
    await this.deferred.close();
  }

  /** `reserved`: of the device, by whoever shares it. */
  memory(): MemoryReport {
    const { bytes, peak, storages } = this.deferred.memory;
    return { inUse: bytes, peak, reserved: this.device.memory().bytes, tensors: storages };
  }

  rowStore(count: number, columns: number, options: RowStoreOptions = {}): RowStore {
    return openRowStore(this, count, columns, options);
  }

  cosineSweep(request: CosineSweepRequest): CosineSweep {
    return new GpuCosineSweep(this, request);
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
    return convolution.conv2d(this, x, w, geometry);
  }

  conv2dInputGradient(dy: Tensor, w: Tensor, geometry: Conv2dGeometry, inputShape: Shape): Tensor {
    return convolution.conv2dInputGradient(this, dy, w, geometry, inputShape);
  }

  conv2dWeightGradient(x: Tensor, dy: Tensor, geometry: Conv2dGeometry, weightShape: Shape): Tensor {
    return convolution.conv2dWeightGradient(this, x, dy, geometry, weightShape);
  }

  attention(qkv: Tensor, heads: number): ReturnType<Engine["attention"]> {
    return this.scope(() => composedAttention(qkv, heads));
  }

  attentionGradient(dy: Tensor, qkv: Tensor, probabilities: Tensor, heads: number): Tensor {
    return this.scope(() => composedAttentionGradient(dy, qkv, probabilities, heads));
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
    this.deferred.assign(target, source);
  }

  blend(target: Tensor, keep: number, source: Tensor, add: number): void {
    updates.blend(this, target, keep, source, add);
  }

  sgdStep(value: Tensor, gradient: Tensor, velocity: Tensor | undefined, rule: SgdRule): void {
    updates.sgdStep(this, value, gradient, velocity, rule);
  }

  adamStep(value: Tensor, gradient: Tensor, first: Tensor, second: Tensor, rule: AdamRule): void {
    updates.adamStep(this, value, gradient, first, second, rule);
  }

  // ── for the families of kernels ───────────────────────────────────────────────────────────────────────────────────

  launch(kernel: Kernel, shape: Shape, grid: Grid, inputs: readonly Tensor[], scalars: readonly number[] = []): Tensor {
    return this.deferred.tensor(kernel.name, shape, inputs, (arrays) => {
      this.deferred.counts.launches++;
      return this.device.run(kernel, grid, arrays, scalars);
    });
  }

  reserve(name: string, operations: number): void {
    this.deferred.reserve(name, operations);
  }
}

/** @throws Error unless the option is a number from `least`. */
function checkOption(option: string, given: number, least: number): void {
  if (given >= least) return;
  throw new Error(`gpu engine: ${option} is a number from ${least}; given ${given}.`);
}
