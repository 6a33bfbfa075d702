/** Shapes with ones in them, and with zeros where asked for; pairs that broadcast. */
import fc from "fast-check";

export interface ShapeOptions {
  readonly minRank?: number;
  readonly maxRank?: number;
  /** 0 lets empty tensors in. */
  readonly minExtent?: number;
  readonly maxExtent?: number;
}

export function shapes(options: ShapeOptions = {}): fc.Arbitrary<number[]> {
  const { minRank = 0, maxRank = 4, minExtent = 1, maxExtent = 5 } = options;
  const extent = fc.oneof(
    { weight: 1, arbitrary: fc.constant(Math.max(1, minExtent)) },
    { weight: 4, arbitrary: fc.integer({ min: minExtent, max: maxExtent }) },
  );
  return fc.array(extent, { minLength: minRank, maxLength: maxRank });
}

/** Two shapes and the one to which both broadcast: extents made 1, leading axes left out. */
export function broadcastingShapes(
  options: ShapeOptions = {},
): fc.Arbitrary<[a: number[], b: number[], both: number[]]> {
  return shapes(options).chain((both) => {
    const ones = fc.array(fc.boolean(), { minLength: both.length, maxLength: both.length });
    const left = fc.nat({ max: both.length });
    return fc.tuple(ones, ones, left, fc.boolean()).map(([onesOfA, onesOfB, cut, cutA]) => {
      // an axis is shortened in one of the two only, and leading axes are missing in one of the two only
      const a = both.map((extent, axis) => (onesOfA[axis] && !onesOfB[axis] ? 1 : extent));
      const b = both.map((extent, axis) => (onesOfB[axis] && !onesOfA[axis] ? 1 : extent));
      const [shorterA, shorterB] = cutA ? [a.slice(cut), b] : [a, b.slice(cut)];
      return [shorterA, shorterB, both] as [number[], number[], number[]];
    });
  });
}

/** Every order of 0 … count − 1. */
export function permutations(count: number): fc.Arbitrary<number[]> {
  const numbers = Array.from({ length: count }, (_, i) => i);
  return fc.shuffledSubarray(numbers, { minLength: count, maxLength: count });
}
