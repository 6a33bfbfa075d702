/**
 * Convolution, forward and back to the input, as a product gathered from bands of images; 2-d, any stride, padding, dilation, groups.
 *
 *   forward          y[o, p] = Σ_(ky, kx, c) x[c, pixel p + tap] · w[o, c, ky, kx]
 *   input gradient   the same sum for every phase of the stride (taps.ts), over dy, with w[o, c] transposed
 *
 * An item is a group of channels of one band of rows (or of a few whole images, where they are small): it copies its piece of
 * the source with channels innermost (imageBand.ts), and every register tile is 4 pixels by 8 output channels.
 */
import { copyBand, lines, zeroFloats } from "./imageBand";
import { largestShift, outputShift, reaches, skipsPhases, smallestShift, tapsOfPhase } from "./taps";
import { tile } from "./tile";
import { transpose4x4 } from "./transpose";

/**
 * y = x ⋆ w, w packed. Items: image groups × channel groups × bands × parts. channels, outputs: of one group. height, width: of x;
 * rows, columns: of y. A part is a share of the outputs. Scratch: see `scratchOf` in the wrapper.
 */
export function convolveForward(
  begin: i32,
  end: i32,
  scratch: usize,
  x: usize,
  weights: usize,
  y: usize,
  batch: i32,
  groups: i32,
  channels: i32,
  height: i32,
  width: i32,
  outputs: i32,
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
  images: i32,
  bandRows: i32,
  parts: i32,
): void {
  const bands = (rows + bandRows - 1) / bandRows;
  // With a kernel of one tap the stride is applied by the copy, and nothing that is skipped is copied.
  const copyStepY = kh == 1 ? sh : 1;
  const copyStepX = kw == 1 ? sw : 1;
  const stepY = kh == 1 ? 1 : sh;
  const stepX = kw == 1 ? 1 : sw;
  const bandColumns = (columns - 1) * stepX + (kw - 1) * dw + 1;
  const pixel = (<usize>channels) << 2;
  const bandBytes = <usize>(((bandRows - 1) * stepY + (kh - 1) * dh + 1) * bandColumns) * pixel;

  const runs = scratch + 128;
  const sources = runs + lines(kh * kw);
  const targets = sources + lines(images * bandRows * columns + 4);
  const copy = targets + lines(images * bandRows * columns + 4);

  const contiguous = dw == 1 || kw == 1;
  const runCount = contiguous ? kh : kh * kw;
  const runLength = contiguous ? kw * channels : channels;
  for (let run = 0; run < runCount; run++) {
    const ky = contiguous ? run : run / kw;
    const kx = contiguous ? 0 : run % kw;
    store<u32>(runs + ((<usize>run) << 2), <u32>(<usize>(ky * dh * bandColumns + kx * dw) * pixel));
  }

  const plane = (<usize>(rows * columns)) << 2;
  const weightBytes = (<usize>(((outputs + 7) >> 3) * kh * kw * channels)) << 5;
  for (let item = begin; item < end; item++) {
    const part = item % parts;
    const row0 = ((item / parts) % bands) * bandRows;
    const group = (item / parts / bands) % groups;
    const image0 = (item / parts / bands / groups) * images;
    const count = min(images, batch - image0);
    const rowCount = min(bandRows, rows - row0);
    let p = 0;
    for (let i = 0; i < count; i++) {
      const from = x + ((<usize>((image0 + i) * groups + group) * <usize>(channels * height * width)) << 2);
      const band = <usize>i * bandBytes;
      const copyRows = (rowCount - 1) * stepY + (kh - 1) * dh + 1;
      const firstRow = row0 * sh - ph;
      copyBand(from, channels, height, width, firstRow, copyStepY, copyRows, -pw, copyStepX, bandColumns, copy + band);
      const image = <usize>(i * groups * outputs) * plane;
      for (let row = 0; row < rowCount; row++) {
        for (let column = 0; column < columns; column++) {
          const at = (<usize>p) << 2;
          store<u32>(sources + at, <u32>(band + <usize>(row * stepY * bandColumns + column * stepX) * pixel));
          store<u32>(targets + at, <u32>(image + ((<usize>((row0 + row) * columns + column)) << 2)));
          p++;
        }
      }
    }
    const to = y + <usize>((image0 * groups + group) * outputs) * plane;
    const panels = weights + <usize>group * weightBytes;
    const panelBytes = (<usize>(kh * kw * channels)) << 5;
    const first = partOf(outputs, part, parts);
    const next = partOf(outputs, part + 1, parts);
    product(copy, sources, targets, p, runs, runCount, runLength, panels, panelBytes, to, plane, first, next, scratch);
  }
}

