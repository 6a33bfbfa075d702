/**
 * The reference engine: every kernel as plain loops, the definition that other engines are compared with.
 *
 * float32 or float64 by construction: elements are stored in that type; all arithmetic and every accumulation is done in double
 * precision and rounded when it is stored. It is not fast and does not try to be.
 *
 * This file holds shapes of results; the loops are in the files beside it, one for each family of kernels, the tensors in hostTensors.ts.
 */
import type {
  AdamRule,
  BinaryName,
  Conv2dGeometry,
  Engine,
  FloatType,
  ReductionName,
  SgdRule,
  UnaryName,
  Window2d,
} from "../../engine.js";
import { checkSweep, type CosineSweep, type CosineSweepRequest } from "../../cosineSweep.js";
import { HostRowStore } from "../../hostRowStore.js";
import { checkNearestRows, type NearestRows } from "../../nearestRows.js";
import type { RowStore, RowStoreOptions } from "../../rowStore.js";
import { checkRowStore } from "../../rowStoreMemory.js";
import { broadcastShapes, type Shape } from "../../shape.js";
import type { Tensor } from "../../tensor.js";
import * as attention from "./attention.js";
import * as conv from "./conv2d.js";
import { ReferenceCosineSweep } from "./cosineSweep.js";
import * as elementwise from "./elementwise.js";
import { HostTensors } from "./hostTensors.js";
import * as matrix from "./matmul.js";
import { nearestRows } from "./nearestRows.js";
import * as normalization from "./normalization.js";
import * as pooling from "./pooling.js";
import * as reductions from "./reductions.js";
import * as rowwise from "./rows.js";
import * as shaping from "./shaping.js";
import * as updates from "./updates.js";
import type { Values } from "./values.js";

/** Plain loops, float32 or float64. `openEngine("reference", { float })` makes one. */
export class ReferenceEngine extends HostTensors implements Engine {
  readonly name: string;
  readonly kind = "reference";
  constructor(float: FloatType) {
    super(float);
    this.name = `reference, ${float}`;
  }

  // ── tables ────────────────────────────────────────────────────────────────────────────────────────────────────────

  protected self(): Engine {
    return this;
  }

  rowStore(rows: number, columns: number, options: RowStoreOptions = {}): RowStore {
    const { storage = "float32", besides = [storage] } = options;
    const bytes = this.float === "float64" ? 8 : 4; // also for float16, which is rounded here, not packed
    checkRowStore({ rows, columns, elementBytes: [storage, ...besides].map(() => bytes) });
    return new HostRowStore(this, rows, columns, options);
  }

  cosineSweep(request: CosineSweepRequest): CosineSweep {
    checkSweep(this, request);
    return new ReferenceCosineSweep(request);
  }

  // ── elementwise ───────────────────────────────────────────────────────────────────────────────────────────────────

  unary(name: UnaryName, x: Tensor): Tensor {
    return this.make(x.shape, (out) => elementwise.unary(name, this.data(x), out));
  }

  binary(name: BinaryName, a: Tensor, b: Tensor): Tensor {
    const shape = broadcastShapes(a.shape, b.shape, name);
    return this.make(shape, (out) => elementwise.binary(name, this.values(a), this.values(b), shape, out));
  }

  affine(x: Tensor, scale: number, shift: number): Tensor {
    return this.make(x.shape, (out) => elementwise.affine(this.data(x), scale, shift, out));
  }

  clamp(x: Tensor, low: number, high: number): Tensor {
    return this.make(x.shape, (out) => elementwise.clamp(this.data(x), low, high, out));
  }

  select(condition: Tensor, yes: Tensor, no: Tensor): Tensor {
    return this.make(yes.shape, (out) => elementwise.select(this.data(condition), this.data(yes), this.data(no), out));
  }

  prelu(x: Tensor, slope: Tensor): Tensor {
    return this.make(x.shape, (out) => elementwise.prelu(this.values(x), this.data(slope), out));
  }

  preluGradient(x: Tensor, slope: Tensor, dy: Tensor): { dx: Tensor; dslope: Tensor } {
    const dslope = new Float64Array(slope.size);
    const dx = this.make(x.shape, (out) =>
      elementwise.preluGradient(this.values(x), this.data(slope), this.data(dy), out, dslope),
    );
    return { dx, dslope: this.tensor(dslope, slope.shape) };
  }

