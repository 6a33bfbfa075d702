/**
 * Bands of images as convolutions read them: padded, with the channels innermost.
 *
 * In a band [rows][columns][channels] the window of a pixel is a few contiguous runs (all channels of a row of the kernel),
 * whatever stride, padding and dilation are. So the register tile follows four pixels by their addresses alone, and nothing
 * like an im2col matrix is ever written: every element is moved once, not once a tap.
 */
import { transposeBlock } from "./transpose";

/**
 * Copies rows firstRow, firstRow + rowStep, … and columns likewise of `channels` planes [height, width] to
 * target[rows][columns][channels]; zero outside of the planes.
 */
export function copyBand(
  source: usize,
  channels: i32,
  height: i32,
  width: i32,
  firstRow: i32,
  rowStep: i32,
  rows: i32,
  firstColumn: i32,
  columnStep: i32,
  columns: i32,
  target: usize,
): void {
  const pixel = (<usize>channels) << 2;
  const plane = (<usize>(height * width)) << 2;
  // columns left … right − 1 of the band lie inside the image
  const left = min(columns, firstColumn < 0 ? (columnStep - 1 - firstColumn) / columnStep : 0);
  const inside = width - firstColumn; // may be negative: the band lies to the right of the image
  const right = max(left, min(columns, inside > 0 ? (inside + columnStep - 1) / columnStep : 0));
  for (let y = 0; y < rows; y++) {
    const row = firstRow + y * rowStep;
    if (row < 0 || row >= height) {
      zeroFloats(target, columns * channels);
    } else {
      zeroFloats(target, left * channels);
      zeroFloats(target + <usize>right * pixel, (columns - right) * channels);
      if (right > left) {
        const from = source + ((<usize>(row * width + firstColumn + left * columnStep)) << 2);
        const to = target + <usize>left * pixel;
        if (columnStep > 1) gatherPixels(from, plane, columnStep, channels, right - left, to);
        else if (channels == 1) copyFloats(to, from, right - left);
        else transposeBlock(from, plane, to, pixel, channels, right - left);
      }
    }
    target += <usize>columns * pixel;
  }
}

/** Bytes that hold `words` words, in whole cache lines. */
// @ts-ignore: decorator
@inline
export function lines(words: i32): usize {
  return ((<usize>words << 2) + 63) & ~63;
}

/** Zeros; rows are short, and for those `memory.fill` (a call out of wasm) takes longer than a loop. */
export function zeroFloats(target: usize, count: i32): void {
  const end = target + ((<usize>count) << 2);
  const whole = target + ((<usize>(count & ~3)) << 2);
  while (target < whole) {
    v128.store(target, f32x4.splat(0));
    target += 16;
  }
  while (target < end) {
    store<f32>(target, 0);
    target += 4;
  }
}

export function copyFloats(target: usize, source: usize, count: i32): void {
  const end = target + ((<usize>count) << 2);
  const whole = target + ((<usize>(count & ~3)) << 2);
  while (target < whole) {
    v128.store(target, v128.load(source));
    target += 16;
    source += 16;
  }
  while (target < end) {
    store<f32>(target, load<f32>(source));
    target += 4;
    source += 4;
  }
}

/** Every `step`-th pixel of a row, channels innermost. */
function gatherPixels(source: usize, plane: usize, step: i32, channels: i32, count: i32, target: usize): void {
  const pixel = (<usize>channels) << 2;
  const stride = (<usize>step) << 2;
  const whole = channels & ~3;
  let c = 0;
  for (; c < whole; c += 4) {
    let s0 = source;
    let t = target + ((<usize>c) << 2);
    for (let x = 0; x < count; x++) {
      const s1 = s0 + plane;
      const s2 = s1 + plane;
      let v = v128.load32_zero(s0);
      v = v128.load32_lane(s1, v, 1);
      v = v128.load32_lane(s2, v, 2);
      v = v128.load32_lane(s2 + plane, v, 3);
      v128.store(t, v);
      s0 += stride;
      t += pixel;
    }
    source += plane << 2;
  }
  for (; c < channels; c++) {
    let t = target + ((<usize>c) << 2);
    for (let x: usize = 0; x < <usize>count; x++) {
      store<f32>(t, load<f32>(source + x * stride));
      t += pixel;
    }
    source += plane;
  }
}
