/** Cosines as float32 numbers: everywhere, at the ends and at 0, and next to them. */
import fc from "fast-check";
import { between } from "./numbers.js";

export function cosines(min = -1, max = 1): fc.Arbitrary<number> {
  const special = [-1, 0, 1].flatMap((end) => [-1e-6, -1e-12, 0, 1e-12, 1e-6].map((shift) => Math.fround(end + shift)));
  return fc.oneof(
    { weight: 3, arbitrary: between(min, max) },
    { weight: 1, arbitrary: fc.constantFrom(...special.filter((cosine) => cosine >= min && cosine <= max)) },
  );
}
