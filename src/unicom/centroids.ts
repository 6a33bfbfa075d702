/**
 * Centroids as k-means holds them, and as an engine searches them.
 *
 * The score of row x and centroid c is ⟨x, c⟩ + b: b = −‖c‖²/2 makes the best score the nearest centroid, and spherical k-means, whose
 * centroids have length one, takes b = 0, the largest inner product. Both are counted from an origin where there is one (`origin.ts`).
 */
import type { Engine, Tensor } from "../tensor/index.js";
import { squaredLength } from "./distances.js";
import { lessOrigin } from "./origin.js";

/** [k, columns] in float32, which is what is compared. */
export interface Centroids {
  readonly values: Float32Array;
  readonly columns: number;
  readonly spherical: boolean;
  /** What scores are computed from, [columns]; missing: zero. */
  readonly origin?: Float32Array | undefined;
}

/** b of every centroid, float32 numbers. */
export function biasesOf(centroids: Centroids): Float32Array {
  const { columns, spherical } = centroids;
  const values = lessOrigin(centroids.values, centroids.origin);
  const biases = new Float32Array(values.length / columns);
  if (!spherical) for (let j = 0; j < biases.length; j++) biases[j] = -squaredLength(values, j * columns, columns) / 2;
  return biases;
}

/** Scales every row to length one; of a row of zeros nothing is changed. */
export function toUnitRows(values: Float32Array | Float64Array, columns: number): void {
  for (let start = 0; start < values.length; start += columns) {
    const length = Math.sqrt(squaredLength(values, start, columns));
    if (length > 0) for (let k = 0; k < columns; k++) values[start + k] /= length;
  }
}

export interface Nearest {
  readonly index: ArrayLike<number>;
  readonly best: ArrayLike<number>;
  readonly second: ArrayLike<number>;
}

/** Centroids on an engine, until `dispose`. */
export class SearchTable {
  private readonly centers: Tensor;
  private readonly biases: Tensor;
  private readonly origin: Tensor | undefined;
  readonly count: number;

  /** @param biases by default those of `biasesOf` */
  constructor(
    private readonly engine: Engine,
    private readonly centroids: Centroids,
    biases = biasesOf(centroids),
  ) {
    this.count = biases.length;
    const { values, columns, origin } = centroids;
    this.centers = engine.keep(engine.tensor(lessOrigin(values, origin), [this.count, columns]));
    this.biases = engine.keep(engine.tensor(biases, [this.count]));
    this.origin = origin && engine.keep(engine.tensor(origin, [columns]));
  }

  /** Best and second best score of `rows.length / columns` rows, and which centroid is best. */
  async search(rows: Float32Array): Promise<Nearest> {
    const { engine, centroids } = this;
    const { index, best, second } = engine.scope(() => {
      const x = engine.tensor(rows, [rows.length / centroids.columns, centroids.columns]);
      return engine.nearestRows(this.origin ? engine.binary("subtract", x, this.origin) : x, this.centers, this.biases);
    });
    try {
      const read = await Promise.all([index.data(), best.data(), second.data()]);
      return { index: read[0], best: read[1], second: read[2] };
    } finally {
      for (const tensor of [index, best, second]) tensor.dispose();
    }
  }

  dispose(): void {
    this.centers.dispose();
    this.biases.dispose();
    this.origin?.dispose();
  }
}
