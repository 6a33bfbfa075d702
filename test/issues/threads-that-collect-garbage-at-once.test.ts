/**
 * A thread of the wasm engine asks V8 for `gc` when the first memory is closed, by a flag that is one for all threads. Where another took the
 * flag back in between, the thread ended by "gc is not defined", and the calling thread stood still for two minutes.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

const THREADS = 4;
const ROUNDS = 20;

/** Loads the module afresh in each round, so that every thread asks for its function again, at the same moment as the others. */
const PROGRAM = `
  const { workerData } = require("node:worker_threads");
  const arrived = new Int32Array(workerData.arrived);
  (async () => {
    for (let round = 1; round <= ${ROUNDS}; round++) {
      const { collectGarbage } = await import(workerData.module + "?round=" + round);
      for (const place of [0, 1]) {
        let count = Atomics.add(arrived, place, 1) + 1;
        Atomics.notify(arrived, place);
        for (; count < ${THREADS} * round; count = Atomics.load(arrived, place)) Atomics.wait(arrived, place, count);
        if (place === 0) collectGarbage();
      }
    }
  })();`;

test("threads that collect garbage for the first time at the same moment all do", { timeout: 60_000 }, async () => {
  const module = import.meta.resolve("../../src/tensor/engines/wasm/collectGarbage.mjs");
  const workerData = { module, arrived: new SharedArrayBuffer(8) };
  const options = { eval: true, workerData, execArgv: [] };
  const workers = Array.from({ length: THREADS }, () => new Worker(PROGRAM, options));
  try {
    const ends = workers.map((worker) => {
      return new Promise((resolve, reject) => worker.on("exit", resolve).on("error", reject));
    });
    assert.deepEqual(await Promise.all(ends), Array(THREADS).fill(0));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
});
