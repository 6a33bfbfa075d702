/** Tests as the project writes them: node:test, node:assert, fast-check, the list of operations, bounds by RoundoffEngine. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import { operations } from "../../src/operations.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { operationCalls } from "../../property-tests/arbitraries/operationCalls.js";
import { answer, bounds } from "../../property-tests/operations/answer.js";
import { assertAnswer } from "../../property-tests/operations/close.js";
import { property } from "../../property-tests/property.js";

export { runTests as run } from "./standIns/test.js";

describe("operations", async () => {
  const engine = new ReferenceEngine("float32");
  after(() => engine.close());
  await engine.ready();

  for (const { operation, wide } of operationCalls.filter(({ operation }) => operation.definition.name === "matmul")) {
    property("matmul is within its bounds", [wide], (call) =>
      assertAnswer(answer(engine, operation, call), bounds(operation, call), engine.name),
    );
  }
  it("are all on the list", () => assert.ok(operations.length > 40));
});

describe("what does not hold", () => {
  property("no number is above 100", [fc.nat({ max: 1000 })], (n) => n <= 100);
  it("is reported", () => assert.deepEqual(Float32Array.of(1, -0), Float32Array.of(1, 0)));
  it("or left out", { skip: "on purpose" }, () => assert.fail());
});
