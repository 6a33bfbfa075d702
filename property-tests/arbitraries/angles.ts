/** Angles between an embedding and its class center, cosines of whole batches, and margins on an angle. */
import fc from "fast-check";
import { evenly } from "./numbers.js";

/** Of [0, π]: both ends, angles that are hardly away from them, and anything between. */
export function angles(): fc.Arbitrary<number> {
  const hardly = evenly(-9, -1).map((exponent) => 10 ** exponent);
  return fc.oneof(
    { weight: 4, arbitrary: evenly(0, Math.PI) },
    { weight: 1, arbitrary: fc.constantFrom(0, Math.PI / 2, Math.PI) },
    { weight: 1, arbitrary: hardly },
    { weight: 1, arbitrary: hardly.map((distance) => Math.PI - distance) },
  );
}

/** m of ArcFace in radians, above 0; published values among them. */
export function angularMargins(max = 1.5): fc.Arbitrary<number> {
  return fc.oneof(fc.constantFrom(0.3, 0.5), evenly(1e-3, max));
}

/**
 * Angles with θ + m before π, by at least `gap`. Generators stay off π − m itself, where ArcFace changes its formula and the last
 * bit of a cosine decides which one holds.
 */
export function anglesBefore(margin: number, gap = 1e-9): fc.Arbitrary<number> {
  return angles().map((angle) => (angle / Math.PI) * (Math.PI - margin - gap));
}

/** Angles with θ + m beyond π, by at least `gap`. */
export function anglesBeyond(margin: number, gap = 1e-9): fc.Arbitrary<number> {
  return angles().map((angle) => Math.PI - (angle / Math.PI) * (margin - gap));
}

/** The angles of a batch to every sampled center, and the column of each row's class; −1 where another rank owns it. */
export interface AngleBatch {
  readonly rows: number;
  readonly columns: number;
  /** θ, row by row: [rows · columns] */
  readonly theta: readonly number[];
  readonly labels: readonly number[];
}

/** One to four rows, one to six columns; labels repeat. */
export function angleBatches(): fc.Arbitrary<AngleBatch> {
  return fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 6 })).chain(([rows, columns]) =>
    fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      theta: fc.array(angles(), { minLength: rows * columns, maxLength: rows * columns }),
      labels: fc.array(fc.integer({ min: -1, max: columns - 1 }), { minLength: rows, maxLength: rows }),
    }),
  );
}
