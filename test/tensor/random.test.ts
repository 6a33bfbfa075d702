import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { drawDistinct, hashNormal, hashUniform, stream, type Key } from "../../src/tensor/random.js";

const COUNT = 40_000;
const draw = (next: () => number): number[] => Array.from({ length: COUNT }, next);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean, variance and fourth moment of a standard normal number (0, 1, 3) within five standard errors: 1/√n, √(2/n), √(96/n). */
function assertNormal(values: readonly number[]): void {
  const n = values.length;
  assert.ok(Math.abs(mean(values)) < 5 / Math.sqrt(n));
  assert.ok(Math.abs(mean(values.map((value) => value ** 2)) - 1) < 5 * Math.sqrt(2 / n));
  assert.ok(Math.abs(mean(values.map((value) => value ** 4)) - 3) < 5 * Math.sqrt(96 / n));
}

/** χ² of counts that should be equal: `cells − 1` degrees of freedom, bound at five deviations. */
function assertEven(positions: readonly number[], cells: number): void {
  const counts = new Float64Array(cells);
  for (const position of positions) counts[position]++;
  const expected = positions.length / cells;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  assert.ok(chiSquare < cells - 1 + 5 * Math.sqrt(2 * (cells - 1)), `χ² = ${chiSquare}`);
}

describe("a stream", () => {
  it("is a function of its name, and names that look alike are others", () => {
    const first = (...name: (string | number)[]): number => stream(...name).uniform();
    assert.equal(first(7, "negatives", 3, 0), first(7, "negatives", 3, 0));
    const others = [first("a", 1), first("a1"), first("a", "1"), first(0), first(-1), first("0"), first(""), first()];
    assert.equal(new Set(others).size, others.length);
  });

  it("has no name that stands for many: NaN, infinite and missing parts are refused", () => {
    for (const part of [NaN, Infinity, undefined]) {
      assert.throws(() => stream(1, "negatives", part as number), /texts and finite numbers; given 1, negatives, /);
    }
  });

  it("draws evenly in [0, 1) and below a bound, and normally", () => {
    const random = stream("test");
    const uniform = draw(() => random.uniform());
    assert.ok(uniform.every((value) => value >= 0 && value < 1));
    assertEven(uniform.map((value) => Math.floor(value * 64)), 64); // prettier-ignore
    assertEven(draw(() => random.integer(7)), 7); // prettier-ignore
    assertNormal(draw(() => random.normal()));
  });

  it("shuffles in place into every order equally often", () => {
    const random = stream("shuffle");
    const numbers = new Map<string, number>();
    const drawn = draw(() => {
      const order = random.shuffle(Int32Array.of(0, 1, 2, 3)).join();
      return numbers.get(order) ?? numbers.set(order, numbers.size).size - 1;
    });
    assert.equal(numbers.size, 24);
    assertEven(drawn, 24);
  });
});

describe("distinct numbers", () => {
  it("are as many as asked for, below the bound, and every set of them is drawn equally often", () => {
    const random = stream("distinct");
    const numbers = new Map<string, number>();
    const drawn = draw(() => {
      const set = [...drawDistinct(2, 5, random)].sort().join();
      return numbers.get(set) ?? numbers.set(set, numbers.size).size - 1;
    });
    assert.equal(numbers.size, 10); // 5 over 2
    assertEven(drawn, 10);
    assert.deepEqual([...drawDistinct(4, 4, random)].sort(), [0, 1, 2, 3]);
    assert.equal(drawDistinct(0, 4, random).length, 0);
  });
});

describe("numbers hashed from (key, row, column)", () => {
  const key: Key = [123, 456];
  const table = (value: (row: number, column: number) => number): number[] =>
    Array.from({ length: COUNT }, (_, i) => value(Math.floor(i / 40), i % 40));

  it("are even, or normal, over a table", () => {
    assertEven(table((row, column) => Math.floor(64 * hashUniform(key, row, column))), 64); // prettier-ignore
    assertNormal(table((row, column) => hashNormal(key, row, column)));
  });

  it("do not go with their neighbours: the products of two have mean 0", () => {
    for (const [down, right] of [
      [1, 0],
      [0, 1],
      [1, 1],
      [2, 0],
      [256, 0],
    ]) {
      const products = table(
        (row, column) => hashNormal(key, row, column) * hashNormal(key, row + down, column + right),
      );
      assert.ok(Math.abs(mean(products)) < 5 / Math.sqrt(COUNT), `${down} down, ${right} right: ${mean(products)}`);
    }
  });

  it("depend on either word of the key, and on nothing else", () => {
    assert.equal(hashUniform(key, 3, 4), hashUniform([123, 456], 3, 4));
    assert.notEqual(hashUniform(key, 3, 4), hashUniform([124, 456], 3, 4));
    assert.notEqual(hashUniform(key, 3, 4), hashUniform([123, 457], 3, 4));
    assert.notEqual(hashUniform(key, 3, 4), hashUniform(key, 4, 3));
  });
});
