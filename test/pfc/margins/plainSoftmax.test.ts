import assert from "node:assert/strict";
import { test } from "node:test";
import { parameter } from "../../../src/autograd/index.js";
import { combinedMargin } from "../../../src/pfc/margins/combinedMargin.js";
import { plainSoftmax } from "../../../src/pfc/margins/plainSoftmax.js";
import { ReferenceEngine } from "../../../src/tensor/engines/reference/index.js";

const engine = new ReferenceEngine("float64");
const cosines = [0.25, -0.5, 1, 0];

function logitsOf(margin: ReturnType<typeof plainSoftmax>): number[] {
  return [...margin.logits(parameter(engine.tensor(cosines, [2, 2])), Int32Array.of(1, 0)).dataSync()];
}

test("every similarity is multiplied by the scale, the right class's too", () => {
  assert.deepEqual(logitsOf(plainSoftmax({ scale: 8 })), [2, -4, 8, 0]);
  assert.throws(() => plainSoftmax({ scale: 0 }), /plainSoftmax: scale must be a positive number, given 0/);
});

test("a scale of 1 is no margin in Unicom's reading of a triple, and one in InsightFace's", () => {
  const triple = { scale: 1, m1: 1, m2: 0.3, m3: 0 };
  assert.deepEqual(logitsOf(combinedMargin({ ...triple, reading: "unicom" })), cosines);
  const [, target] = logitsOf(combinedMargin({ ...triple, reading: "insightface" }));
  assert.ok(Math.abs(target - Math.cos(Math.acos(-0.5) + 0.3)) < 1e-15);
  const [, scaled] = logitsOf(combinedMargin({ ...triple, scale: 2, reading: "unicom" }));
  assert.ok(Math.abs(scaled - 2 * Math.cos(Math.acos(-0.5) + 0.3)) < 1e-15);
});
