/**
 * Convolutions on the wasm heap: chooses bands from the shape and runs the kernels of `kernels/convolution.ts`.
 *
 * All choices depend on the shape alone, so that every number of threads sums in the same order. Where every channel is convolved
 * by itself (depth-wise) there are kernels of their own (`kernels/depthwise.ts`); all other geometries are gathered products.
 */
import type { Conv2dGeometry } from "../../engine.js";
import type { Shape } from "../../shape.js";
import type { Runtime } from "./runtime.js";

/** Floats of a band, channels innermost: 256 KiB, so that it stays in L2 while every panel of weights passes over it. */
const BAND_FLOATS = 65536;
/** Pixels to an item at least, where the images are that small: a panel of weights is used for so many. */
const BAND_PIXELS = 256;
/** Pixels to a unit of the weight gradient at most: its panel, 8 floats a pixel, stays in L1. */
const UNIT_PIXELS = 512;
/** So many items at least, where the shape allows it, for threads to share. */
const ITEMS = 16;
/** Floats of all partial weight gradients together, at most (but for two). */
const PARTIAL_FLOATS = 8 * 2 ** 20;
/** From so many weights on, the rows of the kernel are items of their own, in place of more partial gradients. */
const MANY_WEIGHTS = 65536;

/** y = x ⋆ w. x: [B, C, H, W], w: [O, C/groups, KH, KW] → y: [B, O, H', W']; addresses on the heap of `runtime`. */
export function conv2d(
  runtime: Runtime,
  x: number,
  w: number,
  y: number,
  inputShape: Shape,
  weightShape: Shape,
  geometry: Conv2dGeometry,
): void {
  const sizes = measure(inputShape, weightShape, geometry);
  const { batch, groups, channels, outputs, rows, columns, kernel, stride } = sizes;
  if (batch * rows * columns * outputs * groups === 0) return;
  if (isDepthwise(sizes)) {
    const args = [x, w, y, ...planesOf(sizes)];
    return runtime.run("depthwiseForward", batch * groups, args, workOf(sizes), depthwiseScratch(sizes));
  }
  const [kh, kw] = kernel;
  const packed = runtime.allocate(4 * groups * 8 * Math.ceil(outputs / 8) * kh * kw * channels);
  packWeights(runtime, w, packed, sizes, false);
  const stepY = kh === 1 ? 1 : stride[0];
  const stepX = kw === 1 ? 1 : stride[1];
  const [dh, dw] = sizes.dilation;
  const bandColumns = (columns - 1) * stepX + (kw - 1) * dw + 1;
  const floats = (bandRows: number): number => ((bandRows - 1) * stepY + (kh - 1) * dh + 1) * bandColumns * channels;
  const band = chooseBand(batch, groups, rows, columns, floats, BAND_PIXELS, Infinity);
  const parts = partsOf(outputs, band.items);
  const args = [x, packed, y, ...common(sizes), band.images, band.rows, parts];
  runtime.run("convolveForward", band.items * parts, args, workOf(sizes), scratchOf(band, columns, floats, kh * kw));
  runtime.release(packed);
}

/** dx, the gradient of the input, from dy: [B, O, H', W'] and w. */
export function conv2dInputGradient(
  runtime: Runtime,
  dy: number,
  w: number,
  dx: number,
  inputShape: Shape,
  weightShape: Shape,
  geometry: Conv2dGeometry,
): void {
  const sizes = measure(inputShape, weightShape, geometry);
  const { batch, groups, channels, outputs, height, width, kernel, stride, padding, dilation } = sizes;
  if (batch * height * width * channels * groups === 0) return;
  if (isDepthwise(sizes)) {
    const args = [dy, w, dx, ...planesOf(sizes)];
    return runtime.run("depthwiseBackward", batch * groups, args, workOf(sizes), depthwiseScratch(sizes));
  }
  const [kh, kw] = kernel;
  const packed = runtime.allocate(4 * groups * 8 * Math.ceil(channels / 8) * kh * kw * outputs);
  packWeights(runtime, w, packed, sizes, true);
  const phaseRows = Math.ceil(height / stride[0]);
  const phaseColumns = Math.ceil(width / stride[1]);
  const spanY = spanOfShifts(kh, stride[0], padding[0], dilation[0]);
  const spanX = spanOfShifts(kw, stride[1], padding[1], dilation[1]);
  const floats = (bandRows: number): number => (bandRows + spanY) * (phaseColumns + spanX) * outputs;
  const band = chooseBand(batch, groups, phaseRows, phaseColumns, floats, BAND_PIXELS, Infinity);
  const parts = partsOf(channels, band.items);
  const args = [dy, packed, dx, ...common(sizes), band.images, band.rows, parts];
  runtime.run(
    "convolveBackward",
    band.items * parts,
    args,
    workOf(sizes),
    scratchOf(band, phaseColumns, floats, kh * kw),
  );
  runtime.release(packed);
}

