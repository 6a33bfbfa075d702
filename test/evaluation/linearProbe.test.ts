import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { linearProbe } from "../../src/evaluation/linearProbe.js";
import type { LabelledRows } from "../../src/evaluation/retrievalTask.js";
import { clusters, type Labelled } from "./embeddings.js";

/** Two parts of one set. */
function halves({ embeddings, labels, embedding }: Labelled): { train: LabelledRows; test: LabelledRows } {
  const half = Math.floor(labels.length / 2);
  return {
    train: { embeddings: embeddings.subarray(0, half * embedding), labels: labels.subarray(0, half) },
    test: { embeddings: embeddings.subarray(half * embedding), labels: labels.subarray(half) },
  };
}

describe("linearProbe", () => {
  it("separates what a line separates, however classes are called", () => {
    const train = { embeddings: Float64Array.of(1, 2, 10, 11, 20, 22), labels: [70, 70, -3, -3, 5, 5] };
    const test = { embeddings: Float64Array.of(0, 10.5, 25), labels: [70, -3, 5] };
    const result = linearProbe({ train, test, embedding: 1, inversePenalty: 100 });
    assert.deepEqual([result.top1, result.meanPerClass, result.classes, result.unknown], [1, 1, 3, 0]);
    assert.equal(result.fit.stopped, "gradient");
  });

  it("averages over classes of the test part, and counts images of unknown ones as wrong", () => {
    const train = { embeddings: Float64Array.of(-1, 1), labels: [0, 1] };
    // predictions 0, 0, 0, 1 | 1 | 0
    const test = { embeddings: Float64Array.of(-2, -1, -3, 2, 2, -1), labels: [0, 0, 0, 0, 1, 9] };
    const { top1, meanPerClass, unknown } = linearProbe({ train, test, embedding: 1 });
    assert.equal(top1, 4 / 6);
    assert.equal(meanPerClass, (3 / 4 + 1 + 0) / 3);
    assert.equal(unknown, 1);
  });

  it("gives equal logits to the lower class", () => {
    const train = { embeddings: Float64Array.of(0, 0), labels: [4, 2] };
    const test = { embeddings: Float64Array.of(0), labels: [2] };
    assert.equal(linearProbe({ train, test, embedding: 1 }).top1, 1);
  });

  it("chooses C on the validation part, of equal ones the first, and reports the sweep", () => {
    // a penalty as strong as 1e-6 leaves the biases, which say the frequent class 0 to everything
    const train = { embeddings: Float64Array.of(-1, -1, -1, 1), labels: [0, 0, 0, 1] };
    const validation = { embeddings: Float64Array.of(-1, 1), labels: [0, 1] };
    const options = { train, test: validation, validation, embedding: 1 };
    const result = linearProbe({ ...options, inversePenalty: [1e-6, 100, 1000] });
    assert.deepEqual(result.sweep, [
      { inversePenalty: 1e-6, top1: 1 / 2 },
      { inversePenalty: 100, top1: 1 },
      { inversePenalty: 1000, top1: 1 },
    ]);
    assert.deepEqual([result.inversePenalty, result.top1], [100, 1]);
    assert.equal(linearProbe({ ...options, inversePenalty: 1e-6 }).top1, 1 / 2);
  });

  it("does not see the units of features when these are standardized by the training part", () => {
    const set = clusters("probe", 300, 4, 5, 1.2);
    const factors = [1, 64, 1 / 8, 1024]; // powers of two and whole shifts near the data's size: rounding stays small
    const changed = {
      ...set,
      embeddings: set.embeddings.map((value, i) => value * factors[i % 4] + 3 * factors[i % 4]),
    };
    const options = { embedding: 4, standardize: true, inversePenalty: 0.1 };
    const plain = linearProbe({ ...halves(set), ...options });
    const other = linearProbe({ ...halves(changed), ...options });
    assert.equal(other.top1, plain.top1);
    assert.ok(Math.abs(other.fit.value - plain.fit.value) < 1e-9);
    const raw = (data: Labelled): number => linearProbe({ ...halves(data), ...options, standardize: false }).fit.value;
    assert.ok(Math.abs(raw(changed) - raw(set)) > 1e-3);
  });

  it("makes a constant feature zero when it standardizes", () => {
    const train = { embeddings: Float64Array.of(0.1, -1, 0.1, 1, 0.1, 2), labels: [0, 1, 1] };
    const { top1, fit } = linearProbe({ train, test: train, embedding: 2, standardize: true, inversePenalty: 100 });
    assert.equal(top1, 1);
    assert.ok(Number.isFinite(fit.value));
  });

  it("says what is wrong with its input", () => {
    const part = { embeddings: Float64Array.of(-1, 1), labels: [0, 1] };
    const base = { train: part, test: part, embedding: 1 };
    assert.throws(() => linearProbe({ ...base, inversePenalty: [1, 2] }), /given 2 and no validation part/);
    assert.throws(() => linearProbe({ ...base, inversePenalty: [] }), /given 0 and no validation part/);
    assert.throws(() => linearProbe({ ...base, train: { ...part, labels: [1, 1] } }), /given 2 rows of one/);
    assert.throws(() => linearProbe({ ...base, test: { ...part, labels: [1] } }), /test part: .* given 1 for 2 rows/);
    assert.throws(
      () => linearProbe({ ...base, train: { ...part, embeddings: Float64Array.of(NaN, 1) } }),
      /row 0, dimension 0 is NaN/,
    );
  });
});