/**
 * dx from dy and packed w. channels, height, width: of dx (one group); outputs, rows, columns: of dy. Bands are of rows of a
 * phase: every stride-th row. Items, scratch: as forward.
 */
export function convolveBackward(
  begin: i32,
  end: i32,
  scratch: usize,
  dy: usize,
  weights: usize,
  dx: usize,
  batch: i32,
  groups: i32,
  channels: i32,
  height: i32,
  width: i32,
  outputs: i32,
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
  images: i32,
  bandRows: i32,
  parts: i32,
): void {
  const bands = ((height + sh - 1) / sh + bandRows - 1) / bandRows;
  const phaseColumns = (width + sw - 1) / sw;
  const top = smallestShift(kh, sh, ph, dh);
  const left = smallestShift(kw, sw, pw, dw);
  const copyRows = bandRows + largestShift(kh, sh, ph, dh) - top;
  const bandColumns = phaseColumns + largestShift(kw, sw, pw, dw) - left;
  const pixel = (<usize>outputs) << 2;
  const bandBytes = <usize>(copyRows * bandColumns) * pixel;

  const runs = scratch + 128;
  const sources = runs + lines(kh * kw);
  const targets = sources + lines(images * bandRows * phaseColumns + 4);
  const copy = targets + lines(images * bandRows * phaseColumns + 4);

  const plane = (<usize>(height * width)) << 2;
  const panelBytes = (<usize>(kh * kw * outputs)) << 5;
  const weightBytes = <usize>((channels + 7) >> 3) * panelBytes;
  const skips = skipsPhases(kh, sh, ph, dh) || skipsPhases(kw, sw, pw, dw);
  for (let item = begin; item < end; item++) {
    const part = item % parts;
    const row0 = ((item / parts) % bands) * bandRows;
    const group = (item / parts / bands) % groups;
    const image0 = (item / parts / bands / groups) * images;
    const count = min(images, batch - image0);
    for (let i = 0; i < count; i++) {
      const from = dy + ((<usize>((image0 + i) * groups + group) * <usize>(outputs * rows * columns)) << 2);
      const band = copy + <usize>i * bandBytes;
      copyBand(from, outputs, rows, columns, row0 + top, 1, copyRows, left, 1, bandColumns, band);
    }
    const to = dx + <usize>((image0 * groups + group) * channels) * plane;
    const first = partOf(channels, part, parts);
    const next = partOf(channels, part + 1, parts);
    if (skips) {
      // Zeros for phases that no tap reaches: plane by plane, which is quicker than pixel by pixel.
      const start = (<usize>(row0 * sh * width)) << 2;
      const length = (min(height, (row0 + bandRows) * sh) - row0 * sh) * width;
      for (let i = 0; i < count; i++) {
        for (let c = first; c < next; c++) {
          zeroFloats(to + <usize>(i * groups * channels + c) * plane + start, length);
        }
      }
    }
    let panels = weights + <usize>group * weightBytes;
    for (let fy = 0; fy < sh; fy++) {
      const rowEnd = min(row0 + bandRows, (height - fy + sh - 1) / sh);
      const tapsY = tapsOfPhase(fy, kh, sh, ph, dh);
      for (let fx = 0; fx < sw; fx++) {
        const tapsX = tapsOfPhase(fx, kw, sw, pw, dw);
        if (tapsY * tapsX == 0) continue;
        const columnEnd = (width - fx + sw - 1) / sw;
        let p = 0;
        for (let i = 0; i < count; i++) {
          const band = <usize>i * bandBytes;
          const image = <usize>(i * groups * channels) * plane;
          for (let row = row0; row < rowEnd; row++) {
            for (let column = 0; column < columnEnd; column++) {
              const at = (<usize>p) << 2;
              store<u32>(sources + at, <u32>(band + <usize>((row - row0) * bandColumns + column) * pixel));
              store<u32>(targets + at, <u32>(image + ((<usize>((fy + row * sh) * width + fx + column * sw)) << 2)));
              p++;
            }
          }
        }
        const runCount = writeRuns(runs, fy, fx, top, left, bandColumns, kh, kw, sh, sw, ph, pw, dh, dw, pixel);
        const runLength = runCount == tapsY ? tapsX * outputs : outputs;
        product(copy, sources, targets, p, runs, runCount, runLength, panels, panelBytes, to, plane, first, next, scratch);
        panels += (<usize>(tapsY * tapsX * outputs)) << 5;
      }
    }
  }
}

