/** gpu:webgl2 where there is no browser, and the texts of its shaders; what it computes is tested in a page (browser.test.ts). */
import assert from "node:assert/strict";
import { it } from "node:test";
import { FUNCTIONS } from "../../../../src/tensor/engines/gpu/functions.js";
import { openGpu } from "../../../../src/tensor/engines/gpu/openGpu.js";
import { declarations, withWholeAddresses } from "../../../../src/tensor/engines/gpu/shaderText.js";

it("gpu:webgl2 in Node is an error that says where it runs, and what runs here", () =>
  assert.rejects(
    openGpu({ mode: "webgl2" }),
    /gpu:webgl2 needs a browser.*in Node take gpu:webgpu, gpu:webasm or gpu:cpu/,
  ));

it("every helper is declared", () => {
  const text = declarations(FUNCTIONS);
  assert.match(text, /^float sine\(float\);$/m);
  assert.match(text, /^float sineOfQuarter\(float, float\);$/m);
});

it("addresses are whole numbers, everything else is left as it is", () => {
  const shader = "float hoisted_0_kernel=(integer(f(t, 0))*user_columns);\nfloat user_hoisted_1=2.0;";
  assert.equal(
    withWholeAddresses(shader),
    "int hoisted_0_kernel=(integer(f(t, 0))*user_columns);\nfloat user_hoisted_1=2.0;",
  );
});
