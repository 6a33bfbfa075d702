/**
 * The cosine sweep on the GPU engine: the definition's steps over all classes at once, as products of matrices and three kernels between.
 *
 * Rows and cosines, later their slopes, are kept from one pass to the next, 4 · S · (F + N) bytes; with `keep: false` they are gathered and
 * computed anew in each, and between passes nothing is held that grows with S.
 *
 * Left out: blocks of classes. A pass holds [N, S] and [S, E] whole, as the loss written out as formulas does.
 */
import {
  NORM_FLOOR,
  NO_LOGIT,
  SweepOrder,
  checkSlopes,
  checkSweep,
  checkVelocity,
  type CosineSweep,
  type CosineSweepRequest,
  type SweepStatistics,
} from "../../cosineSweep.js";
import type { Engine, SgdRule } from "../../engine.js";
import type { RowStore } from "../../rowStore.js";
import type { Shape } from "../../shape.js";
import type { Tensor } from "../../tensor.js";
import { withIndex, type Context } from "./context.js";
import { FUNCTIONS, exponential } from "./functions.js";
import { WITH_INTEGER, integer } from "./integers.js";
import { kernel, type Kernel, type Thread } from "./kernel.js";

/** s · cos θ, 0 where the filter takes it out; `absent` at the right class, which is not among the wrong ones. Filter 2: none. */
const logitsKernel = kernel(
  "cosineSweep, logits",
  { arrays: 2, integers: 1, numbers: 3, helpers: WITH_INTEGER },
  function (
    this: Thread,
    cosines: number[],
    labels: number[],
    classes: number,
    scale: number,
    filter: number,
    absent: number,
  ) {
    if (integer(labels[this.thread.y]) === this.thread.x) return absent;
    const cosine = cosines[this.thread.y * classes + this.thread.x];
    if (cosine > filter) return 0;
    return scale * cosine;
  },
);

/** exp(logit − largest), 0 at the right class */
const exponentialsKernel = kernel(
  "cosineSweep, exponentials",
  { arrays: 3, integers: 1, helpers: [...WITH_INTEGER, ...FUNCTIONS] },
  function (this: Thread, logits: number[], labels: number[], largest: number[], classes: number) {
    if (integer(labels[this.thread.y]) === this.thread.x) return 0;
    return exponential(logits[this.thread.y * classes + this.thread.x] - largest[this.thread.y]);
  },
);

/** dL/dcos θ: factor · exp(s · cos θ − logSum), 0 where the filter takes it out; the target's own gradient at the right class. */
const slopesKernel = kernel(
  "cosineSweep, slopes",
  { arrays: 5, integers: 1, numbers: 2, helpers: [...WITH_INTEGER, ...FUNCTIONS] },
  function (
    this: Thread,
    cosines: number[],
    labels: number[],
    logSum: number[],
    targetGradient: number[],
    factor: number[],
    classes: number,
    scale: number,
    filter: number,
  ) {
    if (integer(labels[this.thread.y]) === this.thread.x) return targetGradient[this.thread.y];
    const cosine = cosines[this.thread.y * classes + this.thread.x];
    if (cosine > filter) return 0;
    return factor[0] * exponential(scale * cosine - logSum[this.thread.y]);
  },
);

/** Above every cosine. */
const NO_FILTER = 2;

/** Held for as long as the sweep: x̂, and what backward was told. */
type Told = "x" | "logSum" | "targetGradient" | "factor";
/** Held for a pass or longer. */
type Computed = "rows" | "units" | "norms" | "cosines" | "slopes";

export class GpuCosineSweep implements CosineSweep {
  private readonly order = new SweepOrder();
  private readonly filter: number;
  /** [N, S] */
  private readonly shape: Shape;
  private readonly held = new Map<Told | Computed, Tensor>();
  /** What does not outlive the pass that computed it. */
  private readonly passing: readonly Computed[];

  constructor(
    private readonly engine: Engine & Context,
    private readonly request: CosineSweepRequest,
  ) {
    checkSweep(engine, request);
    const { x, index, filter, keep = true } = request;
    this.shape = [x.shape[0], index.length];
    this.filter = filter > 0 ? filter : NO_FILTER;
    this.passing = keep ? ["units", "norms"] : ["units", "norms", "rows", "cosines", "slopes"];
    this.hold("x", x.share());
  }

  statistics(): SweepStatistics {
    return this.pass("statistics", () => {
      const { engine, shape, request } = this;
      const [samples, classes] = shape;
      const logits = this.launch(logitsKernel, [this.cosines()], [request.scale, this.filter, NO_LOGIT]);
      const largest = classes === 0 ? engine.full([samples], NO_LOGIT) : engine.reduce("maximum", logits, [1], false);
      const exponentials = this.launch(exponentialsKernel, [logits], [], [largest]);
      const total = engine.reduce("sum", exponentials, [1], false);
      return { largest, total, target: engine.pick(this.cosines(), request.labels) };
    });
  }

