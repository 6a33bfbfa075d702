import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { version } from "../../src/cli/version.js";
import { pfc } from "./pfc.js";

describe("pfc info", () => {
  it("runs every engine that is there, and says why one is not", async () => {
    const { code, out } = await pfc("info");
    assert.equal(code, 0);
    assert.match(out, /reference\s+│ yes\s+│ reference, float32/);
    assert.match(out, /wasm\s+│ yes\s+│ wasm, \d+ threads?, relaxed simd/);
    assert.match(out, /gpu:webasm\s+│ yes\s+│ gpu\.js webasm/);
    assert.match(out, /gpu:cpu\s+│ yes\s+│ gpu\.js cpu/);
    assert.match(out, /gpu:webgl2\s+│ no\s+│ gpu:webgl2 needs a browser/);
    // what there is of a GPU depends on the machine: its name, or why there is none and how to get one
    assert.match(out, /gpu\s+│ (yes\s+│ gpu\.js webgpu, \S|no\s+│ gpu engine: there is no GPU here)/);
    assert.match(out, /gpu:webgpu\s+│ (yes\s+│ gpu\.js webgpu, \S|no\s+│ gpu:webgpu \S)/);
    assert.ok(out.includes(`partial-fc ${version()}, node ${process.version}`), out);
  });
});
