/** Numbers hashed from (key, row, column): random-looking, and the same in whatever order they are asked for. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { hashBits, hashNormal, hashUniform, stream, type Key } from "../../src/tensor/random.js";
import { streamNames } from "../arbitraries/streamNames.js";
import { assertNormal, assertUniform } from "../distributions.js";
import { property } from "../property.js";
import { assertDistribution } from "../statistics.js";

const ROWS = 50;
const COLUMNS = 40;

/** Keys as streams yield them, and the plainest of all. */
const keys: fc.Arbitrary<Key> = fc.oneof(
  fc.constantFrom<Key>([0, 0], [1, 0], [0, 1], [2 ** 32 - 1, 2 ** 32 - 1]),
  streamNames().map((name) => stream(...name).key()),
);
/** Where a table begins, small and large, as rows of ten million centers. */
const corners = fc.oneof(fc.constant(0), fc.nat({ max: 2 ** 31 - 100 }));
const cells = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 2 ** 30 })), { minLength: 1, maxLength: 20 });

function table(value: (row: number, column: number) => number, row: number, column: number): number[] {
  return Array.from({ length: ROWS * COLUMNS }, (_, i) => value(row + Math.floor(i / COLUMNS), column + (i % COLUMNS)));
}

describe("hashed numbers", () => {
  property("do not depend on the order in which they are asked for", [keys, cells], (key, cells) => {
    const ask = (at: readonly (readonly [number, number])[]): number[] =>
      at.flatMap(([row, column]) => [
        hashBits(key, row, column),
        hashUniform(key, row, column),
        hashNormal(key, row, column),
      ]);
    const forwards = cells.map((cell) => ask([cell]));
    const backwards = [...cells].reverse().map((cell) => ask([cell]));
    assert.deepEqual(backwards.reverse(), forwards);
    assert.deepEqual(ask(cells), forwards.flat());
  });

  property(
    "are uniform, or normal, over any block of a table (false alarms: 2e-9 a case)",
    [keys, corners, corners],
    (key, row, column) => {
      assertUniform(table((i, j) => hashUniform(key, i, j), row, column));
      assertNormal(table((i, j) => hashNormal(key, i, j), row, column));
    },
  );

  property(
    "are unrelated between rows, between columns and between keys (false alarms: 5e-9 a case)",
    [keys, corners, corners, fc.nat({ max: 31 })],
    (key, row, column, bit) => {
      const here = table((i, j) => hashUniform(key, i, j), row, column);
      const shifts: [Key, number, number][] = [
        [key, 1, 0],
        [key, 0, 1],
        [key, 1, 2],
        [[(key[0] ^ (1 << bit)) >>> 0, key[1]], 0, 0],
        [[key[0], (key[1] ^ (1 << bit)) >>> 0], 0, 0],
      ];
      for (const [other, down, right] of shifts) {
        const there = table((i, j) => hashUniform(other, i, j), row + down, column + right);
        const counts = new Array<number>(16).fill(0);
        for (const [i, u] of here.entries()) {
          // like a chessboard: a black cell here is beside a white one there, so that no number is in two pairs
          if ((Math.floor(i / COLUMNS) + (i % COLUMNS)) % 2 === 0)
            counts[4 * Math.floor(4 * u) + Math.floor(4 * there[i])]++;
        }
        assertDistribution(counts, new Array<number>(16).fill(1 / 16));
      }
    },
  );
});
