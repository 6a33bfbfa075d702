/**
 * Whole numbers in kernels: float32 has no odd ones beyond 2^24, where addresses of large tables are, and its quotients are off by one there.
 */
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import fc from "fast-check";
import { launchWithin } from "../../src/tensor/engines/gpu/flattened.js";
import { WITH_QUOTIENT, nearQuotient, quotient, remainder } from "../../src/tensor/engines/gpu/integers.js";
import { kernel, kernelOfText, type Kernel, type Thread } from "../../src/tensor/engines/gpu/kernel.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { inEveryMode } from "../../test/tensor/engines/gpu/inEveryMode.js";
import { property } from "../property.js";

/** 16,797,701 cells, an odd number of them in a row. */
const [ROWS, COLUMNS] = [4099, 4099];
/** The first row that lies beyond 2^24. */
const FAR = Math.ceil(2 ** 24 / COLUMNS);

/** Of the cell number i: neighbours differ, and so do cells of neighbouring rows. */
const numberOf = (i: number): number => i % 10_007;

inEveryMode("a table of more than 2^24 cells", (engine) => {
  describe("that is gathered from", () => {
    let table: Tensor;
    before(() => {
      table = engine().tensor(
        Float32Array.from({ length: ROWS * COLUMNS }, (_, i) => numberOf(i)),
        [ROWS, COLUMNS],
      );
    });
    after(() => table.dispose());

    property(
      "gives the rows that were asked for, cell for cell",
      [
        fc.array(fc.oneof(fc.nat({ max: ROWS - 1 }), fc.integer({ min: FAR, max: ROWS - 1 })), {
          minLength: 1,
          maxLength: 4,
        }),
      ],
      async (rows) => {
        using gathered = engine().gatherRows(table, Int32Array.from(rows));
        const found = await gathered.data();
        assert.equal(found.length, rows.length * COLUMNS);
        const wrong = found.findIndex((value, i) => {
          const [place, column] = [Math.floor(i / COLUMNS), i % COLUMNS];
          return value !== numberOf(rows[place] * COLUMNS + column);
        });
        assert.ok(wrong < 0, `column ${wrong % COLUMNS} of row ${rows[Math.floor(wrong / COLUMNS)]}: ${found[wrong]}`);
      },
      { runs: 8 },
    );
  });
});

/** Dividends that are tried side by side. */
const WIDTH = 64;

/**
 * Kernels of quotients and remainders on a device that divides so much too low or too high: WebGPU allows an error of 2.5 units in the last place,
 * 2^-23 each, of which one is left for the rounding of both steps.
 */
const DIVISION_ERRORS = { none: 0, low: -3 * 2 ** -24, high: 2 ** -23 };

function divisionKernels(way: keyof typeof DIVISION_ERRORS): Kernel[] {
  const error = DIVISION_ERRORS[way];
  const source = `function ${nearQuotient.name}(a, b) { return Math.floor((a / b) * ${1 + error}); }`;
  const helpers = WITH_QUOTIENT.map((known) =>
    way !== "none" && known.name === nearQuotient.name ? { ...known, source } : known,
  );
  return [quotient, remainder].map(({ name }) =>
    kernelOfText(
      `${name}, error ${way}`,
      { arrays: 0, integers: 2, helpers },
      `function (first, divisor) { return ${name}(first + this.thread.x, divisor); }`,
    ),
  );
}

/** Of any number of digits. */
const anyLength = (max: number): fc.Arbitrary<number> =>
  fc
    .integer({ min: 1, max: Math.ceil(Math.log2(max)) })
    .chain((bits) => fc.integer({ min: 1, max: Math.max(1, Math.min(Math.floor(max), 2 ** bits)) }));

/** Dividends around a multiple of the divisor, where the quotient changes. */
const divisions = anyLength(2 ** 24).chain((divisor) =>
  anyLength((2 ** 31 - WIDTH) / divisor).map((times) => ({
    divisor,
    first: Math.max(0, times * divisor - WIDTH / 2),
  })),
);

inEveryMode("a quotient of whole numbers", (engine) => {
  property(
    "is rounded down, and its remainder is what it leaves, for all below 2^31, however the device divides",
    [divisions, fc.constantFrom("none" as const, "low" as const, "high" as const)],
    async ({ first, divisor }, error) => {
      const [whole, left] = divisionKernels(error).map((program) =>
        engine().launch(program, [WIDTH], [WIDTH], [], [first, divisor]),
      );
      const found = await Promise.all([whole.data(), left.data()]);
      for (const tensor of [whole, left]) tensor.dispose();
      const dividends = Array.from({ length: WIDTH }, (_, i) => first + i);
      const [quotients, remainders] = found.map((numbers) => [...numbers]);
      // what is no float32 is rounded when it leaves the kernel, not when it is computed
      assert.deepEqual(
        quotients,
        dividends.map((dividend) => Math.fround(Math.floor(dividend / divisor))),
      );
      assert.deepEqual(
        remainders,
        dividends.map((dividend) => dividend % divisor),
      );
    },
    { runs: 300 },
  );
});

/** A number for every cell, from all kinds of arguments. */
const cellKernel = kernel(
  "cells",
  { arrays: 1, integers: 1, numbers: 1 },
  function (this: Thread, x: number[], step: number, shift: number) {
    return x[this.thread.x] + this.thread.y * step + this.thread.z * 10000 + shift;
  },
);

inEveryMode("a kernel whose grid is flattened", (engine) => {
  const extent = fc.integer({ min: 1, max: 9 });

  property("computes the same cells", [fc.array(extent, { minLength: 2, maxLength: 3 })], async (extents) => {
    const [width, height, depth] = extents;
    const grid = [width, height, depth] as const;
    const { program, output, scalars } = launchWithin(() => false, cellKernel, grid, [100, 0.5]);
    assert.deepEqual(output, [extents.reduce((product, n) => product * n)]);
    using x = engine().tensor(
      Float32Array.from({ length: width }, (_, i) => i),
      [width],
    );
    using cells = engine().launch(cellKernel, output, grid, [x], [100, 0.5]);
    using flat = engine().launch(program, output, [output[0]], [x], scalars);
    const expected = Array.from({ length: output[0] }, (_, i) => {
      const [column, row, plane] = [i % width, Math.floor(i / width) % height, Math.floor(i / (width * height))];
      return column + 100 * row + 10_000 * plane + 0.5;
    });
    assert.deepEqual([...(await cells.data())], expected);
    assert.deepEqual([...(await flat.data())], expected);
  });
});
