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
    assert.match(out, /gpu\s+│ no\s+│ the GPU engine is not part of this version/);
    assert.ok(out.includes(`partial-fc ${version()}, node ${process.version}`), out);
  });
});