/** Offsets of the runs of a phase: one for each row of taps where they lie side by side, else one for each tap. Returns how many. */
function writeRuns(
  runs: usize,
  fy: i32,
  fx: i32,
  top: i32,
  left: i32,
  bandColumns: i32,
  kh: i32,
  kw: i32,
  sh: i32,
  sw: i32,
  ph: i32,
  pw: i32,
  dh: i32,
  dw: i32,
  pixel: usize,
): i32 {
  let first = i32.MIN_VALUE;
  let last = 0;
  let taps = 0;
  for (let kx = kw - 1; kx >= 0; kx--) {
    if (!reaches(fx, kx, sw, pw, dw)) continue;
    last = outputShift(fx, kx, sw, pw, dw);
    if (first == i32.MIN_VALUE) first = last;
    taps++;
  }
  const contiguous = last - first + 1 == taps;
  let count = 0;
  for (let ky = kh - 1; ky >= 0; ky--) {
    if (!reaches(fy, ky, sh, ph, dh)) continue;
    const row = (outputShift(fy, ky, sh, ph, dh) - top) * bandColumns - left;
    for (let kx = kw - 1; kx >= 0; kx--) {
      if (!reaches(fx, kx, sw, pw, dw)) continue;
      const offset = <usize>(row + outputShift(fx, kx, sw, pw, dw)) * pixel;
      store<u32>(runs + ((<usize>count) << 2), <u32>offset);
      count++;
      if (contiguous) break;
    }
  }
  return count;
}

/** Where part `part` of the channels begins: a multiple of 8. */
// @ts-ignore: decorator
@inline
function partOf(channels: i32, part: i32, parts: i32): i32 {
  return min(channels, ((((channels + 7) >> 3) * part) / parts) << 3);
}

/** The product of `count` pixels of a band and packed weights, written at `targets` in planes `first` … `next` − 1. */
function product(
  band: usize,
  sources: usize,
  targets: usize,
  count: i32,
  runs: usize,
  runCount: i32,
  runLength: i32,
  panels: usize,
  panelBytes: usize,
  to: usize,
  plane: usize,
  first: i32,
  next: i32,
  bounce: usize,
): void {
  if (count == 0) return;
  // The last tile may have less than 4 pixels: the missing ones repeat the last, and are not written.
  const last = sources + ((<usize>(count - 1)) << 2);
  for (let i: usize = 4; i <= 12; i += 4) store<u32>(last + i, load<u32>(last));
  for (let channel = first; channel < next; channel += 8) {
    const panel = panels + <usize>(channel >> 3) * panelBytes;
    const planes = to + <usize>channel * plane;
    const width = min(8, next - channel);
    for (let p = 0; p < count; p += 4) {
      const s = sources + ((<usize>p) << 2);
      const a0 = band + <usize>load<u32>(s);
      const a1 = band + <usize>load<u32>(s, 4);
      const a2 = band + <usize>load<u32>(s, 8);
      const a3 = band + <usize>load<u32>(s, 12);
      tile(a0, a1, a2, a3, runs, runCount, runLength, panel, bounce, 32, 0);
      placePixels(bounce, planes, plane, targets + ((<usize>p) << 2), min(4, count - p), width);
    }
  }
}

/** Writes a tile of 4 pixels by 8 channels to its planes. */
function placePixels(bounce: usize, to: usize, plane: usize, targets: usize, count: i32, width: i32): void {
  const t0 = <usize>load<u32>(targets);
  let done = 0;
  if (count == 4 && <usize>load<u32>(targets, 4) == t0 + 4 && <usize>load<u32>(targets, 12) == t0 + 12) {
    for (; done + 4 <= width; done += 4) {
      transpose4x4(bounce + ((<usize>done) << 2), 32, to + t0 + <usize>done * plane, plane);
    }
  }
  for (let i = 0; i < count; i++) {
    const t = to + <usize>load<u32>(targets + ((<usize>i) << 2));
    const s = bounce + ((<usize>i) << 5);
    for (let j = done; j < width; j++) {
      store<f32>(t + <usize>j * plane, load<f32>(s + ((<usize>j) << 2)));
    }
  }
}
