/** The kernels between float32 and binary16 against the standard's table: every half, and floats around every boundary. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { WasmEngine } from "../../../../src/tensor/engines/wasm/wasmEngine.js";
import { openEngine } from "../../../../src/tensor/openEngine.js";
import { halfValue } from "../../halfValue.js";

const ALL = Array.from({ length: 65_536 }, (_, bits) => bits);

describe("halves on the wasm engine", () => {
  let engine: WasmEngine;
  before(async () => {
    engine = await openEngine("wasm", { threads: 2 });
  });
  after(() => engine.close());

  /** Runs the flat kernel on these bytes and returns so many bytes of its result. */
  function convert(kernel: "widen" | "narrow", source: Uint16Array | Uint32Array, bytes: number): ArrayBuffer {
    const x = engine.allocate(source.byteLength);
    const y = engine.allocate(bytes);
    new Uint8Array(engine.heap.memory.buffer).set(new Uint8Array(source.buffer), x);
    engine.run(kernel, Math.ceil(source.length / 4096), [x, y, source.length], 1e9);
    const result = new Uint8Array(engine.heap.memory.buffer, y, bytes).slice().buffer;
    engine.release(x);
    engine.release(y);
    return result;
  }

  function narrow(values: readonly number[]): Uint16Array {
    const bits = new Uint32Array(Float32Array.from(values).buffer);
    return new Uint16Array(convert("narrow", bits, values.length * 2));
  }

  it("widens each of the 65,536 halves exactly", () => {
    const floats = new Float32Array(convert("widen", Uint16Array.from(ALL), ALL.length * 4));
    for (const bits of ALL) {
      assert.ok(Object.is(floats[bits], halfValue(bits)), `${bits.toString(16)}: ${floats[bits]}`);
    }
  });

  it("gives each half back when it is narrowed again, NaN with its payload and quiet", () => {
    const floats = new Uint32Array(convert("widen", Uint16Array.from(ALL), ALL.length * 4));
    const halves = new Uint16Array(convert("narrow", floats, ALL.length * 2));
    for (const bits of ALL) assert.equal(halves[bits], Number.isNaN(halfValue(bits)) ? bits | 0x200 : bits);
  });

  it("rounds to the nearest half, ties to even, on both sides of every boundary", () => {
    const view = new DataView(new ArrayBuffer(4));
    const float = (x: number, step: number): number => {
      view.setFloat32(0, x);
      view.setUint32(0, view.getUint32(0) + step);
      return view.getFloat32(0);
    };
    const values: number[] = [];
    const expected: number[] = [];
    for (let bits = 0; bits < 0x7c00; bits++) {
      // 65,504 is the largest half; the next in line, 65,536, is infinite
      const above = bits === 0x7bff ? 65_536 : halfValue(bits + 1);
      const middle = (halfValue(bits) + above) / 2; // exact in float32
      values.push(float(middle, -1), middle, float(middle, 1));
      expected.push(bits, bits + (bits % 2), bits + 1);
    }
    const positive = narrow(values);
    const negative = narrow(values.map((value) => -value));
    for (const [i, half] of expected.entries()) {
      assert.equal(positive[i], half, `${values[i]}`);
      assert.equal(negative[i], half | 0x8000, `${-values[i]}`);
    }
  });

  it("gives zero of the right sign for the smallest numbers, and ∞ for the largest", () => {
    assert.deepEqual(
      [...narrow([0, -0, 1e-45, -1e-45, 2 ** -25, 3e38, -3e38, Infinity, -Infinity])],
      [0, 0x8000, 0, 0x8000, 0, 0x7c00, 0xfc00, 0x7c00, 0xfc00],
    );
  });

  it("converts rows of any length, and nothing behind them", () => {
    for (let count = 1; count < 40; count++) {
      const halves = Uint16Array.from({ length: count }, (_, i) => 0x3c00 + i);
      const floats = new Float32Array(convert("widen", halves, count * 4));
      assert.deepEqual([...floats], Array.from(halves, halfValue));
      const to = engine.allocate(count * 2 + 64);
      const bytes = new Uint8Array(engine.heap.memory.buffer, to, count * 2 + 64).fill(0xee);
      const from = engine.allocate(count * 4);
      engine.heap.floats.set(floats, from / 4);
      engine.run("narrow", 1, [from, to, count], 0);
      assert.deepEqual(new Uint16Array(bytes.slice(0, count * 2).buffer), halves);
      assert.ok(bytes.subarray(count * 2).every((byte) => byte === 0xee));
      engine.release(from);
      engine.release(to);
    }
  });
});
