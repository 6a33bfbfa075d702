/** Arrays of NumPy's: what is written is read, the same elements from both orders and both byte orders, wherever the spaces lie. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { readNpy, writeNpy } from "../../src/data/npy/npy.js";
import { npyFile } from "../../test/data/npy/npyFile.js";
import { property } from "../property.js";

const shapes = fc.array(fc.nat({ max: 4 }), { maxLength: 4, size: "max" });
const seeds = fc.nat();
const spaces = fc.stringMatching(/^[ \t]{0,3}$/);

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Any bits, so that every float32 occurs, NaN among them. */
function bitsOf(count: number, seed: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => Math.imul(i + seed + 1, 0x9e3779b1));
}

describe(".npy files", () => {
  property("give back the bits that were written", [shapes, seeds, fc.boolean()], (shape, seed, isFloat) => {
    const bits = bitsOf(sizeOf(shape), seed);
    const {
      shape: read,
      dtype,
      data,
    } = readNpy(writeNpy({ shape, data: isFloat ? new Float32Array(bits.buffer) : bits }), "a.npy");
    assert.deepEqual([read, dtype], [shape, isFloat ? "<f4" : "<i4"]);
    assert.deepEqual(new Int32Array(data.buffer), bits);
  });

  property(
    "mean the same elements in C and Fortran order, in both byte orders, however the dictionary is spaced and ordered",
    [shapes, seeds, fc.boolean(), fc.boolean(), fc.array(spaces, { minLength: 12, maxLength: 12 }), fc.nat({ max: 5 })],
    (shape, seed, fortran, big, gaps, turn) => {
      const count = sizeOf(shape);
      const expected = bitsOf(count, seed);
      const body = new DataView(new ArrayBuffer(4 * count));
      const index = shape.map(() => 0);
      for (let place = 0; place < count; place++) {
        // Horner's rule from the slowest axis to the fastest
        const slowest = shape.map((_, axis) => (fortran ? shape.length - 1 - axis : axis));
        const at = slowest.reduce((sum, axis) => sum * shape[axis] + index[axis], 0);
        body.setInt32(4 * at, expected[place], !big);
        for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
      }
      const gap = (k: number): string => gaps[k];
      const tuple = `(${shape.map((extent) => `${gap(0)}${extent}${gap(1)},`).join("")}${gap(2)})`;
      const entries = [
        `'descr'${gap(3)}:${gap(4)}"${big ? ">" : "<"}i4"`,
        `'fortran_order'${gap(5)}:${gap(6)}${fortran ? "True" : "False"}`,
        `"shape"${gap(7)}:${gap(8)}${tuple}`,
      ];
      const turned = [...entries.slice(turn % 3), ...entries.slice(0, turn % 3)];
      const header = `${gap(9)}{${turned.join(`${gap(10)},`)}${turn > 2 ? "," : ""}${gap(11)}}`;
      const { shape: read, data } = readNpy(npyFile({ header, body: new Uint8Array(body.buffer) }), "a.npy");
      assert.deepEqual(read, shape);
      assert.deepEqual(data, expected);
    },
  );
});
