/** The definition of a cosine sweep: everything at once, in float64, as plain loops over the compared columns. */
import {
  NORM_FLOOR,
  NO_LOGIT,
  SweepOrder,
  checkSlopes,
  checkVelocity,
  type CosineSweep,
  type CosineSweepRequest,
  type SweepStatistics,
} from "../../cosineSweep.js";
import type { SgdRule } from "../../engine.js";
import type { RowStore } from "../../rowStore.js";
import type { Tensor } from "../../tensor.js";
import { sgdStep } from "./updates.js";

export class ReferenceCosineSweep implements CosineSweep {
  private readonly samples: number;
  private readonly classes: number;
  private readonly columns: number;
  private readonly chosen: Int32Array; // the compared columns, F of E
  private readonly x: Float64Array; // [N, F]
  private readonly w: Float64Array; // [S, F]
  private readonly norms: Float64Array; // [S], floored
  private readonly cosines: Float64Array; // [S, N]
  private readonly order = new SweepOrder();
  private slopes = new Float64Array(0); // dL/dcos θ: [S, N]

  constructor(private readonly request: CosineSweepRequest) {
    const { store, index, x } = request;
    [this.samples, this.columns] = x.shape;
    this.classes = index.length;
    this.x = Float64Array.from(x.dataSync());
    this.chosen = request.columns ?? Int32Array.from({ length: store.columns }, (_, column) => column);
    using gathered = store.gather(index);
    const rows = gathered.dataSync();
    this.w = new Float64Array(this.classes * this.columns);
    for (let j = 0; j < this.classes; j++) {
      this.chosen.forEach((column, k) => (this.w[j * this.columns + k] = rows[j * store.columns + column]));
    }
    this.norms = new Float64Array(this.classes);
    this.cosines = new Float64Array(this.classes * this.samples);
    for (let j = 0; j < this.classes; j++) {
      this.norms[j] = Math.max(Math.sqrt(dot(this.w, j, this.w, j, this.columns)), NORM_FLOOR);
      for (let n = 0; n < this.samples; n++) {
        const cosine = dot(this.x, n, this.w, j, this.columns) / this.norms[j];
        this.cosines[j * this.samples + n] = Math.min(1, Math.max(-1, cosine));
      }
    }
  }

  statistics(): SweepStatistics {
    this.order.enter("statistics");
    const { labels } = this.request;
    const largest = new Float64Array(this.samples).fill(NO_LOGIT);
    const total = new Float64Array(this.samples);
    const target = new Float64Array(this.samples);
    for (let n = 0; n < this.samples; n++) {
      if (labels[n] !== -1) target[n] = this.cosines[labels[n] * this.samples + n];
      for (let j = 0; j < this.classes; j++) if (j !== labels[n]) largest[n] = Math.max(largest[n], this.logit(j, n));
      for (let j = 0; j < this.classes; j++) if (j !== labels[n]) total[n] += Math.exp(this.logit(j, n) - largest[n]);
    }
    const [a, b, c] = [largest, total, target].map((values) => this.tensor(values, [this.samples]));
    return { largest: a, total: b, target: c };
  }

  backward(logSum: Tensor, targetGradient: Tensor, factor: Tensor): Tensor {
    checkSlopes(this.samples, logSum, targetGradient, factor);
    this.order.enter("backward");
    const { labels } = this.request;
    const [logSums, targetGradients, [scale]] = [logSum, targetGradient, factor].map((tensor) => tensor.dataSync());
    this.slopes = new Float64Array(this.classes * this.samples);
    const dx = new Float64Array(this.samples * this.columns);
    for (let j = 0; j < this.classes; j++) {
      for (let n = 0; n < this.samples; n++) {
        const wrong = this.isFiltered(j, n) ? 0 : scale * Math.exp(this.logit(j, n) - logSums[n]);
        const slope = j === labels[n] ? targetGradients[n] : wrong;
        this.slopes[j * this.samples + n] = slope;
        // dcos θ/dx̂ = ŵ
        for (let k = 0; k < this.columns; k++) {
          dx[n * this.columns + k] += (slope * this.w[j * this.columns + k]) / this.norms[j];
        }
      }
    }
    return this.tensor(dx, [this.samples, this.columns]);
  }

  gradient(): Tensor {
    this.order.enter("gradient");
    return this.tensor(this.rowGradients(), [this.classes, this.request.store.columns]);
  }

  update(velocity: RowStore | undefined, rule: SgdRule): void {
    if (velocity) checkVelocity(this.request.store, velocity);
    this.order.enter("update");
    const { store, index } = this.request;
    store.engine.scope(() => {
      const values = store.gather(index).dataSync();
      const speeds = velocity?.gather(index).dataSync();
      sgdStep(values, this.rowGradients(), speeds, rule);
      store.write(index, this.tensor(values, [this.classes, store.columns]));
      if (velocity && speeds) velocity.write(index, this.tensor(speeds, [this.classes, store.columns]));
    });
  }

  dispose(): void {
    this.order.end();
    this.slopes = new Float64Array(0);
  }

  /** dL/dw: [S, E], 0 in columns that were not compared */
  private rowGradients(): Float64Array {
    const all = this.request.store.columns;
    const dw = new Float64Array(this.classes * all);
    for (let j = 0; j < this.classes; j++) {
      const floored = this.norms[j] <= NORM_FLOOR; // there ŵ = w / floor, a constant factor
      for (let n = 0; n < this.samples; n++) {
        const at = j * this.samples + n;
        const along = floored ? 0 : this.cosines[at];
        // dcos θ/dw = (x̂ − ŵ cos θ)/‖w‖
        for (let k = 0; k < this.columns; k++) {
          const unit = this.w[j * this.columns + k] / this.norms[j];
          dw[j * all + this.chosen[k]] +=
            (this.slopes[at] * (this.x[n * this.columns + k] - unit * along)) / this.norms[j];
        }
      }
    }
    return dw;
  }

  private isFiltered(j: number, n: number): boolean {
    const { filter, labels } = this.request;
    return filter > 0 && j !== labels[n] && this.cosines[j * this.samples + n] > filter;
  }

  private logit(j: number, n: number): number {
    return this.isFiltered(j, n) ? 0 : this.request.scale * this.cosines[j * this.samples + n];
  }

  private tensor(values: ArrayLike<number>, shape: readonly number[]): Tensor {
    return this.request.store.engine.tensor(values, shape);
  }
}

/** ⟨row i of a, row j of b⟩ */
function dot(a: Float64Array, i: number, b: Float64Array, j: number, columns: number): number {
  let sum = 0;
  for (let k = 0; k < columns; k++) sum += a[i * columns + k] * b[j * columns + k];
  return sum;
}
