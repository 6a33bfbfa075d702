/**
 * A table of which a training step touches a few rows: the class centers of Partial FC (An et al. 2022).
 *
 * `gather` hands out sampled rows as a leaf that requires a gradient and remembers them until `clear`; the optimizer reads that
 * gradient and writes the rows back. `sweep` does the same without taking the rows out of the table (tensor/cosineSweep.ts). Under
 * `sparse` (the paper) the other rows and their optimizer state stay as they are; under `dense` (today's public layer) their gradient is
 * zero, so that momentum and weight decay move them too.
 */
import { isRecording } from "../autograd/gradientMode.js";
import { constant, parameter, type Variable } from "../autograd/variable.js";
import type { CosineSweep, CosineSweepRequest } from "../tensor/cosineSweep.js";
import type { Engine } from "../tensor/engine.js";
import type { RowStore } from "../tensor/rowStore.js";

export type RowUpdate = "sparse" | "dense";

/** Rows that took part in this step. */
export interface GatheredRows {
  readonly index: Int32Array;
  /** The rows themselves, [index.length, columns]; of a sweep, a leaf of one element that stands for them on the tape. */
  readonly variable: Variable;
  /** Where the rows were not gathered: holds their gradient, once `variable` has one. */
  readonly sweep?: CosineSweep;
}

/** A trained table of rows, of which a step gathers a few. */
export class RowParameter {
  private gathered: GatheredRows[] = [];

  /** The parameter owns the store from now on. */
  constructor(
    readonly name: string,
    readonly store: RowStore,
    readonly update: RowUpdate = "sparse",
  ) {}

  get engine(): Engine {
    return this.store.engine;
  }

  get rows(): number {
    return this.store.rows;
  }

  get columns(): number {
    return this.store.columns;
  }

  /** Those rows, in that order: [index.length, columns]. Recording: a leaf, kept until `clear`; under `noGrad`: a plain copy. */
  gather(index: Int32Array): Variable {
    const values = this.store.gather(index);
    if (!isRecording()) return constant(values);
    const variable = parameter(values);
    this.gathered.push({ index, variable });
    return variable;
  }

  /**
   * A step that reads rows where they are: `body` gets the sweep and a leaf that stands for the rows on the tape. Recording: both are
   * kept until `clear`; under `noGrad` they are released when `body` returns.
   */
  sweep<T>(request: Omit<CosineSweepRequest, "store">, body: (sweep: CosineSweep, stand: Variable) => T): T {
    const sweep = this.engine.cosineSweep({ ...request, store: this.store });
    const one = this.engine.full([1], 0);
    const variable = isRecording() ? parameter(one) : constant(one);
    let recorded = false;
    try {
      const result = body(sweep, variable);
      recorded = isRecording();
      return result;
    } finally {
      if (recorded) this.gathered.push({ index: request.index, variable, sweep });
      else release({ index: request.index, variable, sweep });
    }
  }

  /** What was gathered since the last `clear`: once a step, more often with gradient accumulation. */
  get pending(): readonly GatheredRows[] {
    return this.gathered;
  }

  /** Forgets the gathered rows and their gradients. */
  clear(): void {
    for (const rows of this.gathered) release(rows);
    this.gathered = [];
  }

  /** A table is something an optimizer updates by itself. */
  rowParameters(): readonly RowParameter[] {
    return [this];
  }

  dispose(): void {
    this.clear();
    this.store.dispose();
  }
}

function release({ variable, sweep }: GatheredRows): void {
  variable.zeroGrad();
  variable.tensor.dispose();
  sweep?.dispose();
}
