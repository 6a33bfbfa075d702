/**
 * What Partial FC promises of one step (An et al. 2022, section 3): with all centers it is the full softmax; a sample of them costs less and
 * tells less; class numbers are names; and gradients turn rows without stretching them.
 *
 * The second computation is `test/pfc/fullSoftmax.ts`: plain arrays, and gradients by central differences.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { differences, fullSoftmaxLoss } from "../../test/pfc/fullSoftmax.js";
import { headProblems, ratios, type HeadProblem } from "../arbitraries/headProblems.js";
import { marginChoices, toMargin } from "../arbitraries/margins.js";
import { permutations } from "../arbitraries/shapes.js";
import { assertWithin } from "../operations/close.js";
import { property } from "../property.js";
import { exact } from "../engines.js";
import { headBounds } from "./headRounding.js";
import { runHeads, type HeadSettings, type HeadStep } from "./headsOnRanks.js";
import { DIFFERENCE, lossOver, margin, MARGIN, plain, SCALE, toRows } from "./plainHead.js";

/** One rank, rows that are not short: differences divide by their length. */
const problems = (maxClasses = 8): fc.Arbitrary<HeadProblem> =>
  headProblems({ maxRanks: 4, maxClasses, regular: true }).map((problem) => ({ ...problem, ranks: 1 }));

const oneStep = async (problem: HeadProblem, settings: Partial<HeadSettings> = {}): Promise<HeadStep> =>
  (await runHeads(exact, 1, problem, { ratio: 1, margin, ...settings })).steps[0];

const fill = (length: number, value: number): number[] => new Array<number>(length).fill(value);

describe("Partial FC", () => {
  property(
    "is the full softmax when the ratio is one: loss, embedding gradients, center gradients",
    [problems()],
    async (problem) => {
      const { x, w, y } = plain(problem);
      const { losses, dx, dw } = await oneStep(problem);
      assertWithin(losses, [fullSoftmaxLoss(x, w, y, SCALE, MARGIN)], [1e-13], "loss");
      const byX = differences(x, (changed) => fullSoftmaxLoss(changed, w, y, SCALE, MARGIN)).flat();
      const byW = differences(w, (changed) => fullSoftmaxLoss(x, changed, y, SCALE, MARGIN)).flat();
      assertWithin(dx, byX, fill(byX.length, DIFFERENCE), "dx");
      assertWithin(dw, byW, fill(byW.length, DIFFERENCE), "dw");
    },
  );

  property(
    "is the softmax over its sample otherwise, and never more than the full one: what is left out of a sum makes it smaller",
    [problems(), ratios()],
    async (problem, ratio) => {
      const { x, w, y } = plain(problem);
      const { losses, sampled } = await oneStep(problem, { ratio });
      assertWithin(losses, [lossOver(sampled, x, w, y)], [1e-13], "loss");
      assert.ok(losses[0] <= fullSoftmaxLoss(x, w, y, SCALE, MARGIN) + 1e-13);
    },
  );

  property(
    "costs no less for every class that is added to the sample",
    [problems().chain((problem) => fc.tuple(fc.constant(problem), permutations(problem.classes)))],
    async ([problem, order]) => {
      const positives = new Set(problem.batches[0].labels);
      const negatives = order.filter((j) => !positives.has(j));
      let before = 0;
      for (let count = 0; count <= negatives.length; count++) {
        const sample = [...positives, ...negatives.slice(0, count)].sort((a, b) => a - b);
        const [loss] = (await oneStep(problem, { ratio: 0.5, samples: [sample] })).losses;
        assert.ok(loss >= before - 1e-13, `${loss} with ${sample.join(", ")}, ${before} with one class less`);
        before = loss;
      }
    },
  );

  property(
    "turns rows without stretching them: ⟨x, dx⟩ = 0 and ⟨w, dw⟩ = 0, whatever the margin and the filter",
    [headProblems(), ratios(), marginChoices(), fc.constantFrom(0, 0.4)],
    async (problem, ratio, choice, filter) => {
      const chosen = toMargin(choice);
      const { dx, dw } = await oneStep(problem, { ratio, margin: chosen, filter });
      const bounds = headBounds(exact, problem, chosen);
      const assertRightAngles = (
        rows: Float64Array,
        gradients: readonly number[],
        allowed: readonly number[],
      ): void => {
        for (let row = 0; row < rows.length; row += problem.embedding) {
          let [product, slack] = [0, 0];
          for (let i = row; i < row + problem.embedding; i++) {
            product += rows[i] * gradients[i];
            slack += Math.abs(rows[i]) * allowed[i];
          }
          assert.ok(Math.abs(product) <= slack, `⟨row, gradient⟩ = ${product} in row ${row / problem.embedding}`);
        }
      };
      assertRightAngles(problem.batches[0].embeddings, dx, bounds.dx);
      assertRightAngles(problem.centers, dw, bounds.dw);
    },
  );

  property(
    "does not care how classes are numbered: the gradients of centers move with their numbers, all else stays",
    [
      headProblems().chain((problem) => fc.tuple(fc.constant(problem), permutations(problem.classes))),
      fc.oneof(fc.constant(1), ratios()),
      marginChoices(),
      fc.constantFrom(0, 0.4),
    ],
    async ([problem, newNumber], ratio, choice, filter) => {
      const { embedding, classes, centers, batches } = problem;
      const settings = { ratio, margin: toMargin(choice), filter };
      const before = await oneStep(problem, settings);
      const moved = new Float64Array(centers.length);
      newNumber.forEach((to, from) => moved.set(toRows(centers, embedding)[from], to * embedding));
      const [{ embeddings, labels }] = batches;
      const renumbered = {
        ...problem,
        centers: moved,
        batches: [{ embeddings, labels: labels.map((label) => newNumber[label]) }],
      };
      const sample = before.sampled.map((j) => newNumber[j]).sort((a, b) => a - b);
      const after = await oneStep(renumbered, { ...settings, samples: [sample] });
      assert.deepEqual(after.sampled, sample);

      const { loss, dx, dw } = headBounds(exact, problem, settings.margin);
      const movedBack = Array.from({ length: classes }, (_, j) =>
        after.dw.slice(newNumber[j] * embedding, (newNumber[j] + 1) * embedding),
      ).flat();
      assertWithin(after.losses, before.losses, [loss], "loss");
      assertWithin(after.dx, before.dx, dx, "dx");
      assertWithin(movedBack, before.dw, dw, "dw");
    },
  );
});
