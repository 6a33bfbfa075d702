import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nearestCenters, similaritiesOfRank } from "../../src/pfc/centerSimilarities.js";
import { InProcessRanks } from "../../src/ranks/inProcessRanks.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";

const engine = new ReferenceEngine("float64");

describe("similarities from a matrix of cosines", () => {
  it("are the entry of the own class, and the largest of the others; 0 and the largest of all where another rank has the class", () => {
    const cosine = engine.tensor([0.5, 0.9, -0.1, -0.2, -0.3, -1, 0.1, 0.2, 0.3], [3, 3]);
    const { own, nearest } = nearestCenters(cosine, Int32Array.of(1, 2, -1));
    assert.deepEqual([...own.dataSync()], [0.9, -1, 0]);
    assert.deepEqual([...nearest.dataSync()], [0.5, -0.2, 0.3]);
  });

  it("have nothing nearest, a number below −1, where the own class is the only one, and where a rank has none", () => {
    const alone = nearestCenters(engine.tensor([1], [1, 1]), Int32Array.of(0));
    const none = nearestCenters(engine.tensor([], [2, 0]), Int32Array.of(-1, -1));
    for (const nearest of [...alone.nearest.dataSync(), ...none.nearest.dataSync()]) assert.ok(nearest <= -3);
    assert.deepEqual([...none.own.dataSync()], [0, 0]);
  });

  it("of several ranks go to the rank of the row: the sum of what they know of its class, the largest of the others", () => {
    const group = new InProcessRanks(engine, 2);
    // rows 0 and 1 are rank 0's, 2 and 3 rank 1's; rank 0 owns the classes of rows 0 and 2
    const own = [engine.tensor([0.1, 0, 0.3, 0], [4]), engine.tensor([0, 0.2, 0, 0.4], [4])];
    const nearest = [engine.tensor([0.5, -0.5, 0.6, -4], [4]), engine.tensor([0.4, 0.7, -0.6, -0.9], [4])];
    const found = group.run((communicator) => {
      const { rank } = communicator;
      const rows = similaritiesOfRank({ own: own[rank], nearest: nearest[rank] }, 2, communicator);
      return [[...rows.own.dataSync()], [...rows.nearest.dataSync()]];
    });
    assert.deepEqual(found, [
      [
        [0.1, 0.2],
        [0.5, 0.7],
      ],
      [
        [0.3, 0.4],
        [0.6, -0.9],
      ],
    ]);
  });
});
