/**
 * Some rows of a table against a batch, row by row and without gathering them: what the fused head of Partial FC asks of an engine.
 *
 * Rows w_j ("classes", S of them) meet unit rows x̂_n ("samples", N), in all columns or in some: then norms are taken over these alone. Three passes: the softmax statistics of s · cos θ over the wrong
 * classes; the gradient of x̂; the gradient of w with the optimizer's update. Margins stay outside: a margin changes one logit a
 * sample, that of its own class, so the caller is told that cosine and says what its gradient is.
 */
import type { Engine, SgdRule } from "./engine.js";
import type { RowStore } from "./rowStore.js";
import { formatShape } from "./shape.js";
import type { Tensor } from "./tensor.js";

export interface CosineSweepRequest {
  /** w: [C, E] */
  readonly store: RowStore;
  /** The classes of the sweep, ascending, each once: S row numbers. */
  readonly index: Int32Array;
  /** x̂, rows of length 1: [N, E], or [N, F] where columns are chosen. It is copied, and may go. */
  readonly x: Tensor;
  /** The columns of the table that are compared, each once, in the order of x̂: F. Default: all E. */
  readonly columns?: Int32Array;
  /** Place of each sample's own class in `index`, −1 for none: N. */
  readonly labels: Int32Array;
  /** s */
  readonly scale: number;
  /** τ: cosines of wrong classes above it count as 0 and have no gradient; 0: off. */
  readonly filter: number;
  /** false: no cosine outlives its block of classes, so that memory does not depend on S; each pass computes them anew. Default true: 4·N·S bytes. */
  readonly keep?: boolean;
}

/** Over the wrong classes of each sample: [N] each. */
export interface SweepStatistics {
  /** max_j s · cos θ_nj; NO_LOGIT where there is none */
  readonly largest: Tensor;
  /** Σ_j exp(s · cos θ_nj − largest_n) */
  readonly total: Tensor;
  /** cos θ of the sample's own class; 0 where it has none */
  readonly target: Tensor;
}

/** Holds what its passes share until `dispose`. Each pass asks `SweepOrder` whether it may be. */
export interface CosineSweep {
  /** Before `backward`. */
  statistics(): SweepStatistics;
  /**
   * dL/dx̂, of the shape of x̂, for dL/dcos θ_nj = factor · exp(s · cos θ_nj − logSum_n) at wrong classes and targetGradient_n at the right one.
   *
   * logSum, targetGradient: [N]; factor: []. Once, and before `gradient` and `update`.
   */
  backward(logSum: Tensor, targetGradient: Tensor, factor: Tensor): Tensor;
  /** dL/dw of the classes, multiplied out: [S, E], 0 in columns that were not compared. The rows have to be those that were swept. */
  gradient(): Tensor;
  /** Gradient, velocity and row in one go, all columns of it; `velocity` lies beside the store (`RowStore.beside`). The last pass: the rows are others now. */
  update(velocity: RowStore | undefined, rule: SgdRule): void;
  /** Whoever writes the rows by other ways ends the sweep with this. */
  dispose(): void;
}

/** Less than any logit, and not −∞, from which nothing can be subtracted. */
export const NO_LOGIT = -3e38;

/** Norms below this count as this: the floor of `normalizeRows`. */
export const NORM_FLOOR = 1e-12;

/** Where a sweep stands, and which pass may follow: the same on every engine. */
export class SweepOrder {
  private stage: "begun" | "differentiated" | "over" = "begun";

  /** @throws Error if this pass cannot follow. */
  enter(pass: "statistics" | "backward" | "gradient" | "update"): void {
    const needs = pass === "gradient" || pass === "update" ? "differentiated" : "begun";
    if (this.stage === "over") {
      throw new Error(
        `cosineSweep: ${pass} came after the rows were updated or given up; a step of an optimizer needs a loss of its own, ` +
          `so call zeroGrad after each.`,
      );
    }
    if (this.stage !== needs) {
      throw new Error(
        `cosineSweep: statistics, then backward once, then gradient or update; ${pass} came ` +
          `${this.stage === "begun" ? "before" : "after"} backward.`,
      );
    }
    if (pass === "backward") this.stage = "differentiated";
    if (pass === "update") this.end();
  }

  end(): void {
    this.stage = "over";
  }
}

/** @throws Error if a request cannot be a sweep on this engine: one sentence for every engine. */
export function checkSweep(engine: Engine, { store, index, x, labels, columns: chosen }: CosineSweepRequest): void {
  if (store.engine !== engine) {
    throw new Error(
      `cosineSweep: the table is on another engine, "${store.engine.name}", not on this "${engine.name}".`,
    );
  }
  const [samples, columns] = x.shape;
  const compared = chosen?.length ?? store.columns;
  if (x.rank !== 2 || columns !== compared || samples !== labels.length || samples === 0) {
    throw new Error(
      `cosineSweep: a matrix with one row a label, at least one, and the table's ${compared} ${chosen ? "chosen columns" : "columns"} is needed; given ` +
        `[${x.shape.join(", ")}] and ${labels.length} labels.`,
    );
  }
  const taken = new Uint8Array(store.columns);
  const wrong = chosen?.find((column) => !(column >= 0 && column < store.columns) || taken[column]++ > 0);
  if (wrong !== undefined) {
    throw new Error(
      `cosineSweep: columns are chosen once each, among the table's ${store.columns}; given ${wrong}` +
        `${taken[wrong] > 0 ? " again" : ""}.`,
    );
  }
  for (let j = 0; j < index.length; j++) {
    if (index[j] < 0 || index[j] >= store.rows || (j > 0 && index[j] <= index[j - 1])) {
      throw new Error(
        `cosineSweep: rows ascend, each once, within the table of ${store.rows}; number ${j} is ${index[j]}` +
          `${j > 0 ? ` after ${index[j - 1]}` : ""}.`,
      );
    }
  }
  const stranger = labels.find((label) => label < -1 || label >= index.length);
  if (stranger !== undefined) {
    throw new Error(`cosineSweep: labels are places among the ${index.length} rows, or -1; given ${stranger}.`);
  }
}

/** @throws Error unless the second pass is given a number a sample, and one factor. */
export function checkSlopes(samples: number, logSum: Tensor, targetGradient: Tensor, factor: Tensor): void {
  if (logSum.size === samples && targetGradient.size === samples && factor.size === 1) return;
  throw new Error(
    `cosineSweep: backward takes a sum and a gradient for each of ${samples} samples, and one factor; given ` +
      `${[logSum, targetGradient, factor].map(({ shape }) => formatShape(shape)).join(", ")}.`,
  );
}

/** @throws Error unless velocities are a table like that of the rows. */
export function checkVelocity(store: RowStore, velocity: RowStore): void {
  const differs = (["engine", "rows", "columns", "storage"] as const).some((key) => velocity[key] !== store[key]);
  if (!differs) return;
  const [wanted, given] = [store, velocity].map(({ rows, columns, storage }) => `[${rows}, ${columns}] in ${storage}`);
  throw new Error(`cosineSweep: table and velocity are kept alike, on one engine; given ${wanted} and ${given}.`);
}
