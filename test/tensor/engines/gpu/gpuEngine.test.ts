/** What the GPU engine promises beyond its kernels: order, memory, reading, failures, and sizes at which float32 indices end. */
import assert from "node:assert/strict";
import { it } from "node:test";
import type { GpuEngine } from "../../../../src/tensor/engines/gpu/gpuEngine.js";
import { inEveryMode } from "./inEveryMode.js";

inEveryMode("the queue", (engine) => {
  it("runs operations in the order of the calls, in place ones too", async () => {
    using x = engine().tensor([1, 2], [2]);
    using before = engine().affine(x, 10, 0);
    engine().blend(x, 1, before, 1);
    using after = engine().affine(x, 10, 0);
    assert.deepEqual([...(await before.data())], [10, 20]);
    assert.deepEqual([...(await x.data())], [11, 22]);
    assert.deepEqual([...(await after.data())], [110, 220]);
  });

  it("takes the numbers as they are when it is called", async () => {
    const numbers = [1, 2];
    using x = engine().tensor(numbers, [2]);
    numbers[0] = 99;
    assert.deepEqual([...(await x.data())], [1, 2]);
  });

  it("says that a result must be awaited", () => {
    using x = engine().tensor([1], [1]);
    assert.throws(() => x.dataSync(), /cannot be read at once; await tensor\.data\(\)/);
  });

  it("reads only what is asked for", async () => {
    const { reads } = engine().traffic;
    using x = engine().scope(() => engine().unary("square", engine().affine(engine().full([3], 2), 2, 1)));
    await engine().ready();
    assert.equal(engine().traffic.reads, reads);
    assert.deepEqual([...(await x.data())], [25, 25, 25]);
    assert.equal(engine().traffic.reads, reads + 1);
  });

  it("keeps the elements that a released tensor shared", async () => {
    const x = engine().tensor([1, 2], [2]);
    using view = x.reshape([2, 1]);
    x.dispose();
    using target = engine().full([2, 1], 0);
    engine().assign(target, view);
    engine().blend(view, 0, view, 3); // another tensor's copy stays as it was
    assert.deepEqual([...(await target.data())], [1, 2]);
    assert.deepEqual([...(await view.data())], [3, 6]);
  });
});

inEveryMode("memory", (engine) => {
  it("is flat over 1,000 steps, by the device's own account", async () => {
    using weights = engine().full([8, 8], 0.1);
    using x = engine().full([4, 8], 0.5);
    const step = async (): Promise<number> => {
      const loss = engine().scope(() => {
        const y = engine().matmul(x, weights, false, false);
        const gradient = engine().matmul(x, y, true, false);
        engine().sgdStep(weights, gradient, undefined, { rate: 1e-3, momentum: 0, decay: 0, nesterov: false });
        return engine().reduce("sum", engine().unary("square", y), [0, 1], false);
      });
      return loss.item();
    };
    for (let i = 0; i < 10; i++) await step();
    await engine().ready();
    const early = { tensors: engine().memory().tensors, ...engine().device.memory(), peak: 0 };
    for (let i = 10; i < 1000; i++) await step();
    await engine().ready();
    assert.deepEqual({ tensors: engine().memory().tensors, ...engine().device.memory(), peak: 0 }, early);
  });
});

inEveryMode(
  "memory that is given back",
  (engine) => {
    it("is all of it: no kernel keeps its last result", async () => {
      const results = engine().scope(() => {
        const x = engine().full([300, 300], 1);
        return [engine().unary("square", x), engine().binary("add", x, x), engine().matmul(x, x, false, true)];
      });
      await results[2].data();
      for (const result of results) result.dispose();
      await engine().ready();
      assert.ok(engine().device.memory().bytes < 100_000, `${engine().device.memory().bytes} bytes are held`);
    });
  },
  {},
  ["webasm", "webgpu"],
);

inEveryMode("sizes", (engine) => {
  it("sums more than 1,000 terms", async () => {
    using ones = engine().full([3, 5000], 1);
    using sum = engine().reduce("sum", ones, [1], false);
    using product = engine().matmul(ones, ones, false, true);
    assert.deepEqual([...(await sum.data())], [5000, 5000, 5000]);
    assert.deepEqual([...(await product.data())], new Array<number>(9).fill(5000));
  });

  it("has empty tensors", async () => {
    using none = engine().tensor([], [0, 3]);
    using sum = engine().reduce("sum", none, [0], false);
    using product = engine().matmul(none, none, true, false);
    using joined = engine().scope(() => engine().concatenate([none, engine().full([1, 3], 7)], 0));
    assert.deepEqual([...(await none.data())], []);
    assert.deepEqual([...(await sum.data())], [0, 0, 0]);
    assert.deepEqual([...(await product.data())], new Array<number>(9).fill(0));
    assert.deepEqual([...(await joined.data())], [7, 7, 7]);
  });
});

/** 16,810,000 cells, more than float32 can number. */
const SIDE = 4100;

/** Where an address that went through float32 would be another: the last cells, and odd ones beyond 2^24. */
const FAR = [2 ** 24 + 1, 2 ** 24 + 4097, SIDE * SIDE - 2, SIDE * SIDE - 1];

function checkLargeTensors(engine: () => GpuEngine): void {
  it("addresses cells beyond 2^24", async () => {
    const rows = Float32Array.from({ length: SIDE }, (_, i) => i);
    const [table, turned, walked, gathered] = engine().scope(() => {
      const down = engine().tensor(rows, [SIDE, 1]);
      const right = engine().affine(engine().tensor(rows, [1, SIDE]), 3000, 0);
      const sum = engine().binary("add", down, right); // row + 3000 · column: exact, and hardly any two are equal
      const four = sum.reshape([41, 100, 82, 50]);
      const last = engine().gatherRows(sum, Int32Array.of(SIDE - 1));
      return [sum, engine().permute(sum, [1, 0]), engine().permute(four, [2, 0, 3, 1]), last];
    });
    const numbers = await table.data();
    const at = (row: number, column: number): number => row + 3000 * column;
    for (const i of FAR) assert.equal(numbers[i], at(Math.floor(i / SIDE), i % SIDE), `cell ${i}`);
    const transposed = await turned.data();
    for (const i of FAR) assert.equal(transposed[i], at(i % SIDE, Math.floor(i / SIDE)), `cell ${i} of the transpose`);
    const moved = await walked.data();
    for (const i of FAR) {
      const [c, a, d, b] = [Math.floor(i / 205_000), Math.floor(i / 5000) % 41, Math.floor(i / 100) % 50, i % 100];
      assert.equal(moved[i], numbers[((a * 100 + b) * 82 + c) * 50 + d], `cell ${i} of a rank-4 permutation`);
    }
    assert.deepEqual((await gathered.data()).slice(-2), numbers.slice(-2));
    for (const tensor of [table, turned, walked, gathered]) tensor.dispose();
  });
}

inEveryMode("large tensors", checkLargeTensors);
inEveryMode("large tensors on a device with few workgroups", checkLargeTensors, { mostWorkgroups: 64 }, ["webgpu"]);
