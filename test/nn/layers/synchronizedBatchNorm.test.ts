/** What it computes is in property-tests/nn/synchronizedBatchNorm.test.ts; here, what it refuses, and when a layer uses it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { constant } from "../../../src/autograd/index.js";
import { BatchNorm1d, synchronizedBatchNorm, training } from "../../../src/nn/index.js";
import { alone } from "../../../src/ranks/alone.js";
import { InProcessRanks } from "../../../src/ranks/inProcessRanks.js";
import { ReferenceEngine } from "../../../src/tensor/engines/reference/index.js";
import type { Shape } from "../../../src/tensor/shape.js";

const engine = new ReferenceEngine("float64");
const ones = (shape: Shape) => constant(engine.full(shape, 1));

describe("synchronised batch norm", () => {
  test("needs two values a channel, on all ranks together", () => {
    const normalize = (shape: Shape, communicator = alone) =>
      synchronizedBatchNorm(ones(shape), ones([3]), ones([3]), { epsilon: 1, communicator });
    assert.throws(() => normalize([1, 3]), /more than one value per channel.*\[1, 3\] on each of 1 ranks/);
    assert.throws(() => normalize([0, 3]), /more than one value per channel/);
    const shapes = new InProcessRanks(engine, 2).run((communicator) => normalize([1, 3], communicator).shape);
    assert.deepEqual(shapes, [
      [1, 3],
      [1, 3],
    ]);
  });

  test("refuses ranks with unequal numbers of values, whose common mean it would get wrong", () => {
    assert.throws(
      () =>
        new InProcessRanks(engine, 2).run((communicator) => {
          const x = ones([2 + communicator.rank, 3]);
          return synchronizedBatchNorm(x, ones([3]), ones([3]), { epsilon: 1, communicator }).shape;
        }),
      /same number of values per channel; given 2, 3 on ranks/,
    );
  });

  test("needs one weight and one bias a channel", () => {
    const options = { epsilon: 1, communicator: alone };
    assert.throws(
      () => synchronizedBatchNorm(ones([2, 3]), ones([2]), ones([3]), options),
      /\[2, 3\] with \[2\] and \[3\]/,
    );
    assert.throws(() => synchronizedBatchNorm(ones([3]), ones([3]), ones([3]), options), /takes \[B, C, …\]/);
  });

  test("is what a batch norm layer does where the context has ranks, in training only", () => {
    const forward = (isTraining: boolean): number[] => {
      const results = new InProcessRanks(engine, 2).run((communicator) => {
        const layer = new BatchNorm1d(1, { epsilon: 0 }).allocate(engine, 0);
        const x = constant(engine.tensor([communicator.rank, communicator.rank], [2, 1]));
        const y = layer.forward(x, { ...training(0, { communicator }), training: isTraining });
        return y.dataSync()[0];
      });
      return results;
    };
    assert.deepEqual(forward(true), [-1, 1]); // 0 0 1 1 has mean 1/2 and deviation 1/2
    assert.deepEqual(forward(false), [0, 1]); // running statistics 0 and 1
  });

  test("takes the rank of a context from its communicator", () => {
    const ranks = new InProcessRanks(engine, 2);
    assert.equal(training(0, { communicator: ranks.communicators[1] }).rank, 1);
    assert.equal(training(0).rank, 0);
  });
});
