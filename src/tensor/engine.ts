/**
 * The engine contract: one method a kernel, and nothing of gradients.
 *
 * Every method returns at once with new tensors (a queued engine computes them later); only the methods under "in place" write
 * to their arguments. Arguments are validated by the operations that call (`src/autograd/operations`); an engine may assume
 * shapes that fit. An engine that lacks a kernel throws an error that names kernel and engine; none falls back to another.
 */
import type { CosineSweep, CosineSweepRequest } from "./cosineSweep.js";
import type { NearestRows } from "./nearestRows.js";
import type { RowStore, RowStoreOptions } from "./rowStore.js";
import type { Scopes } from "./scopes.js";
import type { Shape } from "./shape.js";
import type { Storage, Tensor } from "./tensor.js";

export type FloatType = "float32" | "float64";
export type FloatArray = Float32Array | Float64Array;

export type UnaryName =
  | "negate"
  | "absolute"
  | "exp"
  | "log"
  | "sqrt"
  | "square"
  | "reciprocal"
  | "sign"
  | "sin"
  | "cos"
  | "arccos"
  | "tanh"
  | "sigmoid"
  | "erf";

/** Comparisons give 1 or 0. `power` is a^b for a >= 0. */
export type BinaryName =
  "add" | "subtract" | "multiply" | "divide" | "maximum" | "minimum" | "power" | "greater" | "greaterEqual" | "equal";

export type ReductionName = "sum" | "mean" | "maximum" | "minimum";

/** Of a convolution or pooling: the same in both directions unless given as [vertical, horizontal]. */
export interface Window2d {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
}

export interface Conv2dGeometry extends Window2d {
  readonly groups: number;
}

export interface SgdRule {
  readonly rate: number;
  readonly momentum: number;
  /** L2 penalty, added to the gradient before momentum. */
  readonly decay: number;
  readonly nesterov: boolean;
}

export interface AdamRule {
  readonly rate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly decay: number;
  /** true: AdamW, value *= 1 - rate * decay first; false: decay is added to the gradient. */
  readonly decoupled: boolean;
  /** Number of this update, from 1: bias correction is 1 - beta^step. */
  readonly step: number;
}

export interface MemoryReport {
  /** Bytes of live tensors. */
  readonly inUse: number;
  /** The largest `inUse` so far. */
  readonly peak: number;
  /** Bytes taken from the system (heap pages on wasm). */
  readonly reserved: number;
  /** Number of live storages. */
  readonly tensors: number;
}

export interface Engine {
  /** What really runs, such as "wasm, 2 threads, relaxed simd" or "reference, float64". */
  readonly name: string;
  readonly kind: "reference" | "wasm" | "gpu";
  readonly float: FloatType;
  readonly scopes: Scopes;

  // ── making, keeping, reading ──────────────────────────────────────────────────────────────────────────────────────
  /** A tensor with a copy of these elements. */
  tensor(data: ArrayLike<number>, shape: Shape): Tensor;
  full(shape: Shape, value: number): Tensor;
  scope<T>(body: () => T): T;
  /** Takes a tensor out of its scope; its new owner disposes it. */
  keep(tensor: Tensor): Tensor;
  read(tensor: Tensor): Promise<FloatArray>;
  /** CPU engines; on a queued engine an error that says to await. */
  readSync(tensor: Tensor): FloatArray;
  free(storage: Storage): void;
  /** Resolves when all queued work is done. */
  ready(): Promise<void>;
  /** Stops threads and gives memory back; tensors of this engine are unusable afterwards. */
  close(): Promise<void>;
  memory(): MemoryReport;
  /** A table of rows far larger than the engine's own memory may be: class centers and their momentum. */
  rowStore(rows: number, columns: number, options?: RowStoreOptions): RowStore;
  /** Rows of such a table against a batch, without gathering them. */
  cosineSweep(request: CosineSweepRequest): CosineSweep;

  // ── elementwise ───────────────────────────────────────────────────────────────────────────────────────────────────
  unary(name: UnaryName, x: Tensor): Tensor;
  /** With broadcasting. */
  binary(name: BinaryName, a: Tensor, b: Tensor): Tensor;
  /** scale · x + shift */
  affine(x: Tensor, scale: number, shift: number): Tensor;
  clamp(x: Tensor, low: number, high: number): Tensor;
  /** `yes` where condition is not 0, else `no`; three tensors of one shape. */
  select(condition: Tensor, yes: Tensor, no: Tensor): Tensor;
  /** x where x > 0, else slope[c] · x. x: [B, C, …]; slope: [C], or [1] for one shared slope. */
  prelu(x: Tensor, slope: Tensor): Tensor;
  preluGradient(x: Tensor, slope: Tensor, dy: Tensor): { dx: Tensor; dslope: Tensor };

  // ── shape ─────────────────────────────────────────────────────────────────────────────────────────────────────────
  broadcastTo(x: Tensor, shape: Shape): Tensor;
  /** Axis i of the result is axis permutation[i] of x. */
  permute(x: Tensor, permutation: readonly number[]): Tensor;
  /** Elements start <= i < end along the axis. */
  slice(x: Tensor, axis: number, start: number, end: number): Tensor;
  concatenate(parts: readonly Tensor[], axis: number): Tensor;

