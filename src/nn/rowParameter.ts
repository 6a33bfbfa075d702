/**
 * A table of which a training step touches a few rows: the class centers of Partial FC (An et al. 2022).
 *
 * `gather` hands out sampled rows as a leaf that requires a gradient and remembers them until `clear`; the optimizer reads that
 * gradient and writes the rows back. Under `sparse` (the paper) the other rows and their optimizer state stay as they are; under
 * `dense` (today's public layer) their gradient is zero, so that momentum and weight decay move them too.
 */
import { isRecording } from "../autograd/gradientMode.js";
import { constant, parameter, type Variable } from "../autograd/variable.js";
import type { Engine } from "../tensor/engine.js";
import type { RowStore } from "../tensor/rowStore.js";

export type RowUpdate = "sparse" | "dense";

/** Rows handed out in this step: variable: [index.length, columns]. */
export interface GatheredRows {
  readonly index: Int32Array;
  readonly variable: Variable;
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

  /** What was gathered since the last `clear`: once a step, more often with gradient accumulation. */
  get pending(): readonly GatheredRows[] {
    return this.gathered;
  }

  /** Forgets the gathered rows and their gradients. */
  clear(): void {
    for (const { variable } of this.gathered) {
      variable.zeroGrad();
      variable.tensor.dispose();
    }
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
