/**
 * The gradient of a convolution's weights: dW[o, (ky, kx, c)] = Σ_b Σ_p dy[b, o, p] · x[b, c, pixel p + tap].
 *
 * The batch is divided into chunks (fixed by the shape); an item sums the product of one chunk into a partial gradient of its own,
 * and a second kernel adds the partial gradients in their order. Rows of the register tile are 4 output channels, whose planes of dy
 * are read where they lie; columns are 8 successive elements of a run (imageBand.ts), packed pixel by pixel.
 */
import { copyBand, lines } from "./imageBand";
import { tile } from "./tile";

/**
 * partial[chunk][group][panel of 4 o][run][panel of 8][4][8] = the product over the chunk. Items: chunks × groups × parts. A unit is
 * a band of `bandRows` rows of y in `images` images; chunk t has the units t·U/T … (t + 1)·U/T − 1. A part is a share of the runs: where the
 * weights are many, more chunks would cost more memory than copying a band for every part costs time.
 */
export function convolveWeights(
  begin: i32,
  end: i32,
  scratch: usize,
  x: usize,
  dy: usize,
  partial: usize,
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
  chunks: i32,
  parts: i32,
): void {
  const bands = (rows + bandRows - 1) / bandRows;
  const units = bands * ((batch + images - 1) / images);
  const copyStepY = kh == 1 ? sh : 1;
  const copyStepX = kw == 1 ? sw : 1;
  const stepY = kh == 1 ? 1 : sh;
  const stepX = kw == 1 ? 1 : sw;
  const bandColumns = (columns - 1) * stepX + (kw - 1) * dw + 1;
  const pixel = (<usize>channels) << 2;
  const bandBytes = <usize>(((bandRows - 1) * stepY + (kh - 1) * dh + 1) * bandColumns) * pixel;
  const contiguous = dw == 1 || kw == 1;
  const runCount = contiguous ? kh : kh * kw;
  const runLength = contiguous ? kw * channels : channels;

  const imageRuns = scratch;
  const sources = imageRuns + lines(images);
  const panel = sources + lines(images * bandRows * columns);
  const copy = panel + ((<usize>(images * bandRows * columns)) << 5);

  const plane = (<usize>(rows * columns)) << 2;
  const panels = (outputs + 3) >> 2;
  const tiles = runCount * ((runLength + 7) >> 3); // to a panel of outputs
  for (let item = begin; item < end; item++) {
    const part = item % parts;
    const firstRun = (runCount * part) / parts;
    const runEnd = (runCount * (part + 1)) / parts;
    const group = (item / parts) % groups;
    const chunk = item / parts / groups;
    const unitEnd = <i32>((<i64>units * (chunk + 1)) / chunks);
    const firstUnit = <i32>((<i64>units * chunk) / chunks);
    const sum = partial + ((<usize>(item / parts) * <usize>(panels * tiles)) << 7);
    for (let unit = firstUnit; unit < unitEnd; unit++) {
      const row0 = (unit % bands) * bandRows;
      const image0 = (unit / bands) * images;
      const count = min(images, batch - image0);
      const rowCount = min(bandRows, rows - row0);
      let p = 0;
      for (let i = 0; i < count; i++) {
        const from = x + ((<usize>((image0 + i) * groups + group) * <usize>(channels * height * width)) << 2);
        const band = <usize>i * bandBytes;
        const copyRows = (rowCount - 1) * stepY + (kh - 1) * dh + 1;
        const firstRow = row0 * sh - ph;
        copyBand(from, channels, height, width, firstRow, copyStepY, copyRows, -pw, copyStepX, bandColumns, copy + band);
        store<u32>(imageRuns + ((<usize>i) << 2), <u32>(<usize>(i * groups * outputs) * plane));
        for (let row = 0; row < rowCount; row++) {
          for (let column = 0; column < columns; column++) {
            const offset = band + <usize>(row * stepY * bandColumns + column * stepX) * pixel;
            store<u32>(sources + ((<usize>p) << 2), <u32>offset);
            p++;
          }
        }
      }
      const rowsOfA = dy + <usize>((image0 * groups + group) * outputs) * plane + ((<usize>(row0 * columns)) << 2);
      const length = rowCount * columns;
      let target = sum + ((<usize>(firstRun * ((runLength + 7) >> 3))) << 7);
      for (let run = firstRun; run < runEnd; run++) {
        const ky = contiguous ? run : run / kw;
        const kx = contiguous ? 0 : run % kw;
        const window = copy + <usize>(ky * dh * bandColumns + kx * dw) * pixel;
        for (let j = 0; j < runLength; j += 8) {
          packPixels(window + ((<usize>j) << 2), sources, p, panel);
          let t = target;
          for (let o = 0; o < outputs; o += 4) {
            const a0 = rowsOfA + <usize>o * plane;
            const a1 = rowsOfA + <usize>min(o + 1, outputs - 1) * plane;
            const a2 = rowsOfA + <usize>min(o + 2, outputs - 1) * plane;
            const a3 = rowsOfA + <usize>min(o + 3, outputs - 1) * plane;
            tile(a0, a1, a2, a3, imageRuns, count, length, panel, t, 32, i32(unit > firstUnit));
            t += (<usize>tiles) << 7;
          }
          target += 128;
        }
      }
    }
  }
}

