/**
 * Sums over the pixels of every channel, of what is computed from them on the way: [B, C, …] → [C].
 *
 * A channel of an image is summed by several cells side by side, each of which takes every T-th pixel; then `reduce` sums their sums.
 */
import { sizeOf, type Shape } from "../../shape.js";
import type { Tensor } from "../../tensor.js";
import type { Context } from "./context.js";
import { kernelOfText, type Kernel } from "./kernel.js";
import { reduce } from "./reductions.js";

/** x as [images, channels, pixels]. */
export interface Extents {
  readonly images: number;
  readonly channels: number;
  readonly pixels: number;
}

/** Of [B, C, …]; of [M] that of one channel. */
export function extentsOf(shape: Shape): Extents {
  if (shape.length === 1) return { images: 1, channels: 1, pixels: shape[0] };
  return { images: shape[0], channels: shape[1], pixels: sizeOf(shape.slice(2)) };
}

/** In the texts below: the pixel that is added next, and its channel. */
const PIXEL = "(this.thread.z * channels + this.thread.y) * pixels + step * width + this.thread.x";
const CHANNEL = "this.thread.y";

/** (x − mean)² */
export const squaredDeviations = sumKernel(
  "squared deviations",
  ["x", "mean"],
  [`const deviation = x[${PIXEL}] - mean[${CHANNEL}];`, `sum += deviation * deviation;`],
);

/** dy · x̂, with x̂ = (x − mean) · inverse */
export const normalizedProducts = sumKernel(
  "normalized products",
  ["dy", "x", "mean", "inverse"],
  [`sum += dy[${PIXEL}] * ((x[${PIXEL}] - mean[${CHANNEL}]) * inverse[${CHANNEL}]);`],
);

/** dy · x where x is not positive, which is where a slope is used */
export const slopeUses = sumKernel(
  "slope uses",
  ["dy", "x"],
  [`const value = x[${PIXEL}];`, `if (!(value > 0)) sum += dy[${PIXEL}] * value;`],
);

function sumKernel(name: string, arrays: readonly string[], statements: readonly string[]): Kernel {
  return kernelOfText(
    name,
    { arrays: arrays.length, integers: 4 },
    `function (${arrays.join(", ")}, channels, pixels, width, steps) {
      let sum = 0;
      for (let step = 0; step < steps; step++) {
        if (step * width + this.thread.x < pixels) {
          ${statements.join("\n          ")}
        }
      }
      return sum;
    }`,
  );
}

/** [C], or [1] where all channels are one. */
export function channelSums(
  context: Context,
  from: Kernel,
  inputs: readonly Tensor[],
  { images, channels, pixels }: Extents,
  channelsAreOne = false,
): Tensor {
  const width = Math.ceil(Math.sqrt(pixels));
  const scalars = [channels, pixels, width, Math.ceil(pixels / Math.max(1, width))];
  return context.scope(() => {
    const sums = context.launch(from, [images, channels, width], [width, channels, images], inputs, scalars);
    return channelsAreOne
      ? reduce(context, "sum", sums, [0, 1, 2], false).reshape([1])
      : reduce(context, "sum", sums, [0, 2], false);
  });
}
