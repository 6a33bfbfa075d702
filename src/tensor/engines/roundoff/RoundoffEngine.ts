/**
 * An engine that knows how far float32 may be off: float64 elements, and beside each a bound on its error.
 *
 * Running an operation here, forward and backward, derives the tolerance with which a float32 engine is compared, element by element,
 * from how the operation is written; so it does for a whole network. Kernels are those of `reference` under one of the rules of `rules.ts`;
 * kernels that do several steps (softmax, norms) are written out in steps. A bound of 0 promises equal bits.
 *
 * Left out: optimizer steps and row stores. Slow: every kernel runs several times.
 */
import type {
  BinaryName,
  Conv2dGeometry,
  Engine,
  FloatArray,
  MemoryReport,
  ReductionName,
  UnaryName,
  Window2d,
} from "../../engine.js";
import { composedAttention, composedAttentionGradient } from "../../composedAttention.js";
import type { CosineSweep } from "../../cosineSweep.js";
import type { NearestRows } from "../../nearestRows.js";
import type { RowStore } from "../../rowStore.js";
import { Scopes } from "../../scopes.js";
import { sizeOf, type Shape } from "../../shape.js";
import { Tensor, type Storage } from "../../tensor.js";
import { ReferenceEngine } from "../reference/index.js";
import * as formulas from "./formulas.js";
import { nearestErrors } from "./nearestRows.js";
import { IEEE, exactly, units, type Arithmetic } from "./arithmetic.js";
import { angle, divisor, moved, monotone, summed, type Bounded } from "./rules.js";

/** Where a function is defined, if not everywhere. */
const DOMAINS: Partial<Record<UnaryName, readonly [number, number]>> = {
  sqrt: [0, Infinity],
  log: [0, Infinity],
  arccos: [-1, 1],
};

/** What may not be known of an operand at all, given its error. */
const GUARDS: Partial<Record<UnaryName, (operand: Bounded) => Bounded>> = {
  reciprocal: divisor,
  sin: angle,
  cos: angle,
};

class BoundedStorage implements Storage {
  references = 0;
  constructor(
    readonly values: FloatArray,
    readonly errors: FloatArray,
  ) {}
}

/** float64 with bounds on the error of float32: `errorOf` reads them. */
export class RoundoffEngine implements Engine {
  readonly name = "roundoff, float64 with bounds on the error of float32";
  readonly kind = "reference";
  readonly float = "float64";
  readonly scopes = new Scopes();
  private readonly exact = new ReferenceEngine("float64");
  private storages = 0;

  /** @param arithmetic of the engine that is spoken of */
  constructor(private readonly arithmetic: Arithmetic = IEEE) {}

  /** What a float32 engine may be off at each element of this tensor; ∞ where nothing can be promised, as beyond its largest number. */
  errorOf(tensor: Tensor): FloatArray {
    return this.storageOf(tensor).errors.slice();
  }

  // ── making, keeping, reading ──────────────────────────────────────────────────────────────────────────────────────

  /** Numbers that float32 does not hold come with the error of rounding them. */
  tensor(data: ArrayLike<number>, shape: Shape): Tensor {
    const values = Float64Array.from(data);
    const error = values.map((value) => Math.abs(value - Math.fround(value)));
    return this.make({ value: this.exact.tensor(values, shape), error: this.exact.tensor(error, shape) });
  }

  full(shape: Shape, value: number): Tensor {
    return this.tensor(new Float64Array(sizeOf(shape)).fill(value), shape);
  }

  scope<T>(body: () => T): T {
    return this.scopes.run(body);
  }

  keep(tensor: Tensor): Tensor {
    return this.scopes.keep(tensor);
  }

  async read(tensor: Tensor): Promise<FloatArray> {
    return this.readSync(tensor);
  }

  readSync(tensor: Tensor): FloatArray {
    return this.storageOf(tensor).values.slice();
  }

  free(_storage: Storage): void {
    this.storages--;
  }