/** dW, the gradient of the weights, from x and dy. */
export function conv2dWeightGradient(
  runtime: Runtime,
  x: number,
  dy: number,
  dW: number,
  inputShape: Shape,
  weightShape: Shape,
  geometry: Conv2dGeometry,
): void {
  const sizes = measure(inputShape, weightShape, geometry);
  const { batch, groups, channels, outputs, rows, columns, kernel, stride, dilation } = sizes;
  const [kh, kw] = kernel;
  if (groups * outputs * channels * kh * kw === 0) return;
  if (isDepthwise(sizes)) {
    const args = [x, dy, dW, batch, ...planesOf(sizes)];
    return runtime.run("depthwiseWeights", groups, args, workOf(sizes), depthwiseScratch(sizes));
  }
  const stepY = kh === 1 ? 1 : stride[0];
  const stepX = kw === 1 ? 1 : stride[1];
  const bandColumns = (columns - 1) * stepX + (kw - 1) * dilation[1] + 1;
  const floats = (bandRows: number): number =>
    ((bandRows - 1) * stepY + (kh - 1) * dilation[0] + 1) * bandColumns * channels;
  const band = chooseBand(batch, groups, rows, columns, floats, BAND_PIXELS, UNIT_PIXELS);
  const contiguous = dilation[1] === 1 || kw === 1;
  const runs = contiguous ? kh : kh * kw;
  const tiles = runs * Math.ceil((contiguous ? kw * channels : channels) / 8) * Math.ceil(outputs / 4);
  const floatsOfPartial = groups * tiles * 32;
  const units = band.items / groups;
  const parts = floatsOfPartial > MANY_WEIGHTS ? runs : 1;
  const chunks = Math.min(units, Math.ceil(ITEMS / parts), Math.max(2, Math.floor(PARTIAL_FLOATS / floatsOfPartial)));
  const partial = runtime.allocate(4 * chunks * floatsOfPartial);
  const pixels = band.images * band.rows * columns;
  const scratch = words(band.images) + words(pixels) + 32 * pixels + 4 * band.images * floats(band.rows) + 64;
  const args = [x, dy, partial, ...common(sizes), band.images, band.rows, chunks, parts];
  runtime.run("convolveWeights", chunks * groups * parts, args, workOf(sizes), scratch);
  const sumArgs = [partial, dW, groups, channels, outputs, kh, kw, Number(contiguous), chunks];
  runtime.run("sumWeightGradients", groups * Math.ceil(outputs / 4), sumArgs, chunks * floatsOfPartial);
  runtime.release(partial);
}

interface Sizes {
  readonly batch: number;
  readonly groups: number;
  /** Of one group. */
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Output channels of one group. */
  readonly outputs: number;
  readonly rows: number;
  readonly columns: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
}

function measure(inputShape: Shape, weightShape: Shape, geometry: Conv2dGeometry): Sizes {
  const [batch, , height, width] = inputShape;
  const [allOutputs, channels, kh, kw] = weightShape;
  const { stride, padding, dilation, groups } = geometry;
  const rows = Math.floor((height + 2 * padding[0] - dilation[0] * (kh - 1) - 1) / stride[0]) + 1;
  const columns = Math.floor((width + 2 * padding[1] - dilation[1] * (kw - 1) - 1) / stride[1]) + 1;
  const outputs = allOutputs / groups;
  return {
    batch,
    groups,
    channels,
    height,
    width,
    outputs,
    rows,
    columns,
    kernel: [kh, kw],
    stride,
    padding,
    dilation,
  };
}

/** The arguments that the three kernels share, in their order. */
function common(sizes: Sizes): number[] {
  const { batch, groups, channels, height, width, outputs, rows, columns, kernel, stride, padding, dilation } = sizes;
  const planes = [batch, groups, channels, height, width, outputs, rows, columns];
  return [...planes, ...kernel, ...stride, ...padding, ...dilation];
}

function workOf({ batch, groups, channels, outputs, rows, columns, kernel }: Sizes): number {
  return 2 * batch * groups * channels * outputs * rows * columns * kernel[0] * kernel[1];
}

