/** Numbers as a tensor may hold them: all are float32 numbers, so that every engine starts from the same ones. */
import fc from "fast-check";

/**
 * Between min and max, both ends among them, every part of the way as likely as any other. (`fc.double` goes evenly through the bit
 * patterns: of its numbers between 0 and 1, nine in ten are below 1e-6.) Shrinks towards 0, or the end that is nearer to it.
 */
export function evenly(min: number, max: number): fc.Arbitrary<number> {
  const anchor = Math.min(max, Math.max(min, 0));
  const step = 2 ** (Math.ceil(Math.log2(max - min)) - 24); // so that around 0 all are float32 numbers
  return fc
    .integer({ min: Math.floor((min - anchor) / step), max: Math.ceil((max - anchor) / step) })
    .map((steps) => Math.min(max, Math.max(min, anchor + steps * step)));
}

/** Between −limit and limit, ones, zeros, ties and numbers of no size among them. */
export function moderate(limit = 4): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 4, arbitrary: evenly(-limit, limit).map(Math.fround) },
    { weight: 1, arbitrary: fc.double({ min: -limit, max: limit, noNaN: true }).map(Math.fround) },
    { weight: 1, arbitrary: fc.integer({ min: -Math.floor(limit), max: Math.floor(limit) }) },
  );
}

/** Of any size from 1e-12 to 1e4, either sign, and zero: what saturates exponentials and drowns small summands. */
export function extreme(): fc.Arbitrary<number> {
  const magnitude = evenly(-12, 4).map((exponent) => Math.fround(10 ** exponent));
  const signed = fc.tuple(magnitude, fc.boolean()).map(([size, negative]) => (negative ? -size : size));
  return fc.oneof({ weight: 6, arbitrary: signed }, { weight: 1, arbitrary: fc.constantFrom(0, 1, -1, 1e4, -1e4) });
}

/** From min to max. */
export function between(min: number, max: number): fc.Arbitrary<number> {
  const real = fc.oneof(
    { weight: 4, arbitrary: evenly(min, max) },
    { weight: 1, arbitrary: fc.double({ min, max, noNaN: true }) },
  );
  return real.map((value) => Math.min(max, Math.max(min, Math.fround(value))));
}

/** Whole numbers, seeds of random streams: 0, negative ones and the ends of 32 bits among them. */
export function seeds(): fc.Arbitrary<number | string> {
  return fc.oneof(
    fc.constantFrom<number | string>(0, -1, 2 ** 32 - 1, -(2 ** 31), "", "0", "negatives"),
    fc.integer(),
    fc.string({ maxLength: 8 }),
  );
}
