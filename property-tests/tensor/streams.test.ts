/** Random streams: each a function of its name, unrelated to those of all other names, and distributed as it is said. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { drawDistinct, stream, type Random } from "../../src/tensor/random.js";
import { differentNames, streamNames } from "../arbitraries/streamNames.js";
import { assertNormal, assertUniform } from "../distributions.js";
import { property } from "../property.js";
import { assertDistribution } from "../statistics.js";

const DRAWS = 2000;

function draws(count: number, next: () => number): number[] {
  return Array.from({ length: count }, next);
}

function evenly(cells: number): number[] {
  return new Array<number>(cells).fill(1 / cells);
}

/** Pairs of numbers in [0, 1) fill the square evenly, as independent ones do. */
function assertIndependent(first: readonly number[], second: readonly number[]): void {
  const counts = new Array<number>(16).fill(0);
  for (const [i, u] of first.entries()) counts[4 * Math.floor(4 * u) + Math.floor(4 * second[i])]++;
  assertDistribution(counts, evenly(16));
}

describe("a stream", () => {
  property("is a function of its name", [streamNames()], (name) => {
    const all = (random: Random): unknown[] => [
      draws(3, () => random.uniform()),
      draws(3, () => random.normal()),
      draws(3, () => random.integer(10)),
      random.shuffle([1, 2, 3, 4, 5]),
      random.key(),
    ];
    assert.deepEqual(all(stream(...name)), all(stream(...name)));
  });

  property("is unrelated to a stream of any other name (false alarms: 1e-9 a case)", [differentNames()], ([a, b]) => {
    const [first, second] = [stream(...a), stream(...b)].map((random) => draws(DRAWS, () => random.uniform()));
    assert.notDeepEqual(first, second);
    assertIndependent(first, second);
  });

  property("is unrelated to its own past (false alarms: 1e-9 a case)", [streamNames()], (name) => {
    const random = stream(...name);
    const numbers = draws(2 * DRAWS, () => random.uniform());
    assertIndependent(
      numbers.filter((_, i) => i % 2 === 0), // pairs that share no number, which would not be independent of each other
      numbers.filter((_, i) => i % 2 === 1),
    );
  });
});

describe("the law of (false alarms: 1e-9 a case)", () => {
  property("uniform()", [streamNames()], (name) => {
    const random = stream(...name);
    assertUniform(draws(DRAWS, () => random.uniform()));
  });

  property("normal()", [streamNames()], (name) => {
    const random = stream(...name);
    assertNormal(draws(DRAWS, () => random.normal()));
  });

  property("integer(bound)", [streamNames(), fc.integer({ min: 1, max: 40 })], (name, bound) => {
    const random = stream(...name);
    const counts = new Array<number>(bound).fill(0);
    for (const number of draws(DRAWS, () => random.integer(bound))) counts[number]++;
    assert.equal(counts.length, bound, "a number from the bound on");
    assertDistribution(counts, evenly(bound));
  });

  property("key(): both words are even in their highest and in their lowest bits", [streamNames()], (name) => {
    const random = stream(...name);
    const keys = Array.from({ length: DRAWS }, () => random.key());
    for (const word of [0, 1] as const) {
      assertUniform(keys.map((key) => key[word] / 2 ** 32));
      assertUniform(keys.map((key) => (key[word] & 0xffff) / 2 ** 16));
    }
  });

  property(
    "shuffle: every order of four equally often, in a typed array as in a list",
    [streamNames(), fc.boolean()],
    (name, typed) => {
      const random = stream(...name);
      const counts = new Map<string, number>();
      for (let i = 0; i < DRAWS; i++) {
        const order = random.shuffle(typed ? Int32Array.of(0, 1, 2, 3) : [0, 1, 2, 3]).join();
        counts.set(order, (counts.get(order) ?? 0) + 1);
      }
      const all = [...counts.values(), ...new Array<number>(Math.max(0, 24 - counts.size)).fill(0)];
      assertDistribution(all, evenly(24));
    },
    { runs: 40 },
  );
});

describe("drawing", () => {
  const requests = fc
    .integer({ min: 0, max: 200 })
    .chain((bound) => fc.tuple(fc.constant(bound), fc.nat({ max: bound })));

  property(
    "distinct numbers gives as many as asked for, all below the bound",
    [streamNames(), requests],
    (name, [bound, count]) => {
      const drawn = drawDistinct(count, bound, stream(...name));
      assert.equal(drawn.length, count);
      for (const number of drawn) assert.ok(Number.isInteger(number) && number >= 0 && number < bound, `${number}`);
    },
  );

  property(
    "an order keeps the elements, repeated ones too",
    [streamNames(), fc.array(fc.nat({ max: 5 }), { maxLength: 30 })],
    (name, values) => {
      const shuffled = stream(...name).shuffle([...values]);
      const ascending = (numbers: number[]): number[] => [...numbers].sort((a, b) => a - b);
      assert.deepEqual(ascending(shuffled), ascending(values));
    },
  );
});
