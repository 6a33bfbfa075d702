/** Host arrays: elements in row-major order beside their shape. */
import fc from "fast-check";
import { sizeOf } from "../../src/tensor/shape.js";
import { moderate } from "./numbers.js";

export interface HostArray {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** Of this shape. */
export function arrays(shape: readonly number[], element: fc.Arbitrary<number> = moderate()): fc.Arbitrary<HostArray> {
  return vectors(sizeOf(shape), element).map((values) => ({ shape, values }));
}

/** `length` numbers, with ties more often than chance has them. */
export function vectors(length: number, element: fc.Arbitrary<number> = moderate()): fc.Arbitrary<number[]> {
  const free = fc.array(element, { minLength: length, maxLength: length });
  if (length < 2) return free;
  const few = fc
    .array(element, { minLength: 1, maxLength: 3 })
    .chain((pool) => fc.array(fc.constantFrom(...pool), { minLength: length, maxLength: length }));
  return fc.oneof({ weight: 4, arbitrary: free }, { weight: 1, arbitrary: few });
}

/** rows × columns numbers as nested arrays. */
export function matrices(
  rows: number,
  columns: number,
  element: fc.Arbitrary<number> = moderate(),
): fc.Arbitrary<number[][]> {
  const row = fc.array(element, { minLength: columns, maxLength: columns });
  return fc.array(row, { minLength: rows, maxLength: rows });
}
