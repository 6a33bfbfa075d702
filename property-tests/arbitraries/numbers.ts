/** Numbers as a tensor may hold them: all are float32 numbers, so that every engine starts from the same ones. */
import fc from "fast-check";

/** Between −limit and limit, ones, zeros and ties among them. */
export function moderate(limit = 4): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.double({ min: -limit, max: limit, noNaN: true }).map(Math.fround) },
    { weight: 1, arbitrary: fc.integer({ min: -Math.floor(limit), max: Math.floor(limit) }) },
  );
}

/** Of any size from 1e-12 to 1e4, either sign, and zero: what saturates exponentials and drowns small summands. */
export function extreme(): fc.Arbitrary<number> {
  const magnitude = fc.double({ min: -12, max: 4, noNaN: true }).map((exponent) => Math.fround(10 ** exponent));
  const signed = fc.tuple(magnitude, fc.boolean()).map(([size, negative]) => (negative ? -size : size));
  return fc.oneof({ weight: 6, arbitrary: signed }, { weight: 1, arbitrary: fc.constantFrom(0, 1, -1, 1e4, -1e4) });
}

/** From min to max. */
export function between(min: number, max: number): fc.Arbitrary<number> {
  return fc.double({ min, max, noNaN: true }).map((value) => Math.min(max, Math.max(min, Math.fround(value))));
}

/** Whole numbers, seeds of random streams: 0, negative ones and the ends of 32 bits among them. */
export function seeds(): fc.Arbitrary<number | string> {
  return fc.oneof(
    fc.constantFrom<number | string>(0, -1, 2 ** 32 - 1, -(2 ** 31), "", "0", "negatives"),
    fc.integer(),
    fc.string({ maxLength: 8 }),
  );
}
