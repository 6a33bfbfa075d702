/**
 * Gaussian blur of one plane, rows first, then columns: the weights of a two-dimensional Gaussian are products of two.
 *
 * The weights end at three standard deviations and sum to one. Beyond the border lies background, 0, as around a drawing; or the image
 * goes on as its mirror image, as around a photograph: then no light is lost, and the mean of the plane is kept (up to rounding).
 */

/** What lies beyond the border. */
export type Border = "background" | "mirror";

/** Below this deviation (in pixels) the neighbours' weight would be under 1e-5: nothing is done. */
const LEAST_DEVIATION = 0.2;

/**
 * Blurs the plane [H, W] of `image` at `offset`, in place.
 *
 * @param deviation standard deviation in pixels
 */
export function gaussianBlur(
  image: Float32Array,
  offset: number,
  height: number,
  width: number,
  deviation: number,
  border: Border,
): void {
  if (deviation < LEAST_DEVIATION) return;
  const weights = gaussianWeights(deviation);
  blurLines(image, offset, { lines: height, line: width, length: width, step: 1 }, weights, border);
  blurLines(image, offset, { lines: width, line: 1, length: height, step: width }, weights, border);
}

/** 2·reach + 1 weights that sum to one. */
function gaussianWeights(deviation: number): Float32Array {
  const reach = Math.ceil(3 * deviation);
  const weights = Float32Array.from({ length: 2 * reach + 1 }, (_, k) =>
    Math.exp(-0.5 * ((k - reach) / deviation) ** 2),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Parallel lines of pixels: `line` from one line to the next, `step` from one pixel of a line to the next. */
interface Lines {
  readonly lines: number;
  readonly line: number;
  readonly length: number;
  readonly step: number;
}

/** Convolves each line by itself. */
function blurLines(
  image: Float32Array,
  offset: number,
  { lines, line, length, step }: Lines,
  weights: Float32Array,
  border: Border,
): void {
  const reach = (weights.length - 1) / 2;
  const padded = new Float32Array(length + 2 * reach); // a line and what lies beyond its two ends
  for (let l = 0; l < lines; l++) {
    const from = offset + l * line;
    for (let i = 0; i < length; i++) padded[reach + i] = image[from + i * step];
    if (border === "mirror") {
      for (let k = 1; k <= reach; k++) {
        padded[reach - k] = padded[reach + mirrored(-k, length)];
        padded[reach + length - 1 + k] = padded[reach + mirrored(length - 1 + k, length)];
      }
    }
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * padded[i + k];
      image[from + i * step] = sum;
    }
  }
}

/** Where a position beyond 0 .. length-1 is seen in mirrors at both ends: … 1 0 | 0 1 … n-1 | n-1 n-2 … */
function mirrored(position: number, length: number): number {
  const period = 2 * length;
  const inPeriod = ((position % period) + period) % period;
  return inPeriod < length ? inPeriod : period - 1 - inPeriod;
}
