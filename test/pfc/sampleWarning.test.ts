import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sampleCenters } from "../../src/pfc/sampleCenters.js";
import { sampleWarning } from "../../src/pfc/sampleWarning.js";
import { shardOf } from "../../src/pfc/shard.js";
import { stream } from "../../src/tensor/random.js";

const labels = Int32Array.of(0, 1, 2, 3, 3);
const warning = (classes: number, ratio: number): ReturnType<typeof sampleWarning> =>
  sampleWarning(sampleCenters(labels, classes, ratio, stream("test")), shardOf(classes, 0, 1));

describe("a sample is commented on", () => {
  test("not when it holds three centers a row of the batch", () => {
    assert.equal(warning(150, 0.1), undefined);
  });

  test("when it holds fewer", () => {
    const { kind, message } = warning(140, 0.1)!;
    assert.equal(kind, "few-negatives");
    assert.match(message, /14 of 140 centers.*3 times the batch of 5/);
  });

  test("when the batch alone exceeds the budget", () => {
    const { kind, message } = warning(30, 0.1)!;
    assert.equal(kind, "overflow");
    assert.match(message, /4 classes of a batch of 5.*budget of 3 of 30/);
  });

  test("not on a rank that owns no class", () => {
    const sample = sampleCenters(new Int32Array(0), 1, 0, stream("test"));
    assert.equal(sampleWarning({ ...sample, labels: Int32Array.of(-1, -1) }, shardOf(2, 2, 3)), undefined);
  });
});