  async ready(): Promise<void> {}

  async close(): Promise<void> {}

  /** Counts live storages; their bytes are left to the garbage collector. */
  memory(): MemoryReport {
    return { inUse: 0, peak: 0, reserved: 0, tensors: this.storages };
  }

  rowStore(): RowStore {
    return this.lacks("rowStore");
  }

  cosineSweep(): CosineSweep {
    return this.lacks("cosineSweep");
  }

  // ── elementwise ───────────────────────────────────────────────────────────────────────────────────────────────────

  unary(name: UnaryName, x: Tensor): Tensor {
    const kernel = (a: Tensor): Tensor => this.exact.unary(name, a);
    const operand = this.bounded(x);
    return this.make(
      monotone(
        kernel,
        [GUARDS[name]?.(operand) ?? operand],
        this.arithmetic.unary[name],
        this.arithmetic.smallest,
        DOMAINS[name],
      ),
    );
  }

  binary(name: BinaryName, a: Tensor, b: Tensor): Tensor {
    const operands = [this.bounded(a), name === "divide" ? divisor(this.bounded(b)) : this.bounded(b)];
    return this.make(
      monotone(
        (p, q) => this.exact.binary(name, p, q),
        operands,
        this.arithmetic.binary[name],
        this.arithmetic.smallest,
      ),
    );
  }

  affine(x: Tensor, scale: number, shift: number): Tensor {
    const isExact = Math.abs(scale) >= 1 && Number.isInteger(Math.log2(Math.abs(scale))); // by ±1, ±2, ±4, …
    const factor = this.bounded(this.full([], scale));
    const scaled = this.make(
      monotone(
        (a, s) => this.exact.binary("multiply", a, s),
        [this.bounded(x), factor],
        isExact ? exactly : units(1),
        this.arithmetic.smallest,
      ),
    );
    return shift === 0 ? scaled : this.binary("add", scaled, this.full([], shift));
  }

  clamp(x: Tensor, low: number, high: number): Tensor {
    const ends = [low, high].map((end) => (Number.isFinite(end) ? this.full([], end) : undefined));
    return this.scope(() => {
      const raised = ends[0] ? this.binary("maximum", x, ends[0]) : x.share();
      return ends[1] ? this.binary("minimum", raised, ends[1]) : raised;
    });
  }

  select(condition: Tensor, yes: Tensor, no: Tensor): Tensor {
    const { value } = this.bounded(condition);
    const operands = [this.bounded(yes), this.bounded(no)];
    return this.make(moved((p, q) => this.exact.select(value, p, q), operands));
  }

  prelu(x: Tensor, slope: Tensor): Tensor {
    return this.scope(() => formulas.prelu(x, slope));
  }

  preluGradient(x: Tensor, slope: Tensor, dy: Tensor): { dx: Tensor; dslope: Tensor } {
    return this.scope(() => formulas.preluGradient(x, slope, dy));
  }

