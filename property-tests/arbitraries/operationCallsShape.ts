/** Calls of operations that move elements, and of sums, means and maxima over axes. */
import fc from "fast-check";
import * as ag from "../../src/autograd/index.js";
import { sizeOf } from "../../src/tensor/shape.js";
import { vectors } from "./arrays.js";
import { extreme } from "./numbers.js";
import { apart, callsOf, tame, type CallGenerator, type Fill } from "./operationCall.js";
import { broadcastingShapes, permutations, shapes } from "./shapes.js";

const anySize: Fill = (size) => vectors(size, extreme());
const fills = { wide: anySize, smooth: tame };

const reshapes = shapes({ minExtent: 0 }).chain((shape) =>
  permutations(shape.length).map((order) => {
    const moved = order.map((axis) => shape[axis]);
    return { shapes: [shape], options: { shape: sizeOf(shape) > 0 ? [...moved.slice(1), 1, -1] : moved } };
  }),
);

const permuted = shapes({ minExtent: 0 }).chain((shape) =>
  permutations(shape.length).map((permutation) => ({ shapes: [shape], options: { permutation } })),
);

/** Empty slices among them. */
const slices = shapes({ minRank: 1 }).chain((shape) =>
  fc.nat({ max: shape.length - 1 }).chain((axis) =>
    fc.tuple(fc.nat({ max: shape[axis] }), fc.nat({ max: shape[axis] })).map(([a, b]) => ({
      shapes: [shape],
      options: { axis, start: Math.min(a, b), end: Math.max(a, b) },
    })),
  ),
);

/** Parts of extent 0 among them. */
const concatenations = shapes({ minRank: 1, maxRank: 3 }).chain((shape) =>
  fc
    .tuple(fc.nat({ max: shape.length - 1 }), fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 4 }))
    .map(([axis, extents]) => ({ shapes: extents.map((extent) => shape.with(axis, extent)), options: { axis } })),
);

const broadcasts = broadcastingShapes({ minExtent: 0 }).map(([a, , both]) => ({
  shapes: [a],
  options: { shape: both },
}));

/** Over any axes, or none. */
const reductions = shapes({ maxExtent: 4 }).chain((shape) =>
  fc.tuple(fc.subarray([...shape.keys()]), fc.boolean()).map(([axes, keepDims]) => ({
    shapes: [shape],
    options: { axes, keepDims },
  })),
);
const tied: Fill = (size) => vectors(size, fc.integer({ min: -2, max: 2 }));

export const shapeCalls: readonly CallGenerator[] = [
  callsOf(ag.reshapeOperation, reshapes, fills),
  callsOf(ag.permuteOperation, permuted, fills),
  callsOf(ag.sliceOperation, slices, fills),
  callsOf(ag.concatenateOperation, concatenations, fills),
  callsOf(ag.broadcastToOperation, broadcasts, fills),
  callsOf(ag.sumOperation, reductions, fills),
  callsOf(ag.meanOperation, reductions, fills),
  callsOf(ag.maximumOverOperation, reductions, { wide: tied, smooth: apart() }),
];
