import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { affine, parameter } from "../../src/autograd/index.js";
import { softmaxCrossEntropy } from "../../src/pfc/softmaxCrossEntropy.js";
import { InProcessRanks } from "../../src/ranks/inProcessRanks.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { stream } from "../../src/tensor/random.js";

const engine = new ReferenceEngine("float64");

/** Mean of log Σ exp z − z_y and its derivative, as one writes it down. Rows labelled −1 have no z_y: see the tests. */
function plain(rows: number[][], labels: number[]): { loss: number; gradient: number[][] } {
  const softmax = rows.map((row) => {
    const total = row.reduce((sum, z) => sum + Math.exp(z), 0);
    return row.map((z) => Math.exp(z) / total);
  });
  const loss = softmax.reduce((sum, p, i) => sum - Math.log(p[labels[i]]), 0) / rows.length;
  const gradient = softmax.map((p, i) => p.map((value, j) => (value - (j === labels[i] ? 1 : 0)) / rows.length));
  return { loss, gradient };
}

function compute(rows: number[][], labels: number[], upstream = 1): { loss: number; gradient: number[] } {
  const z = parameter(engine.tensor(rows.flat(), [rows.length, rows[0].length]));
  const loss = softmaxCrossEntropy(z, Int32Array.from(labels));
  affine(loss, upstream, 0).backward();
  return { loss: loss.dataSync()[0], gradient: [...z.grad!.dataSync()] };
}

function randomRows(rows: number, columns: number, spread = 2): number[][] {
  const random = stream("test", "logits");
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => spread * random.normal()));
}

function assertNear(actual: number[], expected: number[], tolerance = 1e-14): void {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of actual.entries()) {
    assert.ok(Math.abs(value - expected[i]) <= tolerance, `element ${i}: ${value}, expected ${expected[i]}`);
  }
}

describe("softmax cross-entropy", () => {
  test("is log Σ exp z − z_y, with the derivative (p − onehot)/N times what comes from above", () => {
    const rows = randomRows(6, 9);
    const labels = [0, 8, 3, 3, 5, 1];
    const { loss, gradient } = compute(rows, labels, 1.5);
    const expected = plain(rows, labels);
    assertNear([loss], [expected.loss]);
    assertNear(
      gradient,
      expected.gradient.flat().map((value) => 1.5 * value),
    );
  });

  test("does not see a number that is added to a whole row", () => {
    const rows = randomRows(4, 5);
    const shifted = rows.map((row, i) => row.map((z) => z + 1000 * i));
    const [a, b] = [compute(rows, [0, 1, 2, 3]), compute(shifted, [0, 1, 2, 3])];
    assertNear([b.loss], [a.loss], 1e-12); // 3000 + z rounds at 5e-13
    assertNear(b.gradient, a.gradient, 1e-12);
  });

  test("caps the value of a row at −log(1e-30) = 69.0776, and not its gradient", () => {
    const { loss, gradient } = compute([[0, 200]], [0]);
    assertNear([loss], [30 * Math.LN10], 1e-12);
    assertNear(gradient, [-1, 1]);
  });

  test("counts a row that has its class nowhere as 69.0776, and pushes all its logits down", () => {
    const rows = randomRows(2, 3);
    const { loss, gradient } = compute(rows, [1, -1]);
    const known = plain(rows, [1, 0]);
    const first = -Math.log(known.gradient[0][1] * 2 + 1);
    assertNear([loss], [(first + 30 * Math.LN10) / 2], 1e-12);
    const total = rows[1].reduce((sum, z) => sum + Math.exp(z), 0);
    assertNear(
      gradient.slice(3),
      rows[1].map((z) => Math.exp(z) / total / 2),
    );
  });

  test("lets NaN through: a loss that went wrong has to show", () => {
    assert.ok(Number.isNaN(compute([[Number.NaN, 1]], [1]).loss));
    assert.ok(Number.isNaN(compute([[1, Infinity]], [0]).loss));
  });

  test("is the same over ranks as over one, however the classes are split", () => {
    const rows = randomRows(5, 10);
    const labels = [0, 9, 4, 4, 7];
    const whole = compute(rows, labels);
    const bounds = [0, 1, 5, 10]; // a shard of one class, one of four, one of five
    const shards = new InProcessRanks(engine, 3).run((communicator) => {
      const [start, end] = [bounds[communicator.rank], bounds[communicator.rank + 1]];
      const z = parameter(
        engine.tensor(
          rows.flatMap((row) => row.slice(start, end)),
          [5, end - start],
        ),
      );
      const local = Int32Array.from(labels, (label) => (label >= start && label < end ? label - start : -1));
      const loss = softmaxCrossEntropy(z, local, communicator);
      loss.backward();
      return { loss: loss.dataSync()[0], gradient: [...z.grad!.dataSync()], start, end };
    });
    for (const { loss, gradient, start, end } of shards) {
      assertNear([loss], [whole.loss]);
      const expected = rows.flatMap((_, i) => whole.gradient.slice(10 * i + start, 10 * i + end));
      assertNear(gradient, expected);
    }
  });

  test("wants one row a label", () => {
    assert.throws(() => compute(randomRows(2, 3), [0]), /\[2, 3\] and 1 labels/);
  });
});