  // ── reductions, rows ──────────────────────────────────────────────────────────────────────────────────────────────
  /** Over the given axes (ascending, distinct); they stay as extent 1 where keepDims, else go. */
  reduce(name: ReductionName, x: Tensor, axes: readonly number[], keepDims: boolean): Tensor;
  /** softmax of every row of [N, M] */
  softmaxRows(x: Tensor): Tensor;
  /** y = x / max(‖x‖, epsilon) for every row of [N, M]; norm: [N] is ‖x‖ before the floor. */
  normalizeRows(x: Tensor, epsilon: number): { y: Tensor; norm: Tensor };
  /** (dy − y·⟨y, dy⟩) / norm; dy / epsilon in rows whose norm is under epsilon */
  normalizeRowsGradient(dy: Tensor, y: Tensor, norm: Tensor, epsilon: number): Tensor;
  /** x: [R, M], index: N row numbers → [N, M] */
  gatherRows(x: Tensor, index: Int32Array): Tensor;
  /** The adjoint of gatherRows: values: [N, M] are added into zeros [rows, M]; repeated rows add up, in order of position. */
  scatterAddRows(values: Tensor, index: Int32Array, rows: number): Tensor;
  /** One element a row: x: [N, M], column: N numbers → [N]; 0 where the column is −1. */
  pick(x: Tensor, column: Int32Array): Tensor;
  /** The adjoint of pick: values: [N] placed in zeros [N, columns]; rows whose column is −1 stay zero. */
  place(values: Tensor, column: Int32Array, columns: number): Tensor;

  // ── products ──────────────────────────────────────────────────────────────────────────────────────────────────────
  /** [M, K] · [K, N] → [M, N], or batches of it ([G, M, K] · [G, K, N]); a flag says that the operand is stored transposed. */
  matmul(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor;
  /**
   * The best of the scores ⟨x_i, c_j⟩ + b_j of every row x_i, whose it is, and the second best. x: [N, M], centers: [K, M], bias: [K] → [N] each.
   *
   * The lowest of equally good rows; a NaN never wins. A score has the same bits wherever its row and its center stand. Checks shapes,
   * and refuses more than 2^24 centers, whose numbers float32 does not hold.
   */
  nearestRows(x: Tensor, centers: Tensor, bias: Tensor): NearestRows;
  /** x: [B, C, H, W], w: [O, C/groups, KH, KW] → [B, O, H', W'] (cross-correlation, as in every network) */
  conv2d(x: Tensor, w: Tensor, geometry: Conv2dGeometry): Tensor;
  conv2dInputGradient(dy: Tensor, w: Tensor, geometry: Conv2dGeometry, inputShape: Shape): Tensor;
  conv2dWeightGradient(x: Tensor, dy: Tensor, geometry: Conv2dGeometry, weightShape: Shape): Tensor;

  /**
   * softmax(q · kᵀ / √d) · v of every image and head. qkv: [B, T, 3·D], query, key and value side by side, heads within each; y: [B, T, D];
   * probabilities, the softmax: [B·heads, T, T].
   */
  attention(qkv: Tensor, heads: number): { y: Tensor; probabilities: Tensor };
  /** dL/dqkv: [B, T, 3·D] from dy: [B, T, D]. */
  attentionGradient(dy: Tensor, qkv: Tensor, probabilities: Tensor, heads: number): Tensor;

  // ── pooling, normalisation ────────────────────────────────────────────────────────────────────────────────────────
  /** Padding counts as −∞; the first of equal values wins. */
  maxPool2d(x: Tensor, window: Window2d): Tensor;
  maxPool2dGradient(x: Tensor, dy: Tensor, window: Window2d): Tensor;
  /** Padding counts as 0 and is included in the mean. */
  averagePool2d(x: Tensor, window: Window2d): Tensor;
  averagePool2dGradient(dy: Tensor, window: Window2d, inputShape: Shape): Tensor;
  /**
   * Statistics over all axes but the second. x: [B, C, …]; weight, bias: [C].
   * mean, variance (biased, divided by the count) and inverseDeviation = 1/√(variance + epsilon): [C].
   */
  batchNorm(
    x: Tensor,
    weight: Tensor,
    bias: Tensor,
    epsilon: number,
  ): {
    y: Tensor;
    mean: Tensor;
    variance: Tensor;
    inverseDeviation: Tensor;
  };
  batchNormGradient(
    dy: Tensor,
    x: Tensor,
    weight: Tensor,
    mean: Tensor,
    inverseDeviation: Tensor,
  ): {
    dx: Tensor;
    dweight: Tensor;
    dbias: Tensor;
  };
  /** scale[c] · x + shift[c]: batch norm with given statistics. x: [B, C, …]; scale, shift: [C]. */
  scaleChannels(x: Tensor, scale: Tensor, shift: Tensor): Tensor;
  /** Over the last axis. x: […, M]; weight, bias: [M]; mean, inverseDeviation: [rows]. */
  layerNorm(
    x: Tensor,
    weight: Tensor,
    bias: Tensor,
    epsilon: number,
  ): {
    y: Tensor;
    mean: Tensor;
    inverseDeviation: Tensor;
  };
  layerNormGradient(
    dy: Tensor,
    x: Tensor,
    weight: Tensor,
    mean: Tensor,
    inverseDeviation: Tensor,
  ): {
    dx: Tensor;
    dweight: Tensor;
    dbias: Tensor;
  };

  // ── in place: the only kernels that write to an argument (the first, and optimizer state) ─────────────────────────
  /** target ← source, same size. */
  assign(target: Tensor, source: Tensor): void;
  /** target ← keep · target + add · source: gradient accumulation (1, 1), running statistics (1 − m, m). */
  blend(target: Tensor, keep: number, source: Tensor, add: number): void;
  /** velocity ← momentum · velocity + (gradient + decay · value); value ← value − rate · velocity (Nesterov: rate · (g + momentum · velocity)). */
  sgdStep(value: Tensor, gradient: Tensor, velocity: Tensor | undefined, rule: SgdRule): void;
  /** Kingma and Ba's update; `first` and `second` are the moments. */
  adamStep(value: Tensor, gradient: Tensor, first: Tensor, second: Tensor, rule: AdamRule): void;
}
