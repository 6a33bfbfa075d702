/**
 * The register tile that every product is made of: 4 rows by 8 columns of C, summed over k (the kernel of Goto and van de
 * Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008, section 6, for 128-bit vectors without fused multiply-add).
 *
 * Eight accumulators, two vectors of B and one value of each row of A (splat) fill 14 of V8's 15 vector registers. The four
 * steps of the loop are separated by exit tests: V8 hoists all loads of a basic block to its front, and with two steps in one
 * block the accumulators are spilled (64 GFLOP/s with the tests, 32 without; operands in L1, Zen 5).
 */

import { multiplyAdd } from "./multiplyAdd";

/**
 * C[i][j] (+)= Σ_r Σ_k A_i[run_r + k] · B[r, k][j] for 4 rows i and 8 columns j.
 *
 * a0 … a3: addresses of the rows of A. A row need not be contiguous: it is `runCount` runs of `runLength` elements, and
 * `runs` holds the byte offset of each (the window of a convolution is such a row). b: packed, 8 columns to a k.
 * c: address of the tile; `stride`: bytes from row to row; `add`: whether to add to C or to overwrite it.
 */
export function tile(
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  runs: usize,
  runCount: i32,
  runLength: i32,
  b: usize,
  c: usize,
  stride: usize,
  add: i32,
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  const lastRun = runs + ((<usize>runCount) << 2);
  while (runs < lastRun) {
    const offset = <usize>load<u32>(runs);
    runs += 4;
    let p0 = a0 + offset;
    let p1 = a1 + offset;
    let p2 = a2 + offset;
    let p3 = a3 + offset;
    const end = b + ((<usize>runLength) << 5);
    const end1 = end - 32;
    const end2 = end - 64;
    const end3 = end - 96;
    while (true) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const x0 = v128.load32_splat(p0);
      c00 = multiplyAdd(x0, b0, c00);
      c01 = multiplyAdd(x0, b1, c01);
      const x1 = v128.load32_splat(p1);
      c10 = multiplyAdd(x1, b0, c10);
      c11 = multiplyAdd(x1, b1, c11);
      const x2 = v128.load32_splat(p2);
      c20 = multiplyAdd(x2, b0, c20);
      c21 = multiplyAdd(x2, b1, c21);
      const x3 = v128.load32_splat(p3);
      c30 = multiplyAdd(x3, b0, c30);
      c31 = multiplyAdd(x3, b1, c31);
      if (b == end1) break;
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      const x4 = v128.load32_splat(p0, 4);
      c00 = multiplyAdd(x4, b2, c00);
      c01 = multiplyAdd(x4, b3, c01);
      const x5 = v128.load32_splat(p1, 4);
      c10 = multiplyAdd(x5, b2, c10);
      c11 = multiplyAdd(x5, b3, c11);
      const x6 = v128.load32_splat(p2, 4);
      c20 = multiplyAdd(x6, b2, c20);
      c21 = multiplyAdd(x6, b3, c21);
      const x7 = v128.load32_splat(p3, 4);
      c30 = multiplyAdd(x7, b2, c30);
      c31 = multiplyAdd(x7, b3, c31);
      if (b == end2) break;
      const b4 = v128.load(b, 64);
      const b5 = v128.load(b, 80);
      const x8 = v128.load32_splat(p0, 8);
      c00 = multiplyAdd(x8, b4, c00);
      c01 = multiplyAdd(x8, b5, c01);
      const x9 = v128.load32_splat(p1, 8);
      c10 = multiplyAdd(x9, b4, c10);
      c11 = multiplyAdd(x9, b5, c11);
      const x10 = v128.load32_splat(p2, 8);
      c20 = multiplyAdd(x10, b4, c20);
      c21 = multiplyAdd(x10, b5, c21);
      const x11 = v128.load32_splat(p3, 8);
      c30 = multiplyAdd(x11, b4, c30);
      c31 = multiplyAdd(x11, b5, c31);
      if (b == end3) break;
      const b6 = v128.load(b, 96);
      const b7 = v128.load(b, 112);
      const x12 = v128.load32_splat(p0, 12);
      c00 = multiplyAdd(x12, b6, c00);
      c01 = multiplyAdd(x12, b7, c01);
      const x13 = v128.load32_splat(p1, 12);
      c10 = multiplyAdd(x13, b6, c10);
      c11 = multiplyAdd(x13, b7, c11);
      const x14 = v128.load32_splat(p2, 12);
      c20 = multiplyAdd(x14, b6, c20);
      c21 = multiplyAdd(x14, b7, c21);
      const x15 = v128.load32_splat(p3, 12);
      c30 = multiplyAdd(x15, b6, c30);
      c31 = multiplyAdd(x15, b7, c31);
      b += 128;
      if (b == end) break;
      p0 += 16;
      p1 += 16;
      p2 += 16;
      p3 += 16;
    }
    b = end;
  }
  const d1 = c + stride;
  const d2 = d1 + stride;
  const d3 = d2 + stride;
  if (add) {
    c00 = f32x4.add(c00, v128.load(c));
    c01 = f32x4.add(c01, v128.load(c, 16));
    c10 = f32x4.add(c10, v128.load(d1));
    c11 = f32x4.add(c11, v128.load(d1, 16));
    c20 = f32x4.add(c20, v128.load(d2));
    c21 = f32x4.add(c21, v128.load(d2, 16));
    c30 = f32x4.add(c30, v128.load(d3));
    c31 = f32x4.add(c31, v128.load(d3, 16));
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(d1, c10);
  v128.store(d1, c11, 16);
  v128.store(d2, c20);
  v128.store(d2, c21, 16);
  v128.store(d3, c30);
  v128.store(d3, c31, 16);
}
