/**
 * Depth-wise convolution (one input channel and one output channel to a group), forward and both gradients.
 *
 * A plane is copied padded and split into phases of the stride: copy[row phase][column phase][row][column]. Then every tap is one
 * offset: with one row pitch for all, y[i] = Σ_tap w[tap] · copy[offset(tap) + i] for all i at once, 16 at a time, also across the
 * ends of rows (what is computed there is thrown away). The gradient of the input is the same sum over dy for every phase (taps.ts);
 * the gradient of the weights is the inner product of dy, laid out with the same pitch and zeros in between.
 */
import { copyBand, copyFloats, lines, zeroFloats } from "./imageBand";
import { largestShift, outputShift, reaches, smallestShift } from "./taps";

/** y from x and w [C, 1, KH, KW]. Items: images × channels. Scratch: see `depthwiseScratch` in the wrapper. */
export function depthwiseForward(
  begin: i32,
  end: i32,
  scratch: usize,
  x: usize,
  weights: usize,
  y: usize,
  channels: i32,
  height: i32,
  width: i32,
  rows: i32,
  columns: i32,
  kh: i32,
  kw: i32,
  sh: i32,
  sw: i32,
  ph: i32,
  pw: i32,
  dh: i32,
  dw: i32,
): void {
  const taps = kh * kw;
  const pitch = columns + ((kw - 1) * dw) / sw;
  const offsets = scratch;
  const flat = offsets + lines(taps);
  const copy = flat + lines(rows * pitch + 16);
  writeOffsets(offsets, rows, pitch, kh, kw, sh, sw, dh, dw);
  const planeX = (<usize>(height * width)) << 2;
  const planeY = (<usize>(rows * columns)) << 2;
  for (let item = begin; item < end; item++) {
    copyPhases(x + <usize>item * planeX, height, width, rows, pitch, kh, sh, sw, ph, pw, dh, copy);
    slide(copy, offsets, weights + ((<usize>((item % channels) * taps)) << 2), taps, flat, rows * pitch);
    let to = y + <usize>item * planeY;
    let from = flat;
    for (let row = 0; row < rows; row++) {
      copyFloats(to, from, columns);
      to += (<usize>columns) << 2;
      from += (<usize>pitch) << 2;
    }
  }
}

/** dx from dy and w. Items: images × channels. */
export function depthwiseBackward(
  begin: i32,
  end: i32,
  scratch: usize,
  dy: usize,
  weights: usize,
  dx: usize,
  channels: i32,
  height: i32,
  width: i32,
  rows: i32,
  columns: i32,
  kh: i32,
  kw: i32,
  sh: i32,
  sw: i32,
  ph: i32,
  pw: i32,
  dh: i32,
  dw: i32,
): void {
  const taps = kh * kw;
  const top = smallestShift(kh, sh, ph, dh);
  const left = smallestShift(kw, sw, pw, dw);
  const phaseRows = (height + sh - 1) / sh;
  const copyRows = phaseRows + largestShift(kh, sh, ph, dh) - top;
  const pitch = (width + sw - 1) / sw + largestShift(kw, sw, pw, dw) - left;
  const offsets = scratch;
  const phaseWeights = offsets + lines(taps);
  const flat = phaseWeights + lines(taps);
  const copy = flat + lines(phaseRows * pitch + 16);
  const planeX = (<usize>(height * width)) << 2;
  const planeY = (<usize>(rows * columns)) << 2;
  for (let item = begin; item < end; item++) {
    copyBand(dy + <usize>item * planeY, 1, rows, columns, top, 1, copyRows, left, 1, pitch, copy);
    zeroFloats(copy + ((<usize>(copyRows * pitch)) << 2), pitch + 32);
    const w = weights + ((<usize>((item % channels) * taps)) << 2);
    for (let fy = 0; fy < sh; fy++) {
      const rowCount = (height - fy + sh - 1) / sh;
      for (let fx = 0; fx < sw; fx++) {
        const columnCount = (width - fx + sw - 1) / sw;
        let count = 0;
        for (let ky = 0; ky < kh; ky++) {
          if (!reaches(fy, ky, sh, ph, dh)) continue;
          for (let kx = 0; kx < kw; kx++) {
            if (!reaches(fx, kx, sw, pw, dw)) continue;
            const row = outputShift(fy, ky, sh, ph, dh) - top;
            const column = outputShift(fx, kx, sw, pw, dw) - left;
            const at = (<usize>count) << 2;
            store<u32>(offsets + at, (<u32>(row * pitch + column)) << 2);
            store<f32>(phaseWeights + at, load<f32>(w + ((<usize>(ky * kw + kx)) << 2)));
            count++;
          }
        }
        slide(copy, offsets, phaseWeights, count, flat, rowCount * pitch);
        for (let row = 0; row < rowCount; row++) {
          const from = flat + ((<usize>(row * pitch)) << 2);
          const to = dx + <usize>item * planeX + ((<usize>((fy + row * sh) * width + fx)) << 2);
          if (sw == 1) {
            copyFloats(to, from, columnCount);
          } else {
            for (let column = 0; column < columnCount; column++) {
              store<f32>(to + ((<usize>(column * sw)) << 2), load<f32>(from + ((<usize>column) << 2)));
            }
          }
        }
      }
    }
  }
}

