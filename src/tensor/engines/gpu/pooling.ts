/**
 * Maximum and average pooling of [B, C, H, W]: kernels of one text, with a loop over the pixels of a window or over the windows of a pixel.
 *
 * A derivative is gathered: every pixel asks for each tap which window meets it with that tap, if there is one. Which tap of a window
 * holds the largest pixel is found beforehand, once a window.
 */
import type { Window2d } from "../../engine.js";
import { sizeOf, type Shape } from "../../shape.js";
import type { Tensor } from "../../tensor.js";
import type { Context } from "./context.js";
import { WITH_QUOTIENT, integer, quotient, remainder } from "./integers.js";
import { kernelOfText, type Kernel } from "./kernel.js";
import { outputExtents } from "./windows.js";

/** Whole numbers that every kernel here takes, as `geometryOf` gives them. */
const GEOMETRY = [
  ...["channels", "height", "width", "outHeight", "outWidth", "kernelHeight", "kernelWidth"],
  ...["strideDown", "strideRight", "above", "left", "dilationDown", "dilationRight"],
];

/** What a kernel adds to the loop. */
interface Body {
  readonly arrays: readonly string[];
  /** The other numbers that it takes. */
  readonly numbers?: readonly string[];
  readonly start: string;
  /** For every pixel of the window or every window of the pixel, with its tap `r`, `s`. Where that lies is `place`. */
  readonly visit: string;
  readonly end: string;
}

function poolKernel(name: string, { arrays, numbers = [], start, visit, end }: Body, loop: string): Kernel {
  return kernelOfText(
    name,
    { arrays: arrays.length, integers: GEOMETRY.length, numbers: numbers.length, helpers: WITH_QUOTIENT },
    `function (${[...arrays, ...GEOMETRY, ...numbers].join(", ")}) {
      let place = -1;
      place++; // counted, and so of type Integer
      ${start}
      ${loop.replace("VISIT", visit)}
      return ${end};
    }`,
  );
}

/** A cell is a window. */
function overPixels(name: string, body: Body): Kernel {
  return poolKernel(
    name,
    body,
    `for (let r = 0; r < kernelHeight; r++) {
      const row = ${quotient.name}(this.thread.x, outWidth) * strideDown + r * dilationDown - above;
      if (row >= 0 && row < height) {
        for (let s = 0; s < kernelWidth; s++) {
          const column = ${remainder.name}(this.thread.x, outWidth) * strideRight + s * dilationRight - left;
          if (column >= 0 && column < width) {
            place = (this.thread.z * channels + this.thread.y) * height * width + ${integer.name}(row * width + column);
            VISIT
          }
        }
      }
    }`,
  );
}

/** A cell is a pixel. The window that meets it with a tap begins a whole number of strides from the first one, or there is none. */
function overWindows(name: string, body: Body): Kernel {
  return poolKernel(
    name,
    body,
    `for (let r = 0; r < kernelHeight; r++) {
      const down = ${quotient.name}(this.thread.x, width) + above - r * dilationDown;
      const row = Math.floor(down / strideDown + 0.5);
      if (row * strideDown === down && row >= 0 && row < outHeight) {
        for (let s = 0; s < kernelWidth; s++) {
          const right = ${remainder.name}(this.thread.x, width) + left - s * dilationRight;
          const column = Math.floor(right / strideRight + 0.5);
          if (column * strideRight === right && column >= 0 && column < outWidth) {
            place = (this.thread.z * channels + this.thread.y) * outHeight * outWidth + ${integer.name}(row * outWidth + column);
            VISIT
          }
        }
      }
    }`,
  );
}

/** `lowest` is −∞. A NaN stays: it is what does not equal itself, and on GPUs no other comparison tells. */
const maximumKernel = overPixels("maxPool2d", {
  arrays: ["x"],
  numbers: ["lowest"],
  start: "let largest = lowest;",
  visit: "const value = x[place]; if (!(value === value) || value > largest) largest = value;",
  end: "largest",
});

/** The tap with the first of the largest pixels, counted row by row. A NaN counts as largest. */
const chosenTapKernel = overPixels("maxPool2dGradient, chosen taps", {
  arrays: ["x"],
  start: "let chosen = 0; let found = 0; let largest = 0;",
  visit: `const value = x[place];
    if (found < 1 || value > largest || (!(value === value) && largest === largest)) {
      chosen = r * kernelWidth + s;
      found = 1;
      largest = value;
    }`,
  end: "chosen",
});

const chosenGradientKernel = overWindows("maxPool2dGradient", {
  arrays: ["dy", "chosen"],
  start: "let sum = 0;",
  visit: "if (chosen[place] === r * kernelWidth + s) sum += dy[place];",
  end: "sum",
});

const averageKernel = overPixels("averagePool2d", {
  arrays: ["x"],
  numbers: ["share"],
  start: "let sum = 0;",
  visit: "sum += x[place];",
  end: "sum * share",
});

const averageGradientKernel = overWindows("averagePool2dGradient", {
  arrays: ["dy"],
  numbers: ["share"],
  start: "let sum = 0;",
  visit: "sum += dy[place];",
  end: "sum * share",
});

export function maxPool2d(context: Context, x: Tensor, window: Window2d): Tensor {
  return pool(context, maximumKernel, x, window, [-Infinity]);
}

export function maxPool2dGradient(context: Context, x: Tensor, dy: Tensor, window: Window2d): Tensor {
  return context.scope(() => {
    const chosen = pool(context, chosenTapKernel, x, window, []);
    return gradient(context, chosenGradientKernel, [dy, chosen], window, x.shape, []);
  });
}

export function averagePool2d(context: Context, x: Tensor, window: Window2d): Tensor {
  return pool(context, averageKernel, x, window, [1 / sizeOf(window.kernel)]);
}

export function averagePool2dGradient(context: Context, dy: Tensor, window: Window2d, inputShape: Shape): Tensor {
  return gradient(context, averageGradientKernel, [dy], window, inputShape, [1 / sizeOf(window.kernel)]);
}

function pool(context: Context, kernel: Kernel, x: Tensor, window: Window2d, numbers: readonly number[]): Tensor {
  const [images, channels] = x.shape;
  const [rows, columns] = outputExtents(x.shape, window);
  const shape = [images, channels, rows, columns];
  const scalars = [...geometryOf(x.shape, shape, window), ...numbers];
  return context.launch(kernel, shape, [rows * columns, channels, images], [x], scalars);
}

function gradient(
  context: Context,
  kernel: Kernel,
  inputs: readonly Tensor[],
  window: Window2d,
  shape: Shape,
  numbers: readonly number[],
): Tensor {
  const [images, channels, height, width] = shape;
  const scalars = [...geometryOf(shape, inputs[0].shape, window), ...numbers];
  return context.launch(kernel, shape, [height * width, channels, images], inputs, scalars);
}

function geometryOf([, ...extents]: Shape, [, , ...outExtents]: Shape, window: Window2d): number[] {
  const { kernel, stride, padding, dilation } = window;
  return [...extents, ...outExtents, ...kernel, ...stride, ...padding, ...dilation];
}
