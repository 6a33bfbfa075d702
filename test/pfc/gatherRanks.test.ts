import assert from "node:assert/strict";
import { test } from "node:test";
import { parameter } from "../../src/autograd/index.js";
import { gatherRanks } from "../../src/pfc/gatherRanks.js";
import { alone } from "../../src/ranks/alone.js";
import { InProcessRanks } from "../../src/ranks/inProcessRanks.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";

const engine = new ReferenceEngine("float64");

test("every rank gets all rows, and every row the sum of the gradients of all ranks", () => {
  const results = new InProcessRanks(engine, 2).run((communicator) => {
    const x = parameter(engine.tensor([communicator.rank, 5], [1, 2]));
    const all = gatherRanks(x, communicator); // [2, 2]
    // rank 0 weighs the rows with 1 2 | 3 4, rank 1 with 10 20 | 30 40
    const factor = communicator.rank === 0 ? 1 : 10;
    all.backward(engine.tensor([factor, 2 * factor, 3 * factor, 4 * factor], [2, 2]));
    return { all: [...all.dataSync()], gradient: [...x.grad!.dataSync()] };
  });
  assert.deepEqual(results, [
    { all: [0, 5, 1, 5], gradient: [11, 22] },
    { all: [0, 5, 1, 5], gradient: [33, 44] },
  ]);
});

test("alone it is the identity, forward and backward", () => {
  const x = parameter(engine.tensor([1, 2], [2, 1]));
  const all = gatherRanks(x, alone);
  all.backward(engine.tensor([3, 4], [2, 1]));
  assert.deepEqual(
    [[...all.dataSync()], [...x.grad!.dataSync()]],
    [
      [1, 2],
      [3, 4],
    ],
  );
});