  // ── shape ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  broadcastTo(x: Tensor, shape: Shape): Tensor {
    return this.make(shape, (out) => shaping.broadcastTo(this.values(x), shape, out));
  }

  permute(x: Tensor, permutation: readonly number[]): Tensor {
    const shape = permutation.map((axis) => x.shape[axis]);
    return this.make(shape, (out) => shaping.permute(this.values(x), permutation, out));
  }

  slice(x: Tensor, axis: number, start: number, end: number): Tensor {
    const shape = x.shape.map((extent, i) => (i === axis ? end - start : extent));
    return this.make(shape, (out) => shaping.slice(this.values(x), axis, start, end, out));
  }

  concatenate(parts: readonly Tensor[], axis: number): Tensor {
    const extent = parts.reduce((sum, part) => sum + part.shape[axis], 0);
    const shape = parts[0].shape.map((full, i) => (i === axis ? extent : full));
    return this.make(shape, (out) =>
      shaping.concatenate(
        parts.map((part) => this.values(part)),
        axis,
        out,
      ),
    );
  }

  // ── reductions, rows ──────────────────────────────────────────────────────────────────────────────────────────────

  reduce(name: ReductionName, x: Tensor, axes: readonly number[], keepDims: boolean): Tensor {
    const shape = x.shape.flatMap((extent, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [extent]));
    return this.make(shape, (out) => reductions.reduce(name, this.values(x), axes, out));
  }

  softmaxRows(x: Tensor): Tensor {
    return this.make(x.shape, (out) => rowwise.softmaxRows(this.data(x), x.shape[1], out));
  }

  normalizeRows(x: Tensor, epsilon: number): { y: Tensor; norm: Tensor } {
    const norm = this.full([x.shape[0]], 0);
    const y = this.make(x.shape, (out) => rowwise.normalizeRows(this.data(x), epsilon, out, this.data(norm)));
    return { y, norm };
  }

  normalizeRowsGradient(dy: Tensor, y: Tensor, norm: Tensor, epsilon: number): Tensor {
    return this.make(y.shape, (out) =>
      rowwise.normalizeRowsGradient(this.data(dy), this.data(y), this.data(norm), epsilon, out),
    );
  }

  gatherRows(x: Tensor, index: Int32Array): Tensor {
    return this.make([index.length, x.shape[1]], (out) => rowwise.gatherRows(this.data(x), x.shape[1], index, out));
  }

  scatterAddRows(values: Tensor, index: Int32Array, rows: number): Tensor {
    const columns = values.shape[1];
    return this.makeSum([rows, columns], (sums) => rowwise.scatterAddRows(this.data(values), columns, index, sums));
  }

  pick(x: Tensor, column: Int32Array): Tensor {
    return this.make([x.shape[0]], (out) => rowwise.pick(this.data(x), x.shape[1], column, out));
  }

  place(values: Tensor, column: Int32Array, columns: number): Tensor {
    return this.make([values.size, columns], (out) => rowwise.place(this.data(values), column, columns, out));
  }

  // ── products ──────────────────────────────────────────────────────────────────────────────────────────────────────

  matmul(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
    const rows = a.shape.at(transposeA ? -1 : -2) ?? 1;
    const columns = b.shape.at(transposeB ? -2 : -1) ?? 1;
    return this.make([...a.shape.slice(0, -2), rows, columns], (out) =>
      matrix.matmul(this.values(a), this.values(b), transposeA, transposeB, out),
    );
  }

  nearestRows(x: Tensor, centers: Tensor, bias: Tensor): NearestRows {
    checkNearestRows(x, centers, bias);
    const found = nearestRows(this.data(x), this.data(centers), this.data(bias));
    const [index, best, second] = [found.index, found.best, found.second].map((all) => this.tensor(all, [all.length]));
    return { index, best, second };
  }

  conv2d(x: Tensor, w: Tensor, geometry: Conv2dGeometry): Tensor {
    const shape = [x.shape[0], w.shape[0], ...pooling.outputExtents(x.shape, geometry)];
    return this.make(shape, (out) => conv.conv2d(this.values(x), this.values(w), geometry, shape, out));
  }

  conv2dInputGradient(dy: Tensor, w: Tensor, geometry: Conv2dGeometry, inputShape: Shape): Tensor {
    return this.make(inputShape, (out) =>
      conv.conv2dInputGradient(this.values(dy), this.values(w), geometry, inputShape, out),
    );
  }

  conv2dWeightGradient(x: Tensor, dy: Tensor, geometry: Conv2dGeometry, weightShape: Shape): Tensor {
    return this.make(weightShape, (out) =>
      conv.conv2dWeightGradient(this.values(x), this.values(dy), geometry, weightShape, out),
    );
  }

  attention(qkv: Tensor, heads: number) {
    const [batch, tokens, features] = qkv.shape;
    const x = this.values(qkv);
    const probabilities = this.make([batch * heads, tokens, tokens], (out) => attention.probabilities(x, heads, out));
    const p = this.data(probabilities);
    const y = this.make([batch, tokens, features / 3], (out) => attention.weightedValues(x, p, heads, out));
    return { y, probabilities };
  }

  attentionGradient(dy: Tensor, qkv: Tensor, probabilities: Tensor, heads: number): Tensor {
    const known = { dy: this.data(dy), qkv: this.values(qkv), probabilities: this.data(probabilities) };
    return this.makeSum(qkv.shape, (sums) => attention.attentionGradient(known, heads, sums));
  }

  // ── pooling, normalisation ────────────────────────────────────────────────────────────────────────────────────────

  maxPool2d(x: Tensor, window: Window2d): Tensor {
    const shape = [x.shape[0], x.shape[1], ...pooling.outputExtents(x.shape, window)];
    return this.make(shape, (out) => pooling.maxPool2d(this.values(x), shape, window, out));
  }

  maxPool2dGradient(x: Tensor, dy: Tensor, window: Window2d): Tensor {
    return this.makeSum(x.shape, (sums) => pooling.maxPool2dGradient(this.values(x), this.values(dy), window, sums));
  }

  averagePool2d(x: Tensor, window: Window2d): Tensor {
    const shape = [x.shape[0], x.shape[1], ...pooling.outputExtents(x.shape, window)];
    return this.make(shape, (out) => pooling.averagePool2d(this.values(x), shape, window, out));
  }

  averagePool2dGradient(dy: Tensor, window: Window2d, inputShape: Shape): Tensor {
    return this.makeSum(inputShape, (sums) => pooling.averagePool2dGradient(this.values(dy), inputShape, window, sums));
  }

  batchNorm(x: Tensor, weight: Tensor, bias: Tensor, epsilon: number) {
    const { y, mean, variance, inverseDeviation } = this.normalized(x, weight, bias, epsilon, "channels");
    return { y, mean, variance, inverseDeviation };
  }

  batchNormGradient(dy: Tensor, x: Tensor, weight: Tensor, mean: Tensor, inverseDeviation: Tensor) {
    return this.normalizedGradient(dy, x, weight, mean, inverseDeviation, normalization.channelGrouping(x.shape));
  }

  scaleChannels(x: Tensor, scale: Tensor, shift: Tensor): Tensor {
    const grouping = normalization.channelGrouping(x.shape);
    return this.make(x.shape, (out) =>
      normalization.scaleChannels(this.data(x), this.data(scale), this.data(shift), grouping, out),
    );
  }

  layerNorm(x: Tensor, weight: Tensor, bias: Tensor, epsilon: number) {
    const { y, mean, variance, inverseDeviation } = this.normalized(x, weight, bias, epsilon, "rows");
    variance.dispose();
    return { y, mean, inverseDeviation };
  }

  layerNormGradient(dy: Tensor, x: Tensor, weight: Tensor, mean: Tensor, inverseDeviation: Tensor) {
    return this.normalizedGradient(dy, x, weight, mean, inverseDeviation, normalization.rowGrouping(x.shape));
  }

  // ── in place ──────────────────────────────────────────────────────────────────────────────────────────────────────

  assign(target: Tensor, source: Tensor): void {
    this.data(target).set(this.data(source));
  }

  blend(target: Tensor, keep: number, source: Tensor, add: number): void {
    updates.blend(this.data(target), keep, this.data(source), add);
  }

  sgdStep(value: Tensor, gradient: Tensor, velocity: Tensor | undefined, rule: SgdRule): void {
    updates.sgdStep(this.data(value), this.data(gradient), velocity && this.data(velocity), rule);
  }

  adamStep(value: Tensor, gradient: Tensor, first: Tensor, second: Tensor, rule: AdamRule): void {
    updates.adamStep(this.data(value), this.data(gradient), this.data(first), this.data(second), rule);
  }

  // ── of this engine ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Not among what the base shares: the package's types would then name those of ndarray. */
  private values(tensor: Tensor): Values {
    return { data: this.data(tensor), shape: tensor.shape };
  }

  private normalized(x: Tensor, weight: Tensor, bias: Tensor, epsilon: number, per: "channels" | "rows") {
    const grouping = (per === "channels" ? normalization.channelGrouping : normalization.rowGrouping)(x.shape);
    const groups = x.size / grouping.count;
    const statistics = normalization.statistics(this.data(x), groups, grouping, epsilon);
    const y = this.make(x.shape, (out) =>
      normalization.normalize(this.data(x), this.data(weight), this.data(bias), statistics, grouping, out),
    );
    return {
      y,
      mean: this.tensor(statistics.mean, [groups]),
      variance: this.tensor(statistics.variance, [groups]),
      inverseDeviation: this.tensor(statistics.inverseDeviation, [groups]),
    };
  }

  private normalizedGradient(
    dy: Tensor,
    x: Tensor,
    weight: Tensor,
    mean: Tensor,
    inverseDeviation: Tensor,
    grouping: normalization.Grouping,
  ) {
    const dweight = new Float64Array(weight.size);
    const dbias = new Float64Array(weight.size);
    const known = {
      dy: this.data(dy),
      x: this.data(x),
      weight: this.data(weight),
      mean: this.data(mean),
      inverseDeviation: this.data(inverseDeviation),
    };
    const dx = this.make(x.shape, (out) =>
      normalization.normalizeGradient(known, grouping, { dx: out, dweight, dbias }),
    );
    return { dx, dweight: this.tensor(dweight, weight.shape), dbias: this.tensor(dbias, weight.shape) };
  }
}
