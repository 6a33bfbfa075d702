import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { InProcessRanks } from "../../src/ranks/inProcessRanks.js";
import type { Communicator } from "../../src/ranks/communicator.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { openEngine } from "../../src/tensor/openEngine.js";

const engine = new ReferenceEngine("float64");

const onRanks = <T>(size: number, program: (communicator: Communicator) => T): T[] =>
  new InProcessRanks(engine, size).run(program);

describe("ranks in one process", () => {
  test("more than one are refused on an engine that computes later, which one is not", async () => {
    const queued = await openEngine("gpu:cpu");
    assert.throws(
      () => new InProcessRanks(queued, 2),
      /hand each other numbers at once, which gpu\.js cpu computes later/,
    );
    assert.equal(new InProcessRanks(queued, 1).communicators.length, 1);
    await queued.close();
  });

  test("gather, reduce, scatter and broadcast in rank order, whoever comes first", () => {
    for (const order of [
      [0, 1, 2],
      [2, 0, 1],
    ]) {
      const results = new InProcessRanks(engine, 3, order).run((communicator) => {
        const { rank } = communicator;
        const mine = engine.tensor([rank, 10 * rank], [2]);
        const gathered = communicator.allGather(mine);
        communicator.barrier();
        return {
          gathered: [...gathered.dataSync()],
          integers: [...communicator.allGatherIntegers(Int32Array.of(rank, 7))],
          sum: [...communicator.allReduce(mine, "sum").dataSync()],
          maximum: [...communicator.allReduce(mine, "maximum").dataSync()],
          scattered: [...communicator.reduceScatter(gathered).dataSync()],
          broadcast: [...communicator.broadcast(mine, 1).dataSync()],
        };
      });
      for (const [rank, result] of results.entries()) {
        assert.deepEqual(result, {
          gathered: [0, 0, 1, 10, 2, 20],
          integers: [0, 7, 1, 7, 2, 7],
          sum: [3, 30],
          maximum: [2, 20],
          scattered: [3 * rank, 30 * rank],
          broadcast: [1, 10],
        });
      }
    }
  });

  test("keep their communicators from run to run, and know who they are", () => {
    const ranks = new InProcessRanks(engine, 2);
    for (let step = 0; step < 3; step++) {
      const seen = ranks.run((communicator) => {
        assert.equal(communicator, ranks.communicators[communicator.rank]);
        return communicator.allReduce(engine.full([], step), "sum").dataSync()[0] + communicator.rank;
      });
      assert.deepEqual(seen, [2 * step, 2 * step + 1]);
    }
  });

  test("put named tensors back before a new attempt, and write once what comes after the last collective", () => {
    const ranks = new InProcessRanks(engine, 3);
    const before = ranks.communicators.map(() => engine.full([2], 1));
    const between = ranks.communicators.map(() => engine.full([2], 1));
    const afterLast = ranks.communicators.map(() => engine.full([2], 1));
    ranks.run(
      (communicator) => {
        const { rank } = communicator;
        engine.blend(before[rank], 2, engine.full([2], 1), 1); // 1 → 3
        communicator.barrier();
        engine.blend(between[rank], 1, communicator.allReduce(engine.full([2], rank), "sum"), 1); // 1 → 1 + (0 + 1 + 2)
        communicator.barrier();
        engine.blend(afterLast[rank], 5, engine.full([2], 0), 0); // 1 → 5
      },
      (rank) => [before[rank], between[rank]],
    );
    for (const [tensors, value] of [
      [before, 3],
      [between, 4],
      [afterLast, 5],
    ] as const) {
      for (const tensor of tensors) assert.deepEqual([...tensor.dataSync()], [value, value]);
    }
  });

  test("notice a tensor that was written to and not named, as soon as it travels", () => {
    const counts = [0, 1].map(() => engine.full([], 0));
    assert.throws(
      () =>
        onRanks(2, (communicator) => {
          engine.blend(counts[communicator.rank], 1, engine.full([], 1), 1);
          communicator.allReduce(counts[communicator.rank], "sum");
          communicator.barrier();
        }),
      /rank 0 said something else in collective 0, allReduce sum, when it was started again/,
    );
  });

  test("notice when they part ways", () => {
    assert.throws(
      () => onRanks(2, (communicator) => (communicator.rank === 0 ? communicator.barrier() : undefined)),
      /rank 0 waits in collective 0, barrier, but rank 1 ended without it/,
    );
    assert.throws(
      () =>
        onRanks(2, (communicator) => {
          communicator.allReduce(engine.full([3], 1), communicator.rank === 0 ? "sum" : "maximum");
        }),
      /collective 0 is allReduce maximum \[3\] on rank 1, but allReduce sum \[3\] on rank 0/,
    );
    assert.throws(
      () => onRanks(2, (communicator) => communicator.allGather(engine.full([communicator.rank + 1, 2], 1))),
      /equal shapes; collective 0 is allGather \[2, 2\] on rank 1, but allGather \[1, 2\] on rank 0/,
    );
  });

  test("pass on what a program throws, and are ready for the next run", () => {
    const ranks = new InProcessRanks(engine, 2);
    assert.throws(
      () =>
        ranks.run((communicator) => {
          communicator.barrier();
          throw new Error("out of paper");
        }),
      /out of paper/,
    );
    assert.deepEqual(
      ranks.run(({ rank }) => rank),
      [0, 1],
    );
  });

  test("say what they cannot do", () => {
    assert.throws(() => new InProcessRanks(engine, 0), /at least one; given 0/);
    assert.throws(() => new InProcessRanks(engine, 2, [0, 0]), /each of 2 ranks once; given \[0, 0\]/);
    assert.throws(() => new InProcessRanks(engine, 2).communicators[0].barrier(), /inside run only/);
    assert.throws(() => onRanks(2, (communicator) => communicator.broadcast(engine.full([1], 0), 2)), /0 … 1, given 2/);
    assert.throws(
      () => onRanks(2, (communicator) => communicator.reduceScatter(engine.full([3], 0))),
      /2 ranks.* the 3/,
    );
    assert.throws(() => onRanks(2, (communicator) => communicator.allGather(engine.full([], 0))), /a scalar has none/);
    const ranks = new InProcessRanks(engine, 1);
    assert.throws(() => ranks.run(() => ranks.run(() => 0)), /a run is under way/);
  });
});

describe("ranks in one process on the wasm engine", () => {
  let wasm: Engine;
  before(async () => {
    wasm = await openEngine("wasm", { threads: 1 });
  });
  after(() => wasm.close());

  test("leave nothing on its heap but what they return", () => {
    const ranks = new InProcessRanks(wasm, 3);
    const statistics = ranks.communicators.map(() => wasm.full([2], 1));
    const held = wasm.memory().tensors;
    const results = ranks.run(
      (communicator) => {
        const sum = communicator.allReduce(wasm.full([2], communicator.rank), "sum");
        wasm.blend(statistics[communicator.rank], 0, sum, 1);
        return communicator.allGather(sum);
      },
      (rank) => [statistics[rank]],
    );
    assert.equal(wasm.memory().tensors, held + 3);
    for (const result of results) {
      assert.deepEqual([...result.dataSync()], [3, 3, 3, 3, 3, 3]);
      result.dispose();
    }
    for (const tensor of statistics) tensor.dispose();
    assert.equal(wasm.memory().inUse, 0);
  });
});