/** dw [C, 1, KH, KW] from x and dy, images in their order. Items: channels. */
export function depthwiseWeights(
  begin: i32,
  end: i32,
  scratch: usize,
  x: usize,
  dy: usize,
  gradient: usize,
  batch: i32,
  channels: i32,
  height: i32,
  width: i32,
  rows: i32,
  columns: i32,
  kh: i32,
  kw: i32,
  sh: i32,
  sw: i32,
  ph: i32,
  pw: i32,
  dh: i32,
  dw: i32,
): void {
  const taps = kh * kw;
  const pitch = columns + ((kw - 1) * dw) / sw;
  const offsets = scratch;
  const sums = offsets + lines(taps);
  const flat = sums + lines(4 * taps);
  const copy = flat + lines(rows * pitch + 16);
  writeOffsets(offsets, rows, pitch, kh, kw, sh, sw, dh, dw);
  const planeX = (<usize>(height * width)) << 2;
  const planeY = (<usize>(rows * columns)) << 2;
  zeroFloats(flat, rows * pitch + 16);
  for (let channel = begin; channel < end; channel++) {
    zeroFloats(sums, 4 * taps);
    for (let image = 0; image < batch; image++) {
      const plane = <usize>(image * channels + channel);
      copyPhases(x + plane * planeX, height, width, rows, pitch, kh, sh, sw, ph, pw, dh, copy);
      let from = dy + plane * planeY;
      let to = flat;
      for (let row = 0; row < rows; row++) {
        copyFloats(to, from, columns);
        from += (<usize>columns) << 2;
        to += (<usize>pitch) << 2;
      }
      for (let tap: usize = 0; tap < <usize>taps; tap++) {
        const sum = sums + (tap << 4);
        const part = inner(flat, copy + <usize>load<u32>(offsets + (tap << 2)), rows * pitch);
        v128.store(sum, f32x4.add(v128.load(sum), part));
      }
    }
    for (let tap: usize = 0; tap < <usize>taps; tap++) {
      const s = sums + (tap << 4);
      const sum = load<f32>(s) + load<f32>(s, 4) + (load<f32>(s, 8) + load<f32>(s, 12));
      store<f32>(gradient + ((<usize>channel * <usize>taps + tap) << 2), sum);
    }
  }
}

/** Byte offset of every tap in the copy of `copyPhases`. */
function writeOffsets(
  offsets: usize,
  rows: i32,
  pitch: i32,
  kh: i32,
  kw: i32,
  sh: i32,
  sw: i32,
  dh: i32,
  dw: i32,
): void {
  const copyRows = rows + ((kh - 1) * dh) / sh;
  for (let ky = 0; ky < kh; ky++) {
    for (let kx = 0; kx < kw; kx++) {
      const phase = ((ky * dh) % sh) * sw + ((kx * dw) % sw);
      const offset = (phase * copyRows + (ky * dh) / sh) * pitch + (kx * dw) / sw;
      store<u32>(offsets, (<u32>offset) << 2);
      offsets += 4;
    }
  }
}

/** copy[row phase][column phase][row][column] of one padded plane, and zeros behind it for reads over the end. */
function copyPhases(
  source: usize,
  height: i32,
  width: i32,
  rows: i32,
  pitch: i32,
  kh: i32,
  sh: i32,
  sw: i32,
  ph: i32,
  pw: i32,
  dh: i32,
  copy: usize,
): void {
  const copyRows = rows + ((kh - 1) * dh) / sh;
  for (let fy = 0; fy < sh; fy++) {
    for (let fx = 0; fx < sw; fx++) {
      copyBand(source, 1, height, width, fy - ph, sh, copyRows, fx - pw, sw, pitch, copy);
      copy += (<usize>(copyRows * pitch)) << 2;
    }
  }
  zeroFloats(copy, pitch + 32);
}

/** target[i] = Σ_tap weights[tap] · source[offset(tap) + i]; writes and reads up to 15 elements more than `count`. */
function slide(source: usize, offsets: usize, weights: usize, taps: i32, target: usize, count: i32): void {
  const end = target + ((<usize>count) << 2);
  const lastTap = offsets + ((<usize>taps) << 2);
  while (target < end) {
    let s0 = f32x4.splat(0);
    let s1 = f32x4.splat(0);
    let s2 = f32x4.splat(0);
    let s3 = f32x4.splat(0);
    let w = weights;
    for (let o = offsets; o < lastTap; o += 4) {
      const p = source + <usize>load<u32>(o);
      const weight = v128.load32_splat(w);
      s0 = f32x4.add(s0, f32x4.mul(weight, v128.load(p)));
      s1 = f32x4.add(s1, f32x4.mul(weight, v128.load(p, 16)));
      s2 = f32x4.add(s2, f32x4.mul(weight, v128.load(p, 32)));
      s3 = f32x4.add(s3, f32x4.mul(weight, v128.load(p, 48)));
      w += 4;
    }
    v128.store(target, s0);
    v128.store(target, s1, 16);
    v128.store(target, s2, 32);
    v128.store(target, s3, 48);
    target += 64;
    source += 64;
  }
}

/** Four partial sums of a[i] · b[i]; a must be zero up to 15 elements behind `count`. */
function inner(a: usize, b: usize, count: i32): v128 {
  const end = a + ((<usize>count) << 2);
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  while (a < end) {
    s0 = f32x4.add(s0, f32x4.mul(v128.load(a), v128.load(b)));
    s1 = f32x4.add(s1, f32x4.mul(v128.load(a, 16), v128.load(b, 16)));
    s2 = f32x4.add(s2, f32x4.mul(v128.load(a, 32), v128.load(b, 32)));
    s3 = f32x4.add(s3, f32x4.mul(v128.load(a, 48), v128.load(b, 48)));
    a += 64;
    b += 64;
  }
  return f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
}
