/** The arithmetic of shapes: broadcasting, strides, reshaping and axes. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import {
  broadcastShapes,
  broadcastStrides,
  normalizeAxes,
  resolveReshape,
  sizeOf,
  stridesOf,
} from "../../src/tensor/shape.js";
import { broadcastingShapes, permutations, shapes } from "../arbitraries/shapes.js";
import { property } from "../property.js";

const anyShape = shapes({ minExtent: 0 });
const broadcast = (a: readonly number[], b: readonly number[]): number[] => broadcastShapes(a, b, "test");

/** Three shapes that broadcast with each other: one, with axes made 1 and leading ones left out. */
const threeShapes = shapes({ minExtent: 0 }).chain((both) => {
  const part = fc
    .tuple(fc.array(fc.boolean(), { minLength: both.length, maxLength: both.length }), fc.nat({ max: both.length }))
    .map(([ones, cut]) => both.map((extent, axis) => (ones[axis] ? 1 : extent)).slice(cut));
  return fc.tuple(part, part, part);
});

/** Every position in a tensor of that shape, the last axis running fastest. */
function positions(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, extent) => all.flatMap((position) => Array.from({ length: extent }, (_, place) => [...position, place])),
    [[]],
  );
}

function offset(position: readonly number[], strides: readonly number[]): number {
  return position.reduce((sum, place, axis) => sum + place * strides[axis], 0);
}

describe("broadcasting", () => {
  property(
    "gives every axis the one extent that is not 1, whichever operand comes first",
    [broadcastingShapes({ minExtent: 0 })],
    ([a, b]) => {
      const rank = Math.max(a.length, b.length);
      const padded = [a, b].map((shape) => [...new Array<number>(rank - shape.length).fill(1), ...shape]);
      const expected = padded[0].map(
        (_, axis) => padded.map((shape) => shape[axis]).find((extent) => extent !== 1) ?? 1,
      );
      assert.deepEqual(broadcast(a, b), expected);
      assert.deepEqual(broadcast(b, a), expected);
    },
  );

  property("is associative, and neutral to scalars and to itself", [threeShapes], ([a, b, c]) => {
    assert.deepEqual(broadcast(broadcast(a, b), c), broadcast(a, broadcast(b, c)));
    assert.deepEqual(broadcast(a, []), a);
    assert.deepEqual(broadcast(a, a), a);
  });

  property(
    "refuses two extents that differ where neither is 1, and names both",
    [anyShape, anyShape, fc.constantFrom<[number, number]>([2, 3], [0, 2], [5, 4])],
    (lead, tail, [left, right]) => {
      const [a, b] = [left, right].map((extent) => [...lead, extent, ...tail]);
      assert.throws(() => broadcast(a, b), new RegExp(`has ${left} and ${right} elements, and neither is 1`));
    },
  );

  property(
    "walks over an operand with strides that stay where it is stretched",
    [broadcastingShapes()],
    ([a, , both]) => {
      const strides = broadcastStrides(a, both);
      const own = stridesOf(a);
      const lead = both.length - a.length;
      for (const position of positions(both)) {
        const folded = a.map((extent, axis) => (extent === 1 ? 0 : position[axis + lead]));
        assert.equal(offset(position, strides), offset(folded, own));
      }
    },
  );
});

describe("strides", () => {
  property("number the elements of a row-major array 0, 1, 2, …", [anyShape], (shape) => {
    const strides = stridesOf(shape);
    const offsets = positions(shape).map((position) => offset(position, strides));
    assert.deepEqual(
      offsets,
      Array.from({ length: sizeOf(shape) }, (_, i) => i),
    );
  });
});

describe("reshaping", () => {
  property(
    "fills in the extent that is left open, wherever it stands",
    [shapes({ minRank: 1 }), fc.nat()],
    (shape, position) => {
      const open = position % shape.length;
      assert.deepEqual(
        resolveReshape(
          shape.map((extent, axis) => (axis === open ? -1 : extent)),
          sizeOf(shape),
        ),
        shape,
      );
      assert.deepEqual(resolveReshape(shape, sizeOf(shape)), shape);
    },
  );

  property("refuses another number of elements", [anyShape, fc.integer({ min: 0, max: 700 })], (shape, size) => {
    fc.pre(size !== sizeOf(shape));
    assert.throws(() => resolveReshape(shape, size), /elements cannot be arranged as/);
  });

  property("refuses two open extents, and an open one that does not divide", [anyShape, anyShape], (lead, tail) => {
    assert.throws(() => resolveReshape([...lead, -1, ...tail, -1], sizeOf([...lead, ...tail])));
    const known = sizeOf([...lead, ...tail]);
    if (known !== 1) assert.throws(() => resolveReshape([...lead, -1, ...tail], known + 1), /cannot be arranged/);
  });
});

describe("axes", () => {
  const chosen = fc
    .integer({ min: 1, max: 5 })
    .chain((rank) =>
      fc.tuple(fc.constant(rank), permutations(rank), fc.nat({ max: rank }), fc.infiniteStream(fc.boolean())),
    );

  property(
    "may count from the end, come in any order and repeat: they are resolved ascending, each once",
    [chosen],
    ([rank, order, count, fromEnd]) => {
      const axes = order.slice(0, count);
      const given = axes.map((axis) => (fromEnd.next().value ? axis - rank : axis));
      const expected = [...axes].sort((a, b) => a - b);
      assert.deepEqual(normalizeAxes(given, rank, "test"), expected);
      assert.deepEqual(normalizeAxes([...given, ...axes], rank, "test"), expected);
    },
  );

  property("outside the rank are refused", [fc.nat({ max: 5 }), fc.nat({ max: 5 })], (rank, beyond) => {
    for (const axis of [rank + beyond, -rank - 1 - beyond, 0.5]) {
      assert.throws(() => normalizeAxes([axis], rank, "test"), /is outside a tensor of rank/);
    }
  });
});
