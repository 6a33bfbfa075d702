import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parameter } from "../../src/autograd/index.js";
import { cosFace, plainSoftmax, PartialFC, type PartialFCOptions } from "../../src/pfc/index.js";
import { InProcessRanks } from "../../src/ranks/inProcessRanks.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";

const engine = new ReferenceEngine("float64");

function makeHead(options: Partial<PartialFCOptions> = {}): PartialFC {
  return new PartialFC(engine, { classes: 3, embedding: 4, ratio: 1, margin: cosFace(), seed: 1, ...options });
}

/** Two rows, and three centers of which dimensions 0 and 2 are all that is selected. */
const ROWS = [3, 100, 4, -7, 0, 1, 2, 5];
const CENTERS = [1, 50, 0, 0, 0, -9, 2, 3, 4, 8, 3, 0];
const labels = Int32Array.of(0, 1);

describe("a selection of dimensions", () => {
  test("leaves out the others before rows are brought to length one: worked by hand", () => {
    const head = makeHead({
      features: 2,
      featureSampler: () => Int32Array.of(0, 2),
      margin: plainSoftmax({ scale: 5 }),
    });
    head.centers.store.load(0, Float64Array.from(CENTERS));
    const loss = head.loss(parameter(engine.tensor(ROWS, [2, 4])), labels, 0);
    // rows (3, 4)/5 and (0, 2)/2; centers (1, 0), (0, 2)/2, (4, 3)/5
    const logits = [
      [3, 4, 24 / 5],
      [0, 5, 3],
    ];
    const costs = logits.map((row, n) => Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0)) - row[labels[n]]);
    assert.ok(Math.abs(loss.dataSync()[0] - (costs[0] + costs[1]) / 2) < 1e-14);
    assert.deepEqual([...head.lastFeatures!], [0, 2]);
  });

  test("is another one in every step, the same for all ranks, and does not change which classes are drawn", () => {
    const at = (step: number, options: Partial<PartialFCOptions>): PartialFC => {
      const head = makeHead({ classes: 50, embedding: 16, ratio: 0.5, ...options });
      head.loss(parameter(engine.full([2, 16], 1)), labels, step);
      return head;
    };
    const [plain, first, again, second] = [
      at(0, {}),
      at(0, { features: 8 }),
      at(0, { features: 8 }),
      at(1, { features: 8 }),
    ];
    assert.deepEqual(first.lastFeatures, again.lastFeatures);
    assert.notDeepEqual(first.lastFeatures, second.lastFeatures);
    assert.deepEqual(first.lastSample!.index, plain.lastSample!.index);
  });

  test("of its own for each rank mixes cosines of several spaces in one softmax: another loss than a shared one", () => {
    const lossOf = (ranks: number, featureMask: "shared" | "per-rank"): number => {
      const group = new InProcessRanks(engine, ranks);
      const heads = group.communicators.map((communicator) =>
        makeHead({ classes: 12, embedding: 16, features: 8, featureMask, deviation: 1, communicator }),
      );
      const losses = group.run(({ rank }) => {
        const rows = Float64Array.from({ length: (4 / ranks) * 16 }, (_, i) =>
          Math.sin((rank * (4 / ranks) * 16 + i) ** 2),
        );
        const own = Int32Array.of(1, 5, 7, 11).subarray((rank * 4) / ranks, ((rank + 1) * 4) / ranks);
        return heads[rank].loss(parameter(engine.tensor(rows, [own.length, 16])), own, 0).dataSync()[0];
      });
      return losses[0];
    };
    assert.ok(Math.abs(lossOf(4, "shared") - lossOf(1, "shared")) < 1e-12);
    assert.ok(Math.abs(lossOf(4, "per-rank") - lossOf(1, "per-rank")) > 0.1);
  });

  test("is refused where there are not so many dimensions, or a sampler repeats one", () => {
    assert.throws(() => makeHead({ features: 5 }), /between 1 and all 4 dimensions .* given 5/);
    assert.throws(() => makeHead({ features: 0 }), /given 0/);
    assert.throws(() => makeHead({ features: 1.5 }), /given 1\.5/);
    const repeating = makeHead({ features: 2, featureSampler: () => Int32Array.of(1, 1) });
    assert.throws(
      () => repeating.loss(parameter(engine.tensor(ROWS, [2, 4])), labels, 0),
      /2 distinct ones; given 1, 1/,
    );
    const outside = makeHead({ features: 2, featureSampler: () => Int32Array.of(1, 4) });
    assert.throws(() => outside.loss(parameter(engine.tensor(ROWS, [2, 4])), labels, 0), /column numbers .* is 4/);
  });
});

describe("inner products in place of cosines", () => {
  test("are held within ±64, and have no gradient beyond: worked by hand", () => {
    const head = makeHead({ embedding: 1, similarity: "product", margin: plainSoftmax({ scale: 1 }) });
    head.centers.store.load(0, Float64Array.of(1, 100, -2));
    const x = parameter(engine.tensor([0.5, 3], [2, 1]));
    const loss = head.loss(x, labels, 0);
    loss.backward();
    const logits = [
      [0.5, 50, -1],
      [3, 64, -6], // 300 is cut off
    ];
    const sums = logits.map((row) => row.reduce((sum, z) => sum + Math.exp(z), 0));
    const costs = logits.map((row, n) => Math.log(sums[n]) - row[labels[n]]);
    assert.ok(Math.abs(loss.dataSync()[0] - (costs[0] + costs[1]) / 2) < 1e-12);
    // dL/dx = Σ_j (p_j − [j = y])/2 · w_j, over products that were not cut off
    const p = logits.map((row, n) => row.map((z) => Math.exp(z) / sums[n]));
    const expected = [((p[0][0] - 1) * 1 + p[0][1] * 100 - p[0][2] * 2) / 2, (p[1][0] * 1 - p[1][2] * 2) / 2];
    for (const [n, value] of x.grad!.dataSync().entries()) assert.ok(Math.abs(value - expected[n]) < 1e-12);
  });

  test("are refused with what is made for cosines", () => {
    const similarity = "product" as const;
    assert.throws(() => makeHead({ similarity }), /take the margin plainSoftmax.* given a margin on the cosine/);
    assert.throws(() => makeHead({ similarity, margin: plainSoftmax(), filter: 0.4 }), /a filter of 0\.4/);
    assert.throws(() => makeHead({ similarity, margin: plainSoftmax(), path: "fused" }), /the path "fused"/);
  });
});