function packWeights(runtime: Runtime, w: number, packed: number, sizes: Sizes, backward: boolean): void {
  const { groups, channels, outputs, kernel, stride, padding, dilation } = sizes;
  const [kh, kw] = kernel;
  const items = groups * Math.ceil((backward ? channels : outputs) / 8);
  const args = [w, packed, outputs, channels, kh, kw, ...stride, ...padding, ...dilation, Number(backward)];
  runtime.run("packWeights", items, args, 4 * groups * outputs * channels * kh * kw, 4 * kh * kw);
}

interface Band {
  /** Rows of output pixels to a band. */
  readonly rows: number;
  /** Images to an item; more than one only where a band is a whole image. */
  readonly images: number;
  /** Image groups × channel groups × bands. */
  readonly items: number;
}

/**
 * Bands as high as their copy fits the cache, lower where there are too few items to share; several images together where
 * whole images are small. `floats(rows)`: size of the copy for a band of so many rows.
 */
function chooseBand(
  batch: number,
  groups: number,
  rows: number,
  columns: number,
  floats: (rows: number) => number,
  fewestPixels: number,
  mostPixels: number,
): Band {
  const itemsWith = (bandRows: number, images: number): number =>
    Math.ceil(batch / images) * groups * Math.ceil(rows / bandRows);
  let bandRows = rows;
  const tooHigh = (): boolean => floats(bandRows) > BAND_FLOATS || bandRows * columns > mostPixels;
  const tooFew = (): boolean => itemsWith(bandRows, 1) < ITEMS && bandRows * columns >= 64;
  while (bandRows > 1 && (tooHigh() || tooFew())) bandRows = Math.ceil(bandRows / 2);
  let images = 1;
  if (bandRows === rows) {
    const grows = (): boolean =>
      2 * images * rows * columns <= fewestPixels &&
      2 * images * floats(rows) <= BAND_FLOATS &&
      itemsWith(rows, 2 * images) >= ITEMS;
    while (grows()) images *= 2;
  }
  return { rows: bandRows, images, items: itemsWith(bandRows, images) };
}

/** Where there are too few bands to share, output channels are shared too; each part copies the band for itself. */
function partsOf(channels: number, items: number): number {
  return Math.max(1, Math.min(Math.floor(channels / 32), Math.ceil(ITEMS / items)));
}

/** Bytes of that many words in whole cache lines, as the kernels lay out their tables. */
function words(count: number): number {
  return 64 * Math.ceil(count / 16);
}

/** A tile, the runs, the addresses of the pixels in the band and in the result, the band. */
function scratchOf(band: Band, columns: number, floats: (rows: number) => number, taps: number): number {
  const table = words(band.images * band.rows * columns + 4);
  return 128 + words(taps) + 2 * table + 4 * band.images * floats(band.rows) + 64;
}

/** Largest minus smallest shift between an input of a phase and the outputs it reaches (`kernels/taps.ts`). */
function spanOfShifts(kernel: number, stride: number, padding: number, dilation: number): number {
  const shifts: number[] = [];
  for (let f = 0; f < stride; f++) {
    for (let k = 0; k < kernel; k++) {
      const numerator = f + padding - k * dilation;
      if (numerator % stride === 0) shifts.push(numerator / stride);
    }
  }
  return Math.max(...shifts) - Math.min(...shifts);
}

function isDepthwise({ groups, channels, outputs }: Sizes): boolean {
  return groups > 1 && channels === 1 && outputs === 1;
}

/** The arguments of the depth-wise kernels. */
function planesOf({ groups, height, width, rows, columns, kernel, stride, padding, dilation }: Sizes): number[] {
  return [groups, height, width, rows, columns, ...kernel, ...stride, ...padding, ...dilation];
}

/** Enough for each of the three: tables of the taps, a plane with the pitch of the copy, the copy with all its phases. */
function depthwiseScratch({ height, width, rows, columns, kernel, stride, padding, dilation }: Sizes): number {
  const [kh, kw] = kernel;
  const [sh, sw] = stride;
  const tables = 6 * words(kh * kw);
  const forwardRows = rows + Math.floor(((kh - 1) * dilation[0]) / sh);
  const forwardPitch = columns + Math.floor(((kw - 1) * dilation[1]) / sw);
  const forward = (rows + sh * sw * forwardRows + 1) * forwardPitch;
  const phaseRows = Math.ceil(height / sh);
  const pitch = Math.ceil(width / sw) + spanOfShifts(kw, sw, padding[1], dilation[1]);
  const backward = (phaseRows + phaseRows + spanOfShifts(kh, sh, padding[0], dilation[0]) + 1) * pitch;
  return tables + 4 * (Math.max(forward, backward) + 16 + 32) + 128;
}
