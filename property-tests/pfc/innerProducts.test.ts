/** Inner products in place of cosines (Unicom's `normalize: 0`): the loss and gradients that plain loops give, held within ±64. */
import { describe } from "node:test";
import fc from "fast-check";
import { plainSoftmax } from "../../src/pfc/index.js";
import { drawFeatures } from "../../src/pfc/sampleFeatures.js";
import { stream } from "../../src/tensor/random.js";
import { headProblems, ratios, type HeadProblem } from "../arbitraries/headProblems.js";
import { exact } from "../engines.js";
import { assertWithin } from "../operations/close.js";
import { property } from "../property.js";
import { runHeads } from "./headsOnRanks.js";

const LARGEST = 64;
/** So that no loss comes near the bound of softmaxCrossEntropy: 64 · 2 · SCALE is below 69. */
const SCALE = 0.25;

/** ⟨x, w⟩ in the selected columns of all rows with all classes: [N][C]. */
function productsOf({ embedding, classes, centers, batches: [batch] }: HeadProblem, columns: Int32Array): number[][] {
  return batch.labels.map((_, n) =>
    Array.from({ length: classes }, (__, j) =>
      columns.reduce((sum, c) => sum + batch.embeddings[n * embedding + c] * centers[j * embedding + c], 0),
    ),
  );
}

/** Loss, dL/dx and dL/dw over the sampled classes, by loops. */
function plainHead(problem: HeadProblem, columns: Int32Array, sampled: readonly number[]) {
  const { embedding, centers, batches: [{ labels, embeddings }] } = problem; // prettier-ignore
  const products = productsOf(problem, columns);
  const [dx, dw] = [embeddings.map(() => 0), centers.map(() => 0)];
  let loss = 0;
  for (const [n, label] of labels.entries()) {
    const logits = sampled.map((j) => SCALE * Math.min(LARGEST, Math.max(-LARGEST, products[n][j])));
    const largest = Math.max(...logits);
    const total = logits.reduce((sum, z) => sum + Math.exp(z - largest), 0);
    loss += (largest + Math.log(total) - logits[sampled.indexOf(label)]) / labels.length;
    for (const [place, j] of sampled.entries()) {
      if (Math.abs(products[n][j]) > LARGEST) continue; // no gradient beyond
      const slope = (SCALE * (Math.exp(logits[place] - largest) / total - Number(j === label))) / labels.length;
      for (const c of columns) {
        dx[n * embedding + c] += slope * centers[j * embedding + c];
        dw[j * embedding + c] += slope * embeddings[n * embedding + c];
      }
    }
  }
  return { loss, dx, dw };
}

describe("a head of inner products", () => {
  property(
    "has the loss and gradients of plain loops over the sample, in some dimensions or all, and none beyond ±64",
    [headProblems({ maxRanks: 1 }), fc.constantFrom(1, 4, 16), fc.oneof(fc.constant(1), ratios()), fc.nat()],
    async (drawn, factor, ratio, key) => {
      const embeddings = drawn.batches[0].embeddings.map((value) => factor * value);
      const problem = { ...drawn, batches: [{ ...drawn.batches[0], embeddings }] };
      const { embedding } = problem;
      const columns = drawFeatures({ embedding, features: 1 + (key % embedding), step: 0, rank: 0 }, stream(key));
      // where a product is 64 but for rounding, the last bit decides about its gradient
      const products = productsOf(problem, columns).flat();
      if (products.some((product) => Math.abs(product) !== LARGEST && Math.abs(Math.abs(product) - LARGEST) < 1e-9))
        return;
      const settings = { ratio, margin: plainSoftmax({ scale: SCALE }), similarity: "product" as const };
      const selected = { features: columns.length, featureSampler: () => columns };
      const [step] = (await runHeads(exact, 1, problem, { ...settings, ...selected })).steps;
      const { loss, dx, dw } = plainHead(problem, columns, step.sampled);
      // float64: some forty roundings of numbers up to 64 · 16, and of sums of as many rows or classes
      const near = (expected: ArrayLike<number>): number[] => Array.from(expected, () => 1e-11);
      assertWithin([step.losses[0]], [loss], [1e-11], "loss");
      assertWithin(step.dx, dx, near(dx), "embedding gradient");
      assertWithin(step.dw, dw, near(dw), "center gradient");
    },
    { runs: 150 },
  );
});
