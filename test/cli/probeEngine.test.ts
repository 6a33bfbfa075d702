import assert from "node:assert/strict";
import { test } from "node:test";
import { probeEngine } from "../../src/cli/probeEngine.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import type { Tensor } from "../../src/tensor/tensor.js";

test("an engine that multiplies is available, and is closed", async () => {
  let closed = false;
  class Closing extends ReferenceEngine {
    override async close(): Promise<void> {
      closed = true;
    }
  }
  const probe = await probeEngine(async () => new Closing("float32"));
  assert.deepEqual(probe, { available: true, text: "reference, float32", hangs: false });
  assert.ok(closed);
});

test("an engine that returns zeros, as some drivers do, is not", async () => {
  class Zeros extends ReferenceEngine {
    override matmul(): Tensor {
      return this.full([1, 1], 0);
    }
  }
  const { available, text } = await probeEngine(async () => new Zeros("float32"));
  assert.equal(available, false);
  assert.equal(text, "reference, float32: 3 · 7 came out as 0");
});

test("an engine that cannot be opened says why", async () => {
  const probe = await probeEngine(() => Promise.reject(new Error("there is no adapter")));
  assert.deepEqual(probe, { available: false, text: "there is no adapter", hangs: false });
});

test("an engine that never answers is given up after a while", async () => {
  const probe = await probeEngine(() => new Promise(() => undefined), 0.01);
  assert.equal(probe.hangs, true);
  assert.match(probe.text, /^no answer to 3 · 7 within 0.01 seconds: the driver hangs/);
});