  backward(logSum: Tensor, targetGradient: Tensor, factor: Tensor): Tensor {
    checkSlopes(this.shape[0], logSum, targetGradient, factor);
    return this.pass("backward", () => {
      this.hold("logSum", logSum.share());
      this.hold("targetGradient", targetGradient.share());
      this.hold("factor", factor.share());
      const dx = this.engine.matmul(this.slopes(), this.units(), false, false); // dcos θ/dx̂ = ŵ: [N, S] · [S, E]
      this.release("cosines"); // the slopes say all that is needed from here on
      return dx;
    });
  }

  gradient(): Tensor {
    return this.pass("gradient", () => this.rowGradients());
  }

  update(velocity: RowStore | undefined, rule: SgdRule): void {
    const { store, index } = this.request;
    if (velocity) checkVelocity(store, velocity);
    this.pass("update", () => {
      const speeds = velocity?.gather(index);
      const rows = this.request.columns ? store.gather(index) : this.rows();
      this.engine.sgdStep(rows, this.rowGradients(), speeds, rule);
      store.write(index, rows);
      if (velocity && speeds) velocity.write(index, speeds);
    });
    this.dispose();
  }

  dispose(): void {
    this.order.end();
    for (const name of this.held.keys()) this.release(name);
  }

  /** Runs a pass whose turn it is. */
  private pass<Result>(name: Parameters<SweepOrder["enter"]>[0], body: () => Result): Result {
    this.order.enter(name);
    try {
      return this.engine.scope(body);
    } finally {
      for (const part of this.passing) this.release(part);
    }
  }

  // ── what passes share ─────────────────────────────────────────────────────────────────────────────────────────────

  /** w, the compared columns: [S, F] */
  private rows(): Tensor {
    return this.once("rows", () => {
      const { store, index, columns } = this.request;
      const rows = store.gather(index);
      return columns ? this.turned(rows, (transpose) => this.engine.gatherRows(transpose, columns)) : rows;
    });
  }

  /** ŵ: [S, F] */
  private units(): Tensor {
    return this.once("units", () => {
      const { y, norm } = this.engine.normalizeRows(this.rows(), NORM_FLOOR);
      this.hold("norms", norm);
      return y;
    });
  }

  /** cos θ: [N, F] · [F, S] → [N, S] */
  private cosines(): Tensor {
    return this.once("cosines", () =>
      this.engine.clamp(this.engine.matmul(this.kept("x"), this.units(), false, true), -1, 1),
    );
  }

  /** dL/dcos θ: [N, S] */
  private slopes(): Tensor {
    const told = [this.kept("logSum"), this.kept("targetGradient"), this.kept("factor")];
    return this.once("slopes", () =>
      this.launch(slopesKernel, [this.cosines()], [this.request.scale, this.filter], told),
    );
  }

  /** dL/dw: [S, E], 0 in columns that were not compared */
  private rowGradients(): Tensor {
    const dy = this.engine.matmul(this.slopes(), this.kept("x"), true, false); // dL/dŵ: [S, N] · [N, E]
    const dw = this.engine.normalizeRowsGradient(dy, this.units(), this.kept("norms"), NORM_FLOOR);
    const { store, columns } = this.request;
    if (!columns) return dw;
    return this.turned(dw, (transpose) => this.engine.scatterAddRows(transpose, columns, store.columns));
  }

  /** Columns are the rows of the transpose. */
  private turned(x: Tensor, ofRows: (transpose: Tensor) => Tensor): Tensor {
    return this.engine.permute(ofRows(this.engine.permute(x, [1, 0])), [1, 0]);
  }

  /** A kernel with a cell for every cosine: of matrices like theirs, of labels, and of a number a sample or for all. */
  private launch(
    kernelToRun: Kernel,
    matrices: readonly Tensor[],
    numbers: readonly number[],
    vectors: readonly Tensor[] = [],
  ): Tensor {
    const { engine, shape, request } = this;
    const [samples, classes] = shape;
    return withIndex(engine, request.labels, (labels) => {
      const inputs = [...matrices, labels, ...vectors];
      return engine.launch(kernelToRun, shape, [classes, samples], inputs, [classes, ...numbers]);
    });
  }

  // ── holding ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private once(name: Computed, compute: () => Tensor): Tensor {
    return this.held.get(name) ?? this.hold(name, compute());
  }

  private hold(name: Told | Computed, tensor: Tensor): Tensor {
    this.held.set(name, this.engine.keep(tensor));
    return tensor;
  }

  private kept(name: Told | Computed): Tensor {
    return this.held.get(name)!;
  }

  private release(name: Told | Computed): void {
    this.held.get(name)?.dispose();
    this.held.delete(name);
  }
}
