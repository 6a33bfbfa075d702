import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openEngine } from "../../src/tensor/openEngine.js";
import type { WasmEngine } from "../../src/tensor/engines/wasm/wasmEngine.js";

/** Touches allocation of every kind: results, several results, working memory of kernels, tables, in-place updates. */
function chain(engine: WasmEngine, repetition: number): number {
  return engine.scope(() => {
    const x = engine.full([4, 3, 5, 5], repetition % 7);
    const w = engine.full([6, 3, 3, 3], 0.1);
    const geometry = { kernel: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 } as const;
    const y = engine.conv2d(x, w, geometry);
    const slope = engine.full([6], 0.25);
    const { dx } = engine.preluGradient(y, slope, y);
    const norm = engine.batchNorm(dx, slope, slope, 1e-5);
    const rows = norm.y.reshape([4, 150]);
    const product = engine.matmul(rows, engine.permute(rows, [1, 0]), false, false);
    const sums = engine.reduce("sum", engine.softmaxRows(product), [0, 1], false);
    engine.sgdStep(w, w, undefined, { rate: 0.1, momentum: 0, decay: 0, nesterov: false });
    engine.gatherRows(rows, Int32Array.of(0, 3, 3));
    return sums.dataSync()[0];
  });
}

describe("memory of the wasm engine", () => {
  it("is flat over 1,000 repetitions of a chain of operations", async () => {
    const engine = await openEngine("wasm", { threads: 2 });
    let atTen: unknown;
    for (let repetition = 1; repetition <= 1000; repetition++) {
      const sum = chain(engine, repetition);
      assert.ok(Math.abs(sum - 4) < 1e-5, `the softmax of 4 rows sums to 4, not ${sum}`);
      if (repetition === 10) atTen = engine.memory();
    }
    assert.deepEqual(engine.memory(), atTen);
    await engine.close();
  });

  it("is all given back when everything is released", async () => {
    const engine = await openEngine("wasm", { threads: 2 });
    chain(engine, 1);
    const { inUse, tensors, peak } = engine.memory();
    assert.deepEqual({ inUse, tensors }, { inUse: 0, tensors: 0 });
    assert.ok(peak > 0);
    await engine.close();
  });

  it("counts tensors, the bytes they hold and the most there were", async () => {
    const engine = await openEngine("wasm", { threads: 1 });
    const tensor = engine.full([1024], 1);
    const larger = engine.full([2048], 1);
    assert.equal(engine.memory().inUse, 3 * 4096);
    larger.dispose();
    const { inUse, peak, reserved, tensors } = engine.memory();
    assert.deepEqual({ inUse, peak, tensors }, { inUse: 4096, peak: 3 * 4096, tensors: 1 });
    assert.ok(reserved >= peak && reserved % 65_536 === 0);
    tensor.dispose();
    await engine.close();
  });

  it("ends with an error that names the bytes asked for, those in use and the limit", async () => {
    const engine = await openEngine("wasm", { threads: 1, mostPages: 32 });
    const first = engine.full([128, 1024], 1); // 512 KiB of 2 MiB
    assert.throws(
      () => engine.full([512, 1024], 1),
      /out of memory: 2097152 bytes asked for, 524288 in use, and the limit of this memory is 2097152 bytes/,
    );
    assert.deepEqual(engine.memory().tensors, 1, "the failed tensor leaves nothing behind");
    assert.equal(first.dataSync()[131_071], 1, "and the others are unharmed");
    const small = engine.full([1024], 2);
    assert.equal(small.dataSync()[1023], 2, "and the engine goes on");
    await engine.close();
  });

  it("names 4 GiB as the limit where nothing less was set", async () => {
    const engine = await openEngine("wasm", { threads: 1 });
    assert.throws(() => engine.full([40_000, 40_000], 1), /6400000000 bytes asked for, 0 in use, and .* is 4 GiB/);
    await engine.close();
  });
});
