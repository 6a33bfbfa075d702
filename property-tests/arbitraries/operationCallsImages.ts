/** Calls of convolution and pooling: windows that fit their images, with borders that meet no window. */
import fc from "fast-check";
import * as ag from "../../src/autograd/index.js";
import type { Window2d } from "../../src/tensor/engine.js";
import { vectors } from "./arrays.js";
import { extreme } from "./numbers.js";
import { apart, callsOf, tame, type CallGenerator, type Fill } from "./operationCall.js";

const anySize: Fill = (size) => vectors(size, extreme());
const tied: Fill = (size) => vectors(size, fc.integer({ min: -2, max: 2 }));

const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const pairs = (arbitrary: fc.Arbitrary<number>): fc.Arbitrary<[number, number]> => fc.tuple(arbitrary, arbitrary);

/** A window, and an image of at least its span. `maxPadding` follows from the kernel. */
function windows(
  maxPadding: (kernel: number) => number,
  maxDilation: number,
): fc.Arbitrary<{ window: Window2d; image: [number, number] }> {
  const side = fc
    .record({ kernel: upTo(3), stride: upTo(3), dilation: upTo(maxDilation), spare: fc.nat({ max: 4 }) })
    .chain((chosen) =>
      fc.nat({ max: maxPadding(chosen.kernel) }).map((padding) => {
        const span = chosen.dilation * (chosen.kernel - 1) + 1;
        return { ...chosen, padding, extent: Math.max(1, span + chosen.spare - 2 * padding) };
      }),
    );
  return fc.tuple(side, side).map(([y, x]) => ({
    window: {
      kernel: [y.kernel, x.kernel],
      stride: [y.stride, x.stride],
      padding: [y.padding, x.padding],
      dilation: [y.dilation, x.dilation],
    },
    image: [y.extent, x.extent],
  }));
}

/** Groups from one for all channels to one for each, with more than one filter a group. */
const convolutions = fc
  .tuple(
    windows(() => 3, 2),
    upTo(2),
    pairs(upTo(3)),
    upTo(3),
    fc.boolean(),
  )
  .map(([{ window, image }, batch, [depth, filters], groups, biased]) => {
    const { kernel, ...placement } = window;
    const outputs = filters * groups;
    const shapes = [[batch, depth * groups, ...image], [outputs, depth, ...kernel], ...(biased ? [[outputs]] : [])];
    return { shapes, options: { ...placement, groups } };
  });

const pools = fc
  .tuple(
    windows((kernel) => Math.floor(kernel / 2), 1),
    pairs(upTo(2)),
  )
  .map(([{ window, image }, lead]) => ({
    shapes: [[...lead, ...image]],
    options: window,
  }));

export const imageCalls: readonly CallGenerator[] = [
  callsOf(ag.conv2dOperation, convolutions, { wide: anySize, smooth: tame }),
  callsOf(ag.maxPool2dOperation, pools, { wide: tied, smooth: apart() }),
  callsOf(ag.averagePool2dOperation, pools, { wide: anySize, smooth: tame }),
];
