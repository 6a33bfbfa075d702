/** Works on an engine that computes later: a sample ends when its last call is computed, and every call is computed anew. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { headTable, headWork } from "../../src/benchmark/headWork.js";
import { kernelWorks } from "../../src/benchmark/kernelWorks.js";
import { roundRobin } from "../../src/benchmark/roundRobin.js";
import type { Work } from "../../src/benchmark/work.js";
import type { GpuEngine } from "../../src/tensor/engines/gpu/gpuEngine.js";
import { openEngine } from "../../src/tensor/openEngine.js";

describe("works on gpu:webasm", () => {
  let engine: GpuEngine;
  before(async () => {
    engine = await openEngine("gpu:webasm");
  });
  after(async () => engine.close());

  /** Kernels, uploads and reads of five calls, counted when the sample is over. */
  async function countedIn({
    prepare,
    run,
    settle,
  }: Work): Promise<{ launches: number; uploads: number; reads: number }> {
    await prepare?.();
    await settle?.();
    const before = engine.traffic;
    for (let call = 0; call < 5; call++) await run();
    await settle?.();
    const { launches, uploads, reads } = engine.traffic;
    return { launches: launches - before.launches, uploads: uploads - before.uploads, reads: reads - before.reads };
  }

  test("run their kernels in every call, and none is left when the clock stops", async () => {
    const { works, dispose } = kernelWorks(engine, "", { words: ["matmul 128", "dispatch", "small"], shapes: "small" });
    assert.equal(works.length, 3);
    for (const work of works) assert.deepEqual(await countedIn(work), { launches: 5, uploads: 0, reads: 0 }, work.name);
    dispose();
    assert.equal(engine.memory().tensors, 0);
  });

  test("read and upload once a call", async () => {
    const { works, dispose } = kernelWorks(engine, "", { words: ["read", "upload"] });
    const [read, upload] = works;
    assert.deepEqual(await countedIn(read), { launches: 0, uploads: 0, reads: 5 });
    assert.deepEqual(await countedIn(upload), { launches: 0, uploads: 5, reads: 0 });
    dispose();
  });

  test("of the chain are a thousand calls a sample", async () => {
    const { works, dispose } = kernelWorks(engine, "", { words: ["dispatch"] });
    await engine.ready();
    const before = engine.traffic.launches;
    await roundRobin(works, { rounds: 2, warmups: 1 });
    assert.equal(engine.traffic.launches - before, 3000);
    dispose();
  });

  test("of the head compute the whole step before the clock stops, batches being made before it starts", async () => {
    const size = { classes: 60, embedding: 8, batch: 4, ratio: 0.5, update: "sparse", storage: "float32" } as const;
    const table = await headTable(engine, size);
    const work = headWork(table, size, "fused", { name: "head step", variant: "" });
    const stepOf = async (): Promise<number> => {
      await work.prepare?.();
      await work.settle?.();
      const before = engine.traffic.launches;
      await work.run();
      await work.settle?.();
      return engine.traffic.launches - before;
    };
    const first = await stepOf();
    assert.ok(first > 0);
    await engine.ready();
    const before = engine.traffic.launches;
    await engine.ready();
    assert.equal(engine.traffic.launches, before, "nothing of the step came later");
    table.dispose();
    await engine.ready();
  });
});
