import assert from "node:assert/strict";
import { after, before, describe, it, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Bank } from "../../../../src/tensor/engines/wasm/bank.js";
import { Heap } from "../../../../src/tensor/engines/wasm/heap.js";
import type { WasmEngine } from "../../../../src/tensor/engines/wasm/wasmEngine.js";
import { openEngine } from "../../../../src/tensor/openEngine.js";

const SIZE = 2 ** 20;
const BLOCKS = SIZE / 4096;
const SHARED = 1e9; // so much work that all threads take part

/** Fills a block with a value on all threads, doubles it, and returns its sum. */
function sumOfDoubled(bank: Bank, value: number): number {
  const pointer = bank.allocate(SIZE * 4);
  bank.heap.floats.fill(value, pointer / 4, pointer / 4 + SIZE);
  bank.run("blend", BLOCKS, [pointer, pointer, SIZE, 1, 1], SHARED);
  const sum = bank.heap.floats.subarray(pointer / 4, pointer / 4 + SIZE).reduce((total, element) => total + element, 0);
  bank.release(pointer);
  return sum;
}

test("a thread that cannot take a memory is reported at once to whoever waits for it", async () => {
  const engine = await openEngine("wasm", { threads: 3 });
  const started = performance.now();
  const number = engine.team.join({} as WebAssembly.Memory); // no memory at all: the kernels cannot be linked to it
  assert.throws(() => engine.team.leave([number]), /a thread has ended: .*memory/);
  assert.ok(performance.now() - started < 60_000, "told by the limit of patience only");
  assert.throws(() => sumOfDoubled(engine.bank, 1), /a thread has ended/);
  await engine.close();
});

describe("banks", () => {
  let engine: WasmEngine;
  before(async () => {
    engine = await openEngine("wasm", { threads: 4 });
  });
  after(() => engine.close());
  const open = (pages?: number): Bank => new Bank(engine.team, new Heap(pages, "exact"));

  it("are opened when the threads are long at work, and run kernels on all of them", () => {
    assert.equal(sumOfDoubled(engine.bank, 1), 2 * SIZE);
    const banks = Array.from({ length: 5 }, () => open());
    for (const [number, bank] of banks.entries()) assert.equal(sumOfDoubled(bank, number), 2 * number * SIZE);
    for (const [number, bank] of banks.toReversed().entries())
      assert.equal(sumOfDoubled(bank, number), 2 * number * SIZE);
    assert.equal(sumOfDoubled(engine.bank, 3), 6 * SIZE);
    Bank.close(banks);
    assert.equal(sumOfDoubled(engine.bank, 4), 8 * SIZE);
  });

  it("grow after the threads have seen them, each by itself", () => {
    const banks = [open(), open()];
    for (const bank of [...banks, ...banks, ...banks]) {
      bank.allocate(3 * bank.heap.reserved); // never released: what comes lies beyond what any thread has seen
      assert.equal(sumOfDoubled(bank, 1), 2 * SIZE);
    }
    Bank.close(banks);
  });

  it("come and go two hundred times", () => {
    for (let round = 0; round < 200; round++) {
      const bank = open(80);
      if (round % 50 === 0) assert.equal(sumOfDoubled(bank, round), 2 * round * SIZE);
      if (round % 3 === 0) Bank.close([bank]);
      else engine.team.leave([bank.number]);
    }
  });

  it("report a kernel that fails, and are of use afterwards", () => {
    const bank = open(80);
    assert.throws(() => bank.run("blend", BLOCKS, [2 ** 31, 2 ** 31, SIZE, 1, 1], SHARED), /kernel "blend" failed/);
    assert.throws(() => bank.run("bend", 1, [], 0), /no kernel "bend"/);
    assert.equal(sumOfDoubled(bank, 1), 2 * SIZE);
    Bank.close([bank]);
  });

  it("say that they were closed", () => {
    const bank = open(80);
    Bank.close([bank]);
    Bank.close([bank]);
    for (const use of [() => bank.allocate(1), () => bank.heap, () => bank.run("blend", 1, [], 0)]) {
      assert.throws(use, /memory \d+ was closed/);
    }
  });

  it("give their memory back to the system when they are closed", async () => {
    const bytes = 2 ** 29;
    const before = process.memoryUsage.rss();
    const bank = open();
    const pointer = bank.allocate(bytes);
    bank.run("blend", bytes / 16_384, [pointer, pointer, bytes / 4, 1, 1], SHARED);
    assert.ok(process.memoryUsage.rss() - before > 0.9 * bytes);
    Bank.close([bank]);
    // V8 unmaps on a thread of its own, a moment later
    for (let waited = 0; waited < 100 && process.memoryUsage.rss() - before > bytes / 4; waited++) await setTimeout(50);
    assert.ok(process.memoryUsage.rss() - before < bytes / 4, "half a gigabyte is still held");
  });

  it("take no memory for zeros that nobody has touched", () => {
    const before = process.memoryUsage.rss();
    const bank = open();
    const pointer = bank.heap.allocateZeros(2 ** 31);
    assert.equal(bank.heap.floats[pointer / 4 + 1e8], 0);
    assert.ok(process.memoryUsage.rss() - before < 2 ** 26);
    Bank.close([bank]);
  });
});
