/** Several losses before one update: sweeps add up as gathered rows do, and one that was never differentiated, or came of `noGrad`, does not count. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import type { Variable } from "../../src/autograd/index.js";
import { constant, noGrad, parameter } from "../../src/autograd/index.js";
import { SGD } from "../../src/nn/index.js";
import { cosFace } from "../../src/pfc/margins/cosFace.js";
import { PartialFC, type PartialFCOptions } from "../../src/pfc/partialFC.js";
import type { Engine } from "../../src/tensor/engine.js";
import { headProblems, ratios, type HeadProblem } from "../arbitraries/headProblems.js";
import { assertWithin } from "../operations/close.js";
import { property } from "../property.js";
import { engines, exact } from "../engines.js";
import { headBounds } from "./headRounding.js";

const margin = cosFace({ scale: 8, margin: 0.3 });
const RATE = 0.1;

/** What becomes of the loss of one batch before the update. */
type Use = "differentiated" | "left alone" | "without a tape" | "of constant embeddings";
const uses = fc.array(
  fc.constantFrom<Use>("differentiated", "differentiated", "left alone", "without a tape", "of constant embeddings"),
  { minLength: 1, maxLength: 4 },
);

/** Centers after one update with what the losses of all batches left behind. */
async function update(
  engine: Engine,
  { classes, embedding, centers, batches }: HeadProblem,
  used: readonly Use[],
  options: Pick<PartialFCOptions, "path" | "ratio" | "update">,
): Promise<number[]> {
  const before = engine.memory();
  const head = new PartialFC(engine, { classes, embedding, margin, seed: 7, ...options });
  head.centers.store.load(0, engine.float === "float64" ? centers : Float32Array.from(centers));
  const optimizer = new SGD(head, { momentum: 0.5, decay: 0.01 });
  engine.scope(() => {
    for (const [step, use] of used.entries()) {
      const { labels, embeddings } = batches[step % batches.length];
      const tensor = engine.tensor(embeddings, [labels.length, embedding]);
      const loss = (x: Variable): Variable => head.loss(x, Int32Array.from(labels), step);
      if (use === "without a tape") noGrad(() => loss(constant(tensor)));
      else if (use === "of constant embeddings") loss(constant(tensor)).backward();
      else {
        const x = parameter(tensor);
        const result = loss(x);
        if (use === "differentiated") result.backward();
        x.zeroGrad();
        x.tensor.dispose();
      }
    }
    optimizer.step({ rate: RATE });
    optimizer.zeroGrad();
  });
  const rows = [...(await head.centers.store.read(0, classes))];
  optimizer.dispose();
  head.dispose();
  const { tensors, inUse } = engine.memory();
  assert.deepEqual([tensors, inUse], [before.tensors, before.inUse], `${engine.name} keeps something`);
  return rows;
}

describe("losses of several batches on the fused path", () => {
  property(
    "update the centers as those of the formula do, with nothing left over",
    [
      headProblems({ maxRanks: 3, maxSteps: 3, regular: true }),
      uses,
      fc.oneof(fc.constantFrom(0, 1), ratios()),
      fc.constantFrom("sparse" as const, "dense" as const),
    ],
    async (problem, used, ratio, kind) => {
      const expected = await update(exact, problem, used, { path: "formula", ratio, update: kind });
      for (const engine of engines) {
        const actual = await update(engine, problem, used, { path: "fused", ratio, update: kind });
        const { dw } = headBounds(engine, problem, margin);
        const allowed = dw.map((bound) => RATE * used.length * 2 * bound); // and the rows are of order 1
        assertWithin(actual, expected, allowed, engine.name);
      }
    },
    { runs: 60 },
  );
});
