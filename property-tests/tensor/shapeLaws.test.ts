/** Kernels that only move elements: what undoes what, to the bit, on every engine. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import type { Engine } from "../../src/tensor/engine.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { arrays, type HostArray } from "../arbitraries/arrays.js";
import { extreme } from "../arbitraries/numbers.js";
import { broadcastingShapes, permutations, shapes } from "../arbitraries/shapes.js";
import { engines } from "../engines.js";
import { property } from "../property.js";

/** Ones and zeros among the extents. */
const tensors = shapes({ minRank: 1, minExtent: 0 }).chain((shape) => arrays(shape, extreme()));

/** `body` on every engine, in a scope; the results have these shapes and elements. */
function assertOnAll(
  { shape, values }: HostArray,
  body: (x: Tensor, engine: Engine) => Tensor,
  expected: HostArray,
): void {
  for (const engine of engines) {
    engine.scope(() => {
      const y = body(engine.tensor(values, shape), engine);
      assert.deepEqual(y.shape, expected.shape, engine.name);
      assert.deepEqual([...y.dataSync()], expected.values, engine.name);
    });
  }
}

describe("permuting", () => {
  const permuted = tensors.chain((x) =>
    fc.tuple(fc.constant(x), permutations(x.shape.length), permutations(x.shape.length)),
  );

  property("and permuting back is nothing", [permuted], ([x, order]) => {
    const inverse = order.map((_, axis) => order.indexOf(axis));
    assertOnAll(x, (tensor, engine) => engine.permute(engine.permute(tensor, order), inverse), x);
  });

  property("twice is permuting once, by the composition", [permuted], ([x, first, second]) => {
    for (const engine of engines) {
      engine.scope(() => {
        const tensor = engine.tensor(x.values, x.shape);
        const twice = engine.permute(engine.permute(tensor, first), second);
        const once = engine.permute(
          tensor,
          second.map((axis) => first[axis]),
        );
        assert.deepEqual([twice.shape, twice.dataSync()], [once.shape, once.dataSync()], engine.name);
      });
    }
  });
});

describe("slicing and concatenating", () => {
  const cut = tensors.chain((x) =>
    fc.nat({ max: x.shape.length - 1 }).chain((axis) => {
      const cuts = fc
        .array(fc.nat({ max: x.shape[axis] }), { maxLength: 4 })
        .map((at) => [0, ...at.sort((a, b) => a - b), x.shape[axis]]);
      return fc.record({ x: fc.constant(x), axis: fc.constant(axis), cuts });
    }),
  );

  property("undo each other, empty parts included", [cut], ({ x, axis, cuts }) => {
    assertOnAll(
      x,
      (tensor, engine) => {
        const parts = cuts.slice(1).map((end, part) => engine.slice(tensor, axis, cuts[part], end));
        return engine.concatenate(parts, axis);
      },
      x,
    );
  });

  property("a slice of a slice is a slice", [cut], ({ x, axis, cuts: [, first, second = first, third = second] }) => {
    for (const engine of engines) {
      engine.scope(() => {
        const tensor = engine.tensor(x.values, x.shape);
        const inner = engine.slice(engine.slice(tensor, axis, first, third), axis, 0, second - first);
        const direct = engine.slice(tensor, axis, first, second);
        assert.deepEqual([inner.shape, inner.dataSync()], [direct.shape, direct.dataSync()], engine.name);
      });
    }
  });
});

describe("broadcasting", () => {
  property(
    "in two steps is broadcasting in one, and every element is that of the operand",
    [broadcastingShapes().chain(([a, b, both]) => fc.tuple(arrays(a, extreme()), fc.constant(b), fc.constant(both)))],
    ([a, , both]) => {
      const wider = [2, ...both];
      for (const engine of engines) {
        engine.scope(() => {
          const tensor = engine.tensor(a.values, a.shape);
          const once = engine.broadcastTo(tensor, wider);
          const twice = engine.broadcastTo(engine.broadcastTo(tensor, both), wider);
          assert.deepEqual(twice.dataSync(), once.dataSync(), engine.name);
          // the largest of copies is the number itself: folding back gives the operand
          const lead = wider.length - a.shape.length;
          const stretched = wider.flatMap((_, axis) => (axis < lead || a.shape[axis - lead] === 1 ? [axis] : []));
          const folded = engine.reduce("maximum", once, stretched, true);
          assert.deepEqual(
            [...folded.dataSync()].map((x) => x + 0),
            [...tensor.dataSync()].map((x) => x + 0),
            engine.name,
          );
        });
      }
    },
  );
});
