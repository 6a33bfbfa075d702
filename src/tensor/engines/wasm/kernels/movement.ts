/** Kernels that move elements and compute nothing: copies, permutations, rows gathered and scattered. */
import { BLOCK, floats } from "./common";

/** Item: a block of `BLOCK` elements. */
export function copy(begin: i32, end: i32, scratch: usize, x: usize, y: usize, n: i32): void {
  const start = begin * BLOCK;
  const stop = min(end * BLOCK, n);
  memory.copy(y + floats(start), x + floats(start), floats(stop - start));
}

/** Item: one run of `count` elements, from x + item · xStep to y + item · yStep: slices and concatenation. */
export function copyRuns(
  begin: i32, end: i32, scratch: usize, x: usize, xStep: i32, y: usize, yStep: i32, count: i32,
): void {
  for (let item = begin; item < end; item++) {
    copyFloats(y + floats(item) * <usize>yStep, x + floats(item) * <usize>xStep, count);
  }
}

/** memory.copy costs about twenty nanoseconds to call; short runs are quicker in a loop. */
// @ts-ignore: decorator
@inline
function copyFloats(y: usize, x: usize, count: i32): void {
  if (count >= 32) {
    memory.copy(y, x, floats(count));
    return;
  }
  let i: i32 = 0;
  for (; i + 4 <= count; i += 4) v128.store(y + floats(i), v128.load(x + floats(i)));
  for (; i < count; i++) store<f32>(y + floats(i), load<f32>(x + floats(i)));
}

/**
 * y = x seen through other strides: broadcasting (stride 0) and permutations. Item: one row of `inner` elements of y, `step` apart in x.
 * axes: for every outer axis of y, from the last to the first: extent, stride in x.
 */
export function copyStrided(
  begin: i32, end: i32, scratch: usize, x: usize, y: usize, inner: i32, step: i32, axes: usize, rank: i32,
): void {
  for (let row = begin; row < end; row++) {
    let rest = row;
    let start: i32 = 0;
    for (let axis = 0; axis < rank; axis++) {
      const entry = axes + <usize>(axis << 3);
      const extent = load<i32>(entry);
      const quotient = rest / extent;
      start += (rest - quotient * extent) * load<i32>(entry, 4);
      rest = quotient;
    }
    const from = x + floats(start);
    const to = y + floats(row) * <usize>inner;
    if (step == 1) copyFloats(to, from, inner);
    else for (let i = 0; i < inner; i++) store<f32>(to + floats(i), load<f32>(from + floats(i * step)));
  }
}

/** [G, N, M] → [G, M, N] in squares of 16 by 16, whose rows fill cache lines on both sides. Item: one row of squares of the result. */
export function transpose(begin: i32, end: i32, scratch: usize, x: usize, y: usize, n: i32, m: i32): void {
  const bands = (m + 15) >> 4;
  for (let item = begin; item < end; item++) {
    const batch = floats(item / bands) * <usize>n * <usize>m;
    const left = (item % bands) << 4;
    const right = min(left + 16, m);
    for (let top = 0; top < n; top += 16) {
      const bottom = min(top + 16, n);
      for (let j = left; j < right; j += 4) {
        for (let i = top; i < bottom; i += 4) {
          const from = x + batch + floats(i) * <usize>m + floats(j);
          const to = y + batch + floats(j) * <usize>n + floats(i);
          if (i + 4 <= bottom && j + 4 <= right) transposeSquare(from, floats(m), to, floats(n));
          else {
            for (let jj = 0; jj < min(4, right - j); jj++) {
              for (let ii = 0; ii < min(4, bottom - i); ii++) {
                store<f32>(to + floats(jj) * <usize>n + floats(ii), load<f32>(from + floats(ii) * <usize>m + floats(jj)));
              }
            }
          }
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function transposeSquare(x: usize, xStep: usize, y: usize, yStep: usize): void {
  const a = v128.load(x);
  const b = v128.load(x + xStep);
  const c = v128.load(x + 2 * xStep);
  const d = v128.load(x + 3 * xStep);
  const ab = i32x4.shuffle(a, b, 0, 4, 1, 5);
  const cd = i32x4.shuffle(c, d, 0, 4, 1, 5);
  const abHigh = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const cdHigh = i32x4.shuffle(c, d, 2, 6, 3, 7);
  v128.store(y, i64x2.shuffle(ab, cd, 0, 2));
  v128.store(y + yStep, i64x2.shuffle(ab, cd, 1, 3));
  v128.store(y + 2 * yStep, i64x2.shuffle(abHigh, cdHigh, 0, 2));
  v128.store(y + 3 * yStep, i64x2.shuffle(abHigh, cdHigh, 1, 3));
}

/** Item: one row of the result. index: row numbers, int32. */
export function gatherRows(begin: i32, end: i32, scratch: usize, x: usize, index: usize, y: usize, columns: i32): void {
  const bytes = floats(columns);
  for (let item = begin; item < end; item++) {
    copyFloats(y + <usize>item * bytes, x + <usize>load<i32>(index + floats(item)) * bytes, columns);
  }
}

/** Row index[item] of y becomes row `item` of x. Item: one row of x; no row of y twice, unless one thread does all. */
export function writeRows(begin: i32, end: i32, scratch: usize, x: usize, index: usize, y: usize, columns: i32): void {
  const bytes = floats(columns);
  for (let item = begin; item < end; item++) {
    copyFloats(y + <usize>load<i32>(index + floats(item)) * bytes, x + <usize>item * bytes, columns);
  }
}

/**
 * Item: one row of the result, the sum of the rows of x that belong to it, in order of position.
 * starts: [rows + 1], positions: the row numbers of x sorted by result row.
 */
export function scatterAddRows(
  begin: i32, end: i32, scratch: usize, x: usize, starts: usize, positions: usize, y: usize, columns: i32,
): void {
  const bytes = floats(columns);
  for (let row = begin; row < end; row++) {
    const to = y + <usize>row * bytes;
    const first = load<i32>(starts + floats(row));
    const last = load<i32>(starts + floats(row), 4);
    if (first == last) memory.fill(to, 0, bytes);
    for (let k = first; k < last; k++) {
      const from = x + <usize>load<i32>(positions + floats(k)) * bytes;
      if (k == first) memory.copy(to, from, bytes);
      else addFloats(to, from, columns);
    }
  }
}

function addFloats(y: usize, x: usize, count: i32): void {
  let i: i32 = 0;
  for (; i + 4 <= count; i += 4) {
    v128.store(y + floats(i), f32x4.add(v128.load(y + floats(i)), v128.load(x + floats(i))));
  }
  for (; i < count; i++) store<f32>(y + floats(i), load<f32>(y + floats(i)) + load<f32>(x + floats(i)));
}
