/**
 * The first pass of a sweep wrote the cosines of right classes four samples at a time, by reading, changing and writing back. Where two
 * threads met the classes of two neighbouring samples at the same moment, one of them was lost: cosine 0, once in some hundred steps of this size.
 *
 * A race shows when it will; sixty sweeps make it likely, not certain.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openEngine } from "../../src/tensor/openEngine.js";
import { stream } from "../../src/tensor/random.js";

const CLASSES = 4096;
const SAMPLES = 1024;

test("two threads lose no target of each other", async () => {
  const engine = await openEngine("wasm", { threads: 2 });
  const random = stream("targets");
  const store = engine.rowStore(CLASSES, 1, { initialize: (_, target, offset) => (target[offset] = 1) });
  const x = engine.full([SAMPLES, 1], 1);
  const labels = Int32Array.from({ length: SAMPLES }, () => random.integer(CLASSES));
  const index = Int32Array.from({ length: CLASSES }, (_, j) => j);
  for (let time = 0; time < 60; time++) {
    engine.scope(() => {
      const sweep = engine.cosineSweep({ store, index, x, labels, scale: 1, filter: 0, keep: false });
      const lost = sweep.statistics().target.dataSync().findIndex((cosine) => cosine !== 1); // prettier-ignore
      sweep.dispose();
      assert.equal(lost, -1, `the target of sample ${lost}`);
    });
  }
  await engine.close();
});
