/** Arrays of NumPy's: what is written is read, the same elements from both orders and both byte orders, wherever the spaces lie. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { readNpy, writeNpy } from "../../src/data/npy/npy.js";
import { npyFile, npyHeader } from "../../test/data/npy/npyFile.js";
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

interface NumberType {
  readonly bytes: number;
  /** Writes the number that these bits stand for. */
  readonly put: (view: DataView, at: number, bits: bigint, little: boolean) => void;
  readonly value: (bits: bigint) => number;
}

/** Of float64 and of 64-bit numbers those that a double holds as they are: whole, of 53 bits. */
const signed53 = (bits: bigint): bigint => BigInt.asIntN(53, bits) | 1n;
const float64Of = (bits: bigint): number => Number(signed53(bits)) * 2 ** -30;
const whole =
  (bytes: number, signed: boolean): NumberType["value"] =>
  (bits) =>
    Number(signed ? BigInt.asIntN(8 * bytes, bits) : BigInt.asUintN(8 * bytes, bits));

/** A half from its three parts: 1 bit, 5, 10. */
function half(bits: bigint): number {
  const [sign, exponent, fraction] = [(bits >> 15n) & 1n, (bits >> 10n) & 31n, bits & 1023n].map(Number);
  if (exponent === 31) return fraction > 0 ? NaN : (1 - 2 * sign) * Infinity;
  const digits = exponent === 0 ? fraction : 1024 + fraction;
  return (1 - 2 * sign) * digits * 2 ** (Math.max(1, exponent) - 25);
}

const TYPES: Readonly<Record<string, NumberType>> = {
  f2: { bytes: 2, put: (view, at, bits, little) => view.setUint16(at, Number(bits & 0xffffn), little), value: half },
  f4: {
    bytes: 4,
    put: (view, at, bits, little) => view.setFloat32(at, float64Of(bits), little),
    value: (bits) => Math.fround(float64Of(bits)),
  },
  f8: { bytes: 8, put: (view, at, bits, little) => view.setFloat64(at, float64Of(bits), little), value: float64Of },
  i1: { bytes: 1, put: (view, at, bits) => view.setUint8(at, Number(bits & 0xffn)), value: whole(1, true) },
  i2: {
    bytes: 2,
    put: (view, at, bits, little) => view.setUint16(at, Number(bits & 0xffffn), little),
    value: whole(2, true),
  },
  i8: {
    bytes: 8,
    put: (view, at, bits, little) => view.setBigInt64(at, signed53(bits), little),
    value: (bits) => Number(signed53(bits)),
  },
  u1: { bytes: 1, put: (view, at, bits) => view.setUint8(at, Number(bits & 0xffn)), value: whole(1, false) },
  u2: {
    bytes: 2,
    put: (view, at, bits, little) => view.setUint16(at, Number(bits & 0xffffn), little),
    value: whole(2, false),
  },
  u4: {
    bytes: 4,
    put: (view, at, bits, little) => view.setUint32(at, Number(bits & 0xffffffffn), little),
    value: whole(4, false),
  },
  u8: {
    bytes: 8,
    put: (view, at, bits, little) => view.setBigUint64(at, BigInt.asUintN(53, bits), little),
    value: (bits) => Number(BigInt.asUintN(53, bits)),
  },
};

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
    "mean the same elements in C and Fortran order, in both byte orders and all versions, however the dictionary is spaced and ordered",
    [
      shapes,
      seeds,
      fc.boolean(),
      fc.boolean(),
      fc.array(spaces, { minLength: 12, maxLength: 12 }),
      fc.nat({ max: 5 }),
      fc.constantFrom(1 as const, 2 as const, 3 as const),
    ],
    (shape, seed, fortran, big, gaps, turn, version) => {
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
      const { shape: read, data } = readNpy(npyFile({ header, body: new Uint8Array(body.buffer), version }), "a.npy");
      assert.deepEqual(read, shape);
      assert.deepEqual(data, expected);
    },
  );

  property(
    "hold numbers of every type and size, in both byte orders",
    [
      fc.constantFrom(...Object.keys(TYPES)),
      fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 6 }),
      fc.boolean(),
    ],
    (type, bits, big) => {
      const { bytes, put, value } = TYPES[type];
      const body = new DataView(new ArrayBuffer(bytes * bits.length));
      for (const [i, pattern] of bits.entries()) put(body, i * bytes, pattern, !big);
      const header = npyHeader(`${bytes === 1 ? "|" : big ? ">" : "<"}${type}`, `(${bits.length},)`);
      const { data } = readNpy(npyFile({ header, body: new Uint8Array(body.buffer) }), "a.npy");
      assert.deepEqual([...data], bits.map(value)); // prettier-ignore
    },
  );
});
