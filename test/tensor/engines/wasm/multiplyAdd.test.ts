import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openEngine } from "../../../../src/tensor/openEngine.js";
import type { MultiplyAdd } from "../../../../src/tensor/engines/wasm/multiplyAdd.js";

/** a · b + c · 1 as a matrix product of one row and one column, with a · b = (1 + ε)² and c = −(1 + 2ε). */
async function squareRest(multiplyAdd: MultiplyAdd): Promise<number> {
  const engine = await openEngine("wasm", { threads: 1, multiplyAdd });
  const epsilon = 2 ** -23;
  const row = engine.tensor([-1 - 2 * epsilon, 1 + epsilon], [1, 2]);
  const column = engine.tensor([1, 1 + epsilon], [2, 1]);
  const [value] = engine.matmul(row, column, false, false).dataSync();
  await engine.close();
  return value;
}

describe("multiplyAdd", () => {
  it("separate rounds the product: of (1 + ε)² − (1 + 2ε) nothing is left", async () => {
    assert.equal(await squareRest("separate"), 0);
  });

  it("fused rounds once: ε² is left", async () => {
    assert.equal(await squareRest("fused"), 2 ** -46);
  });

  it("is fused where nothing is said and the platform has it", async () => {
    const engine = await openEngine("wasm", { threads: 1 });
    assert.equal(engine.multiplyAdd, "fused");
    await engine.close();
  });

  it("refuses another word", async () => {
    const given = "both" as unknown as MultiplyAdd;
    await assert.rejects(openEngine("wasm", { multiplyAdd: given }), /"separate" or "fused"; given "both"/);
  });
});
