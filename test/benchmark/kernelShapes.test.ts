import assert from "node:assert/strict";
import { test } from "node:test";
import { fittingShapes } from "../../src/benchmark/kernelShapes.js";
import type { Engine } from "../../src/tensor/engine.js";
import { openEngine } from "../../src/tensor/openEngine.js";

const gpu = { kind: "gpu" } as Engine;

/** An engine of so many operations a second for n = 128 and n = 1024; asked for no more than these. */
const rates =
  (...known: readonly number[]) =>
  async (_: Engine, n: number): Promise<number> => {
    const rate = known[[128, 1024].indexOf(n)];
    assert.ok(rate !== undefined, `n = ${n} was multiplied`);
    return rate;
  };

test("a GPU gets the shapes that it computes in a short time; slow software is not asked for the larger product", async () => {
  assert.equal(await fittingShapes(gpu, rates(0.15e9)), "small");
  assert.equal(await fittingShapes(gpu, rates(20e9, 100e9)), "standard");
  assert.equal(await fittingShapes(gpu, rates(20e9, 1000e9)), "large");
});

test("other engines have the shapes that are quoted, and multiply nothing for it", async () => {
  const engine = await openEngine("wasm", { threads: 1 });
  assert.equal(await fittingShapes(engine, rates()), "standard");
  await engine.close();
});
