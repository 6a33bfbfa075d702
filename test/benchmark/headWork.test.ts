import assert from "node:assert/strict";
import { test } from "node:test";
import { headTable, headWork } from "../../src/benchmark/headWork.js";
import { openEngine } from "../../src/tensor/openEngine.js";

const size = { classes: 60, embedding: 8, batch: 4, ratio: 0.2, update: "sparse", storage: "float32" } as const;

test("heads of several ratios and paths step on one table, and leave no tensor behind", async () => {
  const engine = await openEngine("wasm", { threads: 1 });
  try {
    const table = await headTable(engine, size);
    const works = [0.2, 1].flatMap((ratio) =>
      (["formula", "fused"] as const).map((path) =>
        headWork(table, { ...size, ratio }, path, { name: path, variant: "" }),
      ),
    );
    const step = async (): Promise<void> => {
      for (const work of works) {
        await work.prepare?.();
        await work.run();
      }
    };
    const before = await table.centers.store.read(0, size.classes);
    await step();
    const { tensors } = engine.memory();
    await step();
    assert.equal(engine.memory().tensors, tensors);
    const after = await table.centers.store.read(0, size.classes);
    assert.ok(after.every((value) => Number.isFinite(value)));
    assert.notDeepEqual(after, before, "the update is part of a step");
    const rate = works.map(({ operations }) => operations);
    assert.deepEqual(rate.slice(2), [6 * 4 * 60 * 8, 6 * 4 * 60 * 8]);
  } finally {
    await engine.close();
  }
});
