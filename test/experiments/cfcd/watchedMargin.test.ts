/** What `experiment:cfcd` says of a batch, against plain loops over its cosines. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { watchedMargin, type Watched } from "../../../experiments/cfcd/watchedMargin.js";
import { Variable } from "../../../src/autograd/index.js";
import { PartialFC, type MarginSupplier } from "../../../src/pfc/index.js";
import { openEngine } from "../../../src/tensor/openEngine.js";

const [SCALE, MARGIN, CLASSES] = [8, 0.25, 4];

/** Supplies the same scale and margin always, and says that row 1 has the median. */
const FIXED: MarginSupplier = {
  supply: (target) => ({
    scale: target.engine.full([], SCALE),
    median: target.engine.tensor([target.dataSync()[1]], []),
    margin: () => target.engine.full([], MARGIN),
  }),
};

describe("a watched margin", () => {
  it("tells the probabilities of the median row and of a perfect one, and changes nothing", async () => {
    const engine = await openEngine("reference");
    const watched: Watched[] = [];
    const make = (margin: MarginSupplier): PartialFC =>
      new PartialFC(engine, { classes: CLASSES, embedding: 3, ratio: 1, seed: 5, margin });
    const rows = [1, 0, 2, 0, 3, 1, -1, 1, 0.5];
    const labels = Int32Array.of(0, 2, 3);
    const loss = (head: PartialFC): number =>
      head.loss(new Variable(engine.tensor(rows, [3, 3]), true), labels, 0).tensor.dataSync()[0];
    const head = make(watchedMargin(FIXED, (batch) => watched.push(batch)));
    assert.equal(loss(head), loss(make(FIXED)));

    const centers = await head.centers.store.read(0, CLASSES);
    const x = rows.slice(3, 6);
    const cosines = Array.from({ length: CLASSES }, (_, j) => {
      const w = Array.from(centers.subarray(3 * j, 3 * j + 3));
      const dot = x.reduce((sum, value, k) => sum + value * w[k], 0);
      return dot / (Math.hypot(...x) * Math.hypot(...w));
    });
    const others = cosines.reduce((sum, cosine, j) => (j === 2 ? sum : sum + Math.exp(SCALE * cosine)), 0);
    const probability = (cosine: number): number => {
      const own = Math.exp(SCALE * (cosine - MARGIN));
      return own / (own + others);
    };
    const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-5, `${a} and ${b}`); // float32, times the scale
    assert.equal(watched.length, 1);
    const [told] = watched;
    near(told.median, cosines[2]);
    near(told.probability, probability(cosines[2]));
    near(told.loss, -Math.log(probability(cosines[2])));
    near(told.doubt, 1 - probability(1));
    assert.deepEqual([told.scale, told.margin], [SCALE, MARGIN]);
  });
});
