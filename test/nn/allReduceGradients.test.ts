import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { parameter } from "../../src/autograd/index.js";
import { allReduceGradients } from "../../src/nn/allReduceGradients.js";
import { alone } from "../../src/ranks/alone.js";
import { InProcessRanks } from "../../src/ranks/inProcessRanks.js";
import type { Engine } from "../../src/tensor/engine.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { pushGradient } from "./trainables.js";

describe("gradients of all ranks", () => {
  let engine: Engine;
  before(async () => {
    engine = await openEngine("wasm", { threads: 1 });
  });
  after(() => engine.close());

  const make = () => [
    parameter(engine.full([2, 2], 0)),
    parameter(engine.full([3], 0)),
    parameter(engine.full([1], 0)),
  ];

  test("are summed, parameter by parameter, and nothing else stays in memory", () => {
    const ranks = new InProcessRanks(engine, 3);
    const parameters = ranks.communicators.map(make);
    for (const [rank, [matrix, vector]] of parameters.entries()) {
      pushGradient(engine, matrix, [1, 2, 3, rank]);
      pushGradient(engine, vector, [10 * rank, 0, -1]);
    }
    const held = engine.memory().tensors;
    ranks.run((communicator) =>
      allReduceGradients(
        parameters[communicator.rank].map((variable) => ({ variable })),
        communicator,
      ),
    );
    assert.equal(engine.memory().tensors, held);
    for (const [matrix, vector, untouched] of parameters) {
      assert.deepEqual([...matrix.grad!.dataSync()], [3, 6, 9, 3]);
      assert.deepEqual([...vector.grad!.dataSync()], [30, 0, -3]);
      assert.equal(untouched.grad, undefined);
    }
    for (const variable of parameters.flat()) {
      variable.zeroGrad();
      variable.tensor.dispose();
    }
    assert.equal(engine.memory().inUse, 0);
  });

  test("are what they are where there is one rank, or no gradient", () => {
    const [matrix, vector] = make();
    pushGradient(engine, matrix, [1, 2, 3, 4]);
    allReduceGradients([{ variable: matrix }], alone);
    assert.deepEqual([...matrix.grad!.dataSync()], [1, 2, 3, 4]);
    new InProcessRanks(engine, 2).run((communicator) => allReduceGradients([{ variable: vector }], communicator));
    assert.equal(vector.grad, undefined);
  });
});