  // ── shape ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  broadcastTo(x: Tensor, shape: Shape): Tensor {
    return this.moves((a) => this.exact.broadcastTo(a, shape), x);
  }

  permute(x: Tensor, permutation: readonly number[]): Tensor {
    return this.moves((a) => this.exact.permute(a, permutation), x);
  }

  slice(x: Tensor, axis: number, start: number, end: number): Tensor {
    return this.moves((a) => this.exact.slice(a, axis, start, end), x);
  }

  concatenate(parts: readonly Tensor[], axis: number): Tensor {
    return this.moves((...operands) => this.exact.concatenate(operands, axis), ...parts);
  }

  // ── reductions, rows ──────────────────────────────────────────────────────────────────────────────────────────────

  reduce(name: ReductionName, x: Tensor, axes: readonly number[], keepDims: boolean): Tensor {
    const kernel = (a: Tensor): Tensor => this.exact.reduce(name, a, axes, keepDims);
    const terms = axes.reduce((product, axis) => product * x.shape[axis], 1);
    if (name === "sum") return this.sums(kernel, [x]);
    if (name === "mean") return this.sums(kernel, [x], terms + this.arithmetic.division); // the sum, and its division by the count
    // the extreme moves by the largest error of a competitor at most
    const largest = (a: Tensor): Tensor => this.exact.reduce("maximum", a, axes, keepDims);
    const { value, error } = this.bounded(x);
    return this.make({ value: kernel(value), error: largest(error) });
  }

  softmaxRows(x: Tensor): Tensor {
    return this.scope(() => formulas.softmaxRows(x));
  }

  normalizeRows(x: Tensor, epsilon: number): { y: Tensor; norm: Tensor } {
    return this.scope(() => formulas.normalizeRows(x, epsilon));
  }

  normalizeRowsGradient(dy: Tensor, y: Tensor, norm: Tensor, epsilon: number): Tensor {
    return this.scope(() => formulas.normalizeRowsGradient(dy, y, norm, epsilon));
  }

  gatherRows(x: Tensor, index: Int32Array): Tensor {
    return this.moves((a) => this.exact.gatherRows(a, index), x);
  }

  scatterAddRows(values: Tensor, index: Int32Array, rows: number): Tensor {
    return this.sums((a) => this.exact.scatterAddRows(a, index, rows), [values]);
  }

  pick(x: Tensor, column: Int32Array): Tensor {
    return this.moves((a) => this.exact.pick(a, column), x);
  }

  place(values: Tensor, column: Int32Array, columns: number): Tensor {
    return this.moves((a) => this.exact.place(a, column, columns), values);
  }

  // ── products ──────────────────────────────────────────────────────────────────────────────────────────────────────

  matmul(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
    return this.sums((p, q) => this.exact.matmul(p, q, transposeA, transposeB), [a, b]);
  }

  nearestRows(x: Tensor, centers: Tensor, bias: Tensor): NearestRows {
    const [a, b, c] = [x, centers, bias].map((each) => this.bounded(each).value);
    const exact = this.exact.nearestRows(a, b, c);
    const scores = this.scope(() => this.binary("add", this.matmul(x, centers, false, true), bias));
    const values = { index: exact.index.dataSync(), best: exact.best.dataSync(), second: exact.second.dataSync() };
    const errors = nearestErrors(values, this.errorOf(scores));
    const bounded = (name: keyof NearestRows): Tensor =>
      this.make({ value: exact[name], error: this.exact.tensor(errors[name], exact[name].shape) });
    scores.dispose();
    return { index: bounded("index"), best: bounded("best"), second: bounded("second") };
  }

  conv2d(x: Tensor, w: Tensor, geometry: Conv2dGeometry): Tensor {
    return this.sums((p, q) => this.exact.conv2d(p, q, geometry), [x, w]);
  }

  conv2dInputGradient(dy: Tensor, w: Tensor, geometry: Conv2dGeometry, inputShape: Shape): Tensor {
    return this.sums((p, q) => this.exact.conv2dInputGradient(p, q, geometry, inputShape), [dy, w]);
  }

  conv2dWeightGradient(x: Tensor, dy: Tensor, geometry: Conv2dGeometry, weightShape: Shape): Tensor {
    return this.sums((p, q) => this.exact.conv2dWeightGradient(p, q, geometry, weightShape), [x, dy]);
  }

  attention(qkv: Tensor, heads: number) {
    return this.scope(() => composedAttention(qkv, heads));
  }

  attentionGradient(dy: Tensor, qkv: Tensor, probabilities: Tensor, heads: number): Tensor {
    return this.scope(() => composedAttentionGradient(dy, qkv, probabilities, heads));
  }

  // ── pooling, normalisation ────────────────────────────────────────────────────────────────────────────────────────

  maxPool2d(x: Tensor, window: Window2d): Tensor {
    return this.moves((a) => this.exact.maxPool2d(a, window), x);
  }

  maxPool2dGradient(x: Tensor, dy: Tensor, window: Window2d): Tensor {
    const { value } = this.bounded(x);
    return this.sums((a) => this.exact.maxPool2dGradient(value, a, window), [dy]);
  }

  averagePool2d(x: Tensor, window: Window2d): Tensor {
    return this.sums((a) => this.exact.averagePool2d(a, window), [x], areaOf(window) + this.arithmetic.division);
  }

  averagePool2dGradient(dy: Tensor, window: Window2d, inputShape: Shape): Tensor {
    return this.sums(
      (a) => this.exact.averagePool2dGradient(a, window, inputShape),
      [dy],
      areaOf(window) + this.arithmetic.division,
    );
  }

  batchNorm(x: Tensor, weight: Tensor, bias: Tensor, epsilon: number) {
    return this.scope(() => formulas.batchNorm(x, weight, bias, epsilon));
  }

  batchNormGradient(dy: Tensor, x: Tensor, weight: Tensor, mean: Tensor, inverseDeviation: Tensor) {
    return this.scope(() => formulas.batchNormGradient(dy, x, weight, mean, inverseDeviation));
  }

  scaleChannels(x: Tensor, scale: Tensor, shift: Tensor): Tensor {
    return this.sums((a, s, t) => this.exact.scaleChannels(a, s, t), [x, scale, shift]);
  }

  layerNorm(x: Tensor, weight: Tensor, bias: Tensor, epsilon: number) {
    return this.scope(() => formulas.layerNorm(x, weight, bias, epsilon));
  }

  layerNormGradient(dy: Tensor, x: Tensor, weight: Tensor, mean: Tensor, inverseDeviation: Tensor) {
    return this.scope(() => formulas.layerNormGradient(dy, x, weight, mean, inverseDeviation));
  }

  // ── in place ──────────────────────────────────────────────────────────────────────────────────────────────────────

  assign(target: Tensor, source: Tensor): void {
    const [to, from] = [this.storageOf(target), this.storageOf(source)];
    to.values.set(from.values);
    to.errors.set(from.errors);
  }

  blend(target: Tensor, keep: number, source: Tensor, add: number): void {
    this.scope(() => {
      const scaled = [this.affine(target, keep, 0), this.affine(source.reshape(target.shape), add, 0)];
      this.assign(target, this.binary("add", scaled[0], scaled[1]));
    });
  }

  sgdStep(): void {
    this.lacks("sgdStep");
  }

  adamStep(): void {
    this.lacks("adamStep");
  }

  // ── of this engine ────────────────────────────────────────────────────────────────────────────────────────────────

  private moves(kernel: (...operands: Tensor[]) => Tensor, ...operands: readonly Tensor[]): Tensor {
    return this.make(
      moved(
        kernel,
        operands.map((operand) => this.bounded(operand)),
      ),
    );
  }

  private sums(kernel: (...operands: Tensor[]) => Tensor, operands: readonly Tensor[], terms?: number): Tensor {
    return this.make(
      summed(
        kernel,
        operands.map((operand) => this.bounded(operand)),
        this.arithmetic,
        terms,
      ),
    );
  }

  private make({ value, error }: Bounded): Tensor {
    this.storages++;
    return new Tensor(this, value.shape, new BoundedStorage(value.dataSync(), error.dataSync()));
  }

  private bounded(tensor: Tensor): Bounded {
    const { values, errors } = this.storageOf(tensor);
    return { value: this.exact.tensor(values, tensor.shape), error: this.exact.tensor(errors, tensor.shape) };
  }

  private storageOf(tensor: Tensor): BoundedStorage {
    tensor.assertLive(this.name);
    return tensor.storage as BoundedStorage;
  }

  private lacks(kernel: string): never {
    throw new Error(`${kernel}: the engine "${this.name}" has no such kernel; it bounds the errors of operations.`);
  }
}

/** Elements of a pooling window. */
function areaOf({ kernel }: Window2d): number {
  return kernel[0] * kernel[1];
}
