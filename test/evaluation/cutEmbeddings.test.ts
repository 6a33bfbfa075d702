import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cutEmbeddings } from "../../src/evaluation/cutEmbeddings.js";

describe("cutEmbeddings", () => {
  // lengths 13 and 5
  const rows = Float64Array.of(3, 4, 12, 0, 5, 0);

  it("normalises what is kept, as training does", () => {
    assert.deepEqual(cutEmbeddings(rows, 3, { dimensions: 2 }), {
      rows: Float64Array.of(3 / 5, 4 / 5, 0, 1),
      width: 2,
    });
  });

  it("normalises everything and then cuts, as the public code does", () => {
    const cut = cutEmbeddings(rows, 3, { dimensions: 2, convention: "normaliseThenSlice" });
    assert.deepEqual(cut, { rows: Float64Array.of(3 / 13, 4 / 13, 0, 1), width: 2 });
  });

  it("keeps named dimensions in the order in which they are named", () => {
    const cut = cutEmbeddings(rows, 3, { dimensions: [2, 0], convention: "normaliseThenSlice" });
    assert.deepEqual(cut.rows, Float64Array.of(12 / 13, 3 / 13, 0, 0));
  });

  it("keeps everything by default, and a cut of zeros zero", () => {
    assert.deepEqual(cutEmbeddings(rows, 3).rows, Float64Array.of(3 / 13, 4 / 13, 12 / 13, 0, 1, 0));
    assert.deepEqual(cutEmbeddings(rows, 3, { dimensions: [2] }).rows, Float64Array.of(1, 0));
  });

  it("refuses dimensions that are not there", () => {
    for (const dimensions of [0, 4, 0.5]) {
      assert.throws(() => cutEmbeddings(rows, 3, { dimensions }), new RegExp(`in 1 .. 3 .* given ${dimensions}`));
    }
    for (const dimensions of [[], [0, 3], [1, 1], [-1], [0.5]]) {
      const given = new RegExp(`different dimensions of 0 .. 2 can be kept, given ${dimensions.join(", ")}\\.`);
      assert.throws(() => cutEmbeddings(rows, 3, { dimensions }), given);
    }
  });
});
