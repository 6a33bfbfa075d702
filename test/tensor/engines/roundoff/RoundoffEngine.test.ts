import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { RoundoffEngine } from "../../../../src/tensor/engines/roundoff/index.js";
import type { Tensor } from "../../../../src/tensor/tensor.js";

const engine = new RoundoffEngine();
/** Half a unit in the last place of 1. */
const UNIT = 2 ** -24;

function errors(tensor: Tensor): number[] {
  return Array.from(engine.errorOf(tensor));
}

/** Within a millionth, and a hair for subnormal roundings. */
function assertNear(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  for (const [i, bound] of expected.entries()) {
    assert.ok(Math.abs(actual[i] - bound) <= 1e-6 * bound + 1e-40, `[${i}]: ${actual[i]}, expected ${bound}`);
  }
}

describe("the engine that bounds what float32 loses", () => {
  it("knows what rounding an input costs, and that float32 numbers cost nothing", () => {
    assert.deepEqual(errors(engine.tensor([0.5, 0.1], [2])), [0, Math.abs(0.1 - Math.fround(0.1))]);
  });

  it("charges one rounding of the result for a sum of two", () => {
    const [a, b] = [engine.tensor([1, 3], [2]), engine.tensor([2, -3], [2])];
    assertNear(errors(engine.binary("add", a, b)), [3 * UNIT, 0]);
  });

  it("carries an error through a cancellation, where it is all that is left", () => {
    const third = engine.binary("divide", engine.full([1], 1), engine.full([1], 3)); // off by UNIT / 3
    const rest = engine.binary("subtract", third, engine.full([1], Math.fround(1 / 3)));
    assertNear(errors(rest), [UNIT / 3]);
  });

  it("charges n roundings of Σ|a·b| for a product of n terms, whatever the sum itself", () => {
    const a = engine.tensor([1, 1, 1, 1], [1, 4]);
    const b = engine.tensor([8, -8, 8, -8], [4, 1]);
    assertNear(errors(engine.matmul(a, b, false, false)), [4 * UNIT * 32]);
  });

  it("counts the terms of each element of a convolution: fewer at the border", () => {
    const [x, w] = [engine.full([1, 1, 1, 3], 1), engine.full([1, 1, 1, 3], 1)];
    const geometry = { kernel: [1, 3], stride: [1, 1], padding: [0, 1], dilation: [1, 1], groups: 1 } as const;
    assertNear(errors(engine.conv2d(x, w, geometry)), [2 * 2 * UNIT, 3 * 3 * UNIT, 2 * 2 * UNIT]);
  });

  it("promises equal bits where elements only move", () => {
    const x = engine.tensor([1, 2, 3, 4], [2, 2]);
    assert.deepEqual(errors(engine.gatherRows(engine.permute(x, [1, 0]), Int32Array.of(1, 1))), [0, 0, 0, 0]);
  });

  it("promises nothing beyond the largest float32, nor of what comes from there", () => {
    const large = engine.unary("exp", engine.tensor([100], [1]));
    assert.deepEqual(errors(large), [Infinity]);
    assert.deepEqual(errors(engine.unary("reciprocal", large)), [Infinity]);
  });

  it("promises nothing of a sum that may overflow on the way, although what is left in the end is small", () => {
    const [large, signs] = [engine.full([1, 4], 1e20), engine.tensor([3e18, 3e18, -3e18, -3e18], [4, 1])];
    assert.deepEqual(errors(engine.matmul(large, signs, false, false)), [Infinity]);
    assert.deepEqual(errors(engine.reduce("mean", engine.full([2], 2 ** 127), [0], false)), [Infinity]);
  });

  it("promises nothing of an angle that may stand anywhere on the circle", () => {
    const turns = engine.affine(engine.full([1], Math.fround(1.0540886)), 1e8, 0); // off by a whole turn
    assert.deepEqual(
      [...errors(engine.unary("sin", turns)), ...errors(engine.unary("cos", turns))],
      [Infinity, Infinity],
    );
  });

  it("promises nothing of a quotient whose divisor may be 0", () => {
    const nearZero = engine.binary("subtract", engine.full([1], Math.fround(0.1)), engine.tensor([0.1], [1]));
    assert.deepEqual(errors(engine.binary("divide", engine.full([1], 1), nearZero)), [Infinity]);
  });

  it("keeps errors inside a function's domain: the root of what may be a little below 0", () => {
    const noise = engine.binary("subtract", engine.full([1], Math.fround(0.1)), engine.tensor([0.1], [1]));
    const [bound] = errors(engine.unary("sqrt", noise));
    assert.ok(bound > 0 && bound < 1e-4, `bound ${bound}`);
  });

  it("overwrites and blends in place, errors too", () => {
    const [target, source] = [engine.tensor([1], [1]), engine.tensor([0.1], [1])];
    engine.assign(target, source);
    assert.deepEqual(errors(target), errors(source));
    engine.blend(target, 2, source, 1);
    assert.ok(Math.abs(target.dataSync()[0] - 0.3) < 1e-15);
    assertNear(errors(target), [3 * errors(source)[0] + UNIT * 0.3]);
  });

  it("names the kernels that it lacks", () => {
    assert.throws(() => engine.rowStore(), /rowStore: the engine "roundoff.*has no such kernel/);
    assert.throws(() => engine.sgdStep(), /sgdStep/);
    assert.throws(() => engine.adamStep(), /adamStep/);
  });

  it("leaves no tensors behind", async () => {
    const own = new RoundoffEngine();
    own.scope(() => own.softmaxRows(own.tensor([1, 2], [1, 2])).dispose());
    assert.deepEqual(own.memory(), { inUse: 0, peak: 0, reserved: 0, tensors: 0 });
    await own.ready();
    await own.close();
  });

  it("reads like any other engine", async () => {
    assert.deepEqual([...(await engine.tensor([1, 2], [2]).data())], [1, 2]);
  });
});
