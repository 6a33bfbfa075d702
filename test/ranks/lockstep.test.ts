/** The ranks that other tests run on are themselves what the contract says. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { lockstep } from "./lockstep.js";

const engine = new ReferenceEngine("float64");

describe("ranks in lockstep", () => {
  test("gather, reduce, scatter and broadcast in rank order", () => {
    const results = lockstep(engine, 3, (communicator) => {
      const { rank } = communicator;
      const mine = engine.tensor([rank, 10 * rank], [2]);
      const gathered = communicator.allGather(mine);
      communicator.barrier();
      return {
        gathered: [...gathered.dataSync()],
        integers: [...communicator.allGatherIntegers(Int32Array.of(rank, -rank))],
        sum: [...communicator.allReduce(mine, "sum").dataSync()],
        maximum: [...communicator.allReduce(mine, "maximum").dataSync()],
        scattered: [...communicator.reduceScatter(gathered).dataSync()],
        broadcast: [...communicator.broadcast(mine, 1).dataSync()],
      };
    });
    for (const [rank, result] of results.entries()) {
      assert.deepEqual(result, {
        gathered: [0, 0, 1, 10, 2, 20],
        integers: [0, -0, 1, -1, 2, -2].map((value) => value + 0),
        sum: [3, 30],
        maximum: [2, 20],
        scattered: [3 * rank, 30 * rank],
        broadcast: [1, 10],
      });
    }
  });

  test("notice when ranks part ways", () => {
    assert.throws(
      () => lockstep(engine, 2, (communicator) => (communicator.rank === 0 ? communicator.barrier() : undefined)),
      /1 of 2 ranks reached a collective: barrier/,
    );
  });
});
