/**
 * The gradient of a convolution's weights: dW[o, (ky, kx, c)] = Σ_b Σ_p dy[b, o, p] · x[b, c, pixel p + tap].
 *
 * The batch is divided into chunks (fixed by the shape); an item sums the product of one chunk into a partial gradient of its own,
 * and a second kernel adds the partial gradients in their order. Rows of the register tile are 4 output channels, whose planes of dy
 * are read where they lie; columns are 8 successive elements of a run (imageBand.ts), packed pixel by pixel.
 */
import { copyBand } from "./imageBand";
import { tile } from "./tile";

// @ts-ignore: decorator
@inline
function lines(words: i32): usize {
  return ((<usize>words << 2) + 63) & ~63;
}

/**
 * partial[chunk][group][panel of 4 o][run][panel of 8][4][8] = the product over the chunk. Items: chunks × groups. A unit is a band of
 * `bandRows` rows of y in `images` images; chunk t has the units t·U/T … (t + 1)·U/T − 1.
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
    const group = item % groups;
    const chunk = item / groups;
    const unitEnd = <i32>((<i64>units * (chunk + 1)) / chunks);
    const firstUnit = <i32>((<i64>units * chunk) / chunks);
    const sum = partial + ((<usize>item * <usize>(panels * tiles)) << 7);
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
      let target = sum;
      for (let run = 0; run < runCount; run++) {
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

/** dW[o, c, ky, kx] = Σ_chunk partial. Items: output channels of all groups. */
export function sumWeightGradients(
  begin: i32,
  end: i32,
  _scratch: usize,
  partial: usize,
  dw: usize,
  groups: i32,
  channels: i32,
  outputs: i32,
  kh: i32,
  kw: i32,
  contiguous: i32,
  chunks: i32,
): void {
  const runLength = contiguous ? kw * channels : channels;
  const tilesOfRun = (runLength + 7) >> 3;
  const tiles = tilesOfRun * kh * (contiguous ? 1 : kw);
  const groupBytes = (<usize>(((outputs + 3) >> 2) * tiles)) << 7;
  const chunkBytes = groupBytes * <usize>groups;
  for (let item = begin; item < end; item++) {
    const o = item % outputs;
    const row = partial + <usize>(item / outputs) * groupBytes + ((<usize>((o >> 2) * tiles)) << 7) + ((<usize>(o & 3)) << 5);
    for (let ky = 0; ky < kh; ky++) {
      for (let kx = 0; kx < kw; kx++) {
        const run = contiguous ? ky : ky * kw + kx;
        for (let c = 0; c < channels; c++) {
          const j = contiguous ? kx * channels + c : c;
          let s = row + ((<usize>(run * tilesOfRun + (j >> 3))) << 7) + ((<usize>(j & 7)) << 2);
          let sum: f32 = 0;
          for (let chunk = 0; chunk < chunks; chunk++) {
            sum += load<f32>(s);
            s += chunkBytes;
          }
          store<f32>(dw + ((<usize>(((item * channels + c) * kh + ky) * kw + kx)) << 2), sum);
        }
      }
    }
  }
}
