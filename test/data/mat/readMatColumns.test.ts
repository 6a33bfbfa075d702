import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { describe, it } from "node:test";
import { inflate } from "../../../src/data/mat/inflate.node.js";
import { readMatColumns } from "../../../src/data/mat/readMatColumns.js";
import { readFeaturesFile } from "../../../src/data/readFeaturesFile.node.js";
import { writeNpy } from "../../../src/data/npy/npy.js";
import { matFile, type MatVariable } from "./matFile.js";

const columns = [
  [1, -0.5],
  [2, 1e-3],
  [3, 0],
];
const variables: MatVariable[] = [
  { name: "Q", value: { columns: [[9, 8]] } },
  { name: "X", value: { columns } },
];
const read = (value: MatVariable["value"]): unknown =>
  readMatColumns(matFile([{ name: "X", value }]), "x.mat", { variable: "X", inflate });

describe("matrices from MATLAB files", () => {
  it("are read a row for each column, in both byte orders, plain and compressed", () => {
    for (const order of ["little", "big"] as const) {
      for (const compressed of [false, true]) {
        const bytes = matFile(variables, { order, compressed });
        const found = readMatColumns(bytes, "x.mat", { variable: "X", inflate });
        assert.deepEqual(found, { rows: Float64Array.from(columns.flat()), count: 3, width: 2 });
      }
    }
  });

  it("may be stored as bytes", () => {
    assert.deepEqual(read([7, 255]), { rows: Float64Array.of(7, 255), count: 2, width: 1 });
  });

  it("are refused with the byte where they are something else", () => {
    assert.throws(
      () => read([{ a: 1 }]),
      /^Error: x\.mat: "X" is a matrix of numbers .*, found class 2 \(byte \d+\)\.$/,
    );
    assert.throws(() => read({ columns: [] }), /a matrix \[dimensions, images\], found \[0, 0\] \(byte/);
    assert.throws(() => read({ columns: [[1], [NaN]] }), /features are finite, but column 1 of "X" has NaN \(byte/);
    const none = { variable: "Y", inflate };
    assert.throws(() => readMatColumns(matFile(variables), "x.mat", none), /no variable "Y"; .* it holds "Q", "X"/);
  });
});

describe("readFeaturesFile", () => {
  it("reads .npy and .mat, and says what else it is given", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "features-"));
    const at = (file: string): string => path.join(folder, file);
    try {
      await writeFile(at("x.mat"), matFile(variables));
      await writeFile(at("x.npy"), writeNpy({ shape: [2, 1], data: Float32Array.of(4, 5) }));
      assert.deepEqual((await readFeaturesFile(at("x.mat"), "Q")).rows, Float64Array.of(9, 8));
      assert.deepEqual(await readFeaturesFile(at("x.npy")), { rows: Float32Array.of(4, 5), count: 2, width: 1 });
      await assert.rejects(readFeaturesFile(at("x.mat")), /x\.mat: a \.mat file has several variables; say which/);
      await assert.rejects(readFeaturesFile(at("x.h5")), /from \.npy and \.mat, this is a "\.h5"/);
      await assert.rejects(readFeaturesFile(at("y.mat"), "X"), /y\.mat does not exist/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
