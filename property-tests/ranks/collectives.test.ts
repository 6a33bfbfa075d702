/** Ranks in one process: every collective by its definition, in any sequence, in any order of turns, with state put back. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import type { Communicator } from "../../src/ranks/communicator.js";
import { InProcessRanks } from "../../src/ranks/inProcessRanks.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { vectors } from "../arbitraries/arrays.js";
import { permutations } from "../arbitraries/shapes.js";
import { property } from "../property.js";

const engine = new ReferenceEngine("float64");

const NAMES = ["allGather", "sum", "maximum", "reduceScatter", "broadcast", "integers", "barrier"] as const;
type Name = (typeof NAMES)[number];

/** Ranks that call some collectives one after the other; [call][rank] numbers are what a rank says, K·B of them. */
interface Conversation {
  readonly order: readonly number[];
  readonly rows: number;
  readonly root: number;
  readonly calls: readonly { readonly name: Name; readonly values: readonly (readonly number[])[] }[];
}

function conversations(): fc.Arbitrary<Conversation> {
  return fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 3 })).chain(([ranks, rows]) => {
    const values = fc.array(vectors(ranks * rows, fc.integer({ min: -9, max: 9 })), {
      minLength: ranks,
      maxLength: ranks,
    });
    return fc.record({
      order: permutations(ranks),
      rows: fc.constant(rows),
      root: fc.nat({ max: ranks - 1 }),
      calls: fc.array(fc.record({ name: fc.constantFrom(...NAMES), values }), { minLength: 1, maxLength: 6 }),
    });
  });
}

function call(communicator: Communicator, name: Name, values: readonly number[], root: number): number[] {
  const x = engine.tensor(values, [values.length]);
  switch (name) {
    case "allGather":
      return [...communicator.allGather(x).dataSync()];
    case "sum":
    case "maximum":
      return [...communicator.allReduce(x, name).dataSync()];
    case "reduceScatter":
      return [...communicator.reduceScatter(x).dataSync()];
    case "broadcast":
      return [...communicator.broadcast(x, root).dataSync()];
    case "integers":
      return [...communicator.allGatherIntegers(Int32Array.from(values))];
    case "barrier":
      communicator.barrier();
      return [];
  }
}

/** What this rank has to hear. Sums of integers, which no order changes. */
function expected(rank: number, name: Name, values: readonly (readonly number[])[], root: number): number[] {
  const columns = values[0].map((_, i) => values.map((ofRank) => ofRank[i]));
  const sums = columns.map((column) => column.reduce((sum, value) => sum + value, 0));
  const block = values[0].length / values.length;
  switch (name) {
    case "allGather":
    case "integers":
      return values.flat();
    case "sum":
      return sums;
    case "maximum":
      return columns.map((column) => Math.max(...column));
    case "reduceScatter":
      return sums.slice(rank * block, (rank + 1) * block);
    case "broadcast":
      return [...values[root]];
    case "barrier":
      return [];
  }
}

describe("ranks in one process", () => {
  property("hear in every collective what it is defined to be", [conversations()], ({ order, root, calls }) => {
    const heard = new InProcessRanks(engine, order.length, order).run((communicator) =>
      calls.map(({ name, values }) => call(communicator, name, values[communicator.rank], root)),
    );
    for (const [rank, answers] of heard.entries()) {
      assert.deepEqual(
        answers,
        calls.map(({ name, values }) => expected(rank, name, values, root)),
      );
    }
  });

  property(
    "have written once, at the end, what they wrote between collectives, however often they were started",
    [conversations()],
    ({ order, calls }) => {
      const ranks = new InProcessRanks(engine, order.length, order);
      const counts = order.map(() => engine.full([], 0));
      const sums = order.map(() => engine.full([], 0));
      let ends = 0;
      ranks.run(
        (communicator) => {
          const { rank } = communicator;
          for (const { values } of calls) {
            engine.blend(counts[rank], 1, engine.full([], 1), 1);
            const sum = communicator.allReduce(engine.full([], values[rank][0] ?? 0), "sum");
            engine.blend(sums[rank], 1, sum, 1);
          }
          ends++; // after the last collective
        },
        (rank) => [counts[rank], sums[rank]],
      );
      assert.equal(ends, order.length);
      const total = calls.flatMap(({ values }) => values.map(([first = 0]) => first)).reduce((a, b) => a + b, 0);
      for (const rank of order) {
        assert.equal(counts[rank].dataSync()[0], calls.length);
        assert.equal(sums[rank].dataSync()[0], total);
      }
    },
  );

  property(
    "scatter sums as the adjoint of gathering: Σ_k ⟨allGather(x)_k, y_k⟩ = Σ_k ⟨x_k, reduceScatter(y)_k⟩",
    [conversations()],
    ({ order, rows, calls: [{ values }] }) => {
      const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
        Array.from(a).reduce((sum, value, i) => sum + value * b[i], 0);
      const sides = new InProcessRanks(engine, order.length, order).run((communicator) => {
        const y = values[communicator.rank];
        const x = y.slice(0, rows).map((value) => value + 1);
        const gathered = communicator.allGather(engine.tensor(x, [rows])).dataSync();
        const scattered = communicator.reduceScatter(engine.tensor(y, [y.length])).dataSync();
        return [dot(gathered, y), dot(x, scattered)];
      });
      const total = (side: number): number => sides.reduce((sum, both) => sum + both[side], 0);
      assert.equal(total(0), total(1)); // whole numbers
    },
  );
});
