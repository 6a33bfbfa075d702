/** Rows to cluster: few or many groups, duplicates, single columns, and what k-means is asked. */
import fc from "fast-check";
import { hashNormal, stream } from "../../src/tensor/random.js";
import type { KMeansOptions } from "../../src/unicom/index.js";

export interface Clustering {
  readonly rows: number;
  readonly columns: number;
  /** [rows, columns], the first k of them different. */
  readonly values: Float32Array;
  readonly clusters: number;
  readonly spherical: boolean;
  /** k rows, [k, columns], of length one if spherical. */
  readonly start: Float32Array;
}

export interface ClusteringSizes {
  readonly mostRows?: number;
  readonly sphericalToo?: boolean;
  /** Added to all numbers: far from zero, scores in float32 are so coarse that their rounding decides between centroids. */
  readonly offsets?: readonly number[];
}

/** Groups around points; `tight` ones lie apart, others run into each other. A share of the rows repeats others. */
export function clusterings({
  mostRows = 120,
  sphericalToo = true,
  offsets = [0],
}: ClusteringSizes = {}): fc.Arbitrary<Clustering> {
  return fc
    .record({
      rows: fc.integer({ min: 2, max: mostRows }),
      columns: fc.integer({ min: 2, max: 9 }),
      groups: fc.integer({ min: 1, max: 12 }),
      noise: fc.constantFrom(0.03, 0.3, 3),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      spherical: sphericalToo ? fc.boolean() : fc.constant(false),
      repeats: fc.constantFrom(0, 0, 3),
      offset: fc.constantFrom(...offsets),
      seed: fc.nat(),
    })
    .map(({ rows, columns, groups, noise, share, spherical, repeats, offset, seed }) => {
      const key = stream(seed, "clusterings").key();
      const clusters = 1 + Math.floor(share * (Math.min(rows, 20) - 1));
      const values = new Float32Array(rows * columns);
      for (let row = 0; row < rows; row++) {
        // every third row repeats the one before the first three, where there are repeats
        const as = repeats > 0 && row >= clusters && row % repeats === 0 ? row - clusters : row;
        for (let k = 0; k < columns; k++) {
          const value = hashNormal(key, as % groups, k) + noise * hashNormal(key, groups + as, k);
          values[row * columns + k] = offset + value;
        }
      }
      const start = values.slice(0, clusters * columns);
      return { rows, columns, values, clusters, spherical, start };
    });
}

/** Many rows without groups: centroids travel a little for many iterations, and rows lie on every border. */
export function shapelessRows(): fc.Arbitrary<Clustering> {
  return fc
    .record({
      rows: fc.integer({ min: 200, max: 500 }),
      columns: fc.integer({ min: 1, max: 3 }),
      clusters: fc.integer({ min: 3, max: 12 }),
      offset: fc.constantFrom(0, 30, 3000),
      seed: fc.nat(),
    })
    .map(({ rows, columns, clusters, offset, seed }) => {
      const key = stream(seed, "shapelessRows").key();
      const values = Float32Array.from({ length: rows * columns }, (_, at) => offset + hashNormal(key, 0, at));
      return { rows, columns, values, clusters, spherical: false, start: values.slice(0, clusters * columns) };
    });
}

export function optionsOf({ clusters, spherical, start }: Clustering): KMeansOptions {
  return { clusters, spherical, start, tolerance: 0, iterations: 12 };
}