/** panel[p][8] = 8 elements at every pixel. Where a run ends early, the rest is what lies behind it, and is never used. */
function packPixels(window: usize, sources: usize, count: i32, panel: usize): void {
  const end = sources + ((<usize>count) << 2);
  while (sources < end) {
    const s = window + <usize>load<u32>(sources);
    v128.store(panel, v128.load(s));
    v128.store(panel, v128.load(s, 16), 16);
    sources += 4;
    panel += 32;
  }
}

/**
 * dW[o, c, ky, kx] = Σ_chunk partial, chunks in their order, summed in place in the first one. Items: groups × panels of 4 output channels.
 * contiguous: whether a run is a row of taps, or one tap.
 */
export function sumWeightGradients(
  begin: i32,
  end: i32,
  scratch: usize,
  partial: usize,
  gradient: usize,
  groups: i32,
  channels: i32,
  outputs: i32,
  kh: i32,
  kw: i32,
  contiguous: i32,
  chunks: i32,
): void {
  const runCount = contiguous ? kh : kh * kw;
  const runLength = contiguous ? kw * channels : channels;
  const panels = (outputs + 3) >> 2;
  const runBytes = (<usize>((runLength + 7) >> 3)) << 7;
  const panelBytes = <usize>runCount * runBytes;
  const chunkBytes = <usize>(panels * groups) * panelBytes;
  const taps = (<usize>(kh * kw)) << 2;
  for (let item = begin; item < end; item++) {
    const first = partial + <usize>item * panelBytes;
    for (let chunk = 1; chunk < chunks; chunk++) addFloats(first, first + <usize>chunk * chunkBytes, panelBytes);
    const o0 = (item % panels) << 2;
    const rows = min(4, outputs - o0);
    for (let row = 0; row < rows; row++) {
      const filter = gradient + <usize>((item / panels) * outputs + o0 + row) * <usize>channels * taps;
      for (let run = 0; run < runCount; run++) {
        let source = first + <usize>run * runBytes + ((<usize>row) << 5);
        let target = filter + ((<usize>(contiguous ? run * kw : run)) << 2);
        let c = 0;
        for (let j = 0; j < runLength; j++) {
          store<f32>(target, load<f32>(source));
          source += (j & 7) == 7 ? 100 : 4; // 8 elements of this row, then those of the three others
          target += taps;
          if (++c == channels) {
            c = 0;
            target += 4 - <usize>channels * taps; // the next tap of the first channel
          }
        }
      }
    }
  }
}

/** target += source, for a multiple of 32 bytes. */
function addFloats(target: usize, source: usize, bytes: usize): void {
  const end = target + bytes;
  while (target < end) {
    v128.store(target, f32x4.add(v128.load(target), v128.load(source)));
    v128.store(target, f32x4.add(v128.load(target, 16), v128.load(source, 16)), 16);
    target += 32;
    source += 32;
  }
}
