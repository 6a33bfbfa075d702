/**
 * Resizing one plane along its two axes, one after the other: out = R · in · Cᵀ.
 *
 * R and C are sparse: an output position is a weighted mean of a few neighbouring input positions. What the weights are is the business of
 * the kernel (`areaResize.ts`, `resize.ts`); they are computed once for all planes of a size.
 */

/** Resizes one plane of H x W values at `inputOffset` into one of H' x W' at `outputOffset` of another array. */
export type PlaneResizer = (
  input: Float32Array | Uint8Array,
  inputOffset: number,
  output: Float32Array,
  outputOffset: number,
) => void;

/** The weights of one output position: of input positions `first`, `first` + 1, … */
export interface Taps {
  readonly first: number;
  /** One at least; they sum to one. */
  readonly weights: readonly number[];
}

/** The weights of all output positions of an axis. */
export interface AxisWeights {
  readonly input: number;
  readonly output: number;
  /** First input position that output position i uses, [output]. */
  readonly first: Int32Array;
  /** Number of input positions that it uses, [output]. */
  readonly length: Int32Array;
  /** Their weights, `stride` apart: [output, stride] */
  readonly weights: Float32Array;
  readonly stride: number;
}

/** Lays the taps of every output position of an axis side by side. */
export function axisWeights(input: number, output: number, tapsOf: (position: number) => Taps): AxisWeights {
  const taps = Array.from({ length: output }, (_, position) => tapsOf(position));
  const stride = taps.reduce((longest, { weights }) => Math.max(longest, weights.length), 0);
  const weights = new Float32Array(output * stride);
  taps.forEach((tap, position) => weights.set(tap.weights, position * stride));
  return {
    input,
    output,
    first: Int32Array.from(taps, (tap) => tap.first),
    length: Int32Array.from(taps, (tap) => tap.weights.length),
    weights,
    stride,
  };
}

/** A resizer with these weights down the rows (R) and along the columns (C). Not to be called from within itself: it has one scratch plane. */
export function separableResizer(rows: AxisWeights, columns: AxisWeights): PlaneResizer {
  const [height, width, outputHeight, outputWidth] = [rows.input, columns.input, rows.output, columns.output];
  const narrow = new Float32Array(height * outputWidth); // after the columns, before the rows
  return (input, inputOffset, output, outputOffset) => {
    for (let row = 0; row < height; row++) {
      for (let i = 0; i < outputWidth; i++) {
        const from = inputOffset + row * width + columns.first[i];
        let sum = 0;
        for (let k = 0; k < columns.length[i]; k++) sum += columns.weights[i * columns.stride + k] * input[from + k];
        narrow[row * outputWidth + i] = sum;
      }
    }
    output.fill(0, outputOffset, outputOffset + outputHeight * outputWidth);
    for (let i = 0; i < outputHeight; i++) {
      const to = outputOffset + i * outputWidth;
      for (let k = 0; k < rows.length[i]; k++) {
        const weight = rows.weights[i * rows.stride + k];
        const from = (rows.first[i] + k) * outputWidth;
        for (let column = 0; column < outputWidth; column++) output[to + column] += weight * narrow[from + column];
      }
    }
  };
}
