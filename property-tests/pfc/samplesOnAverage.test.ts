/**
 * What Partial FC does on average over its random samples (An et al. 2022, section 3.2): every sample of a few classes is tried, and the
 * mean is compared with that of plain arrays.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { differences, fullSoftmaxLoss, type Matrix } from "../../test/pfc/fullSoftmax.js";
import { headProblems, type HeadProblem } from "../arbitraries/headProblems.js";
import { assertWithin } from "../operations/close.js";
import { dot } from "../operations/linearity.js";
import { property } from "../property.js";
import { FALSE_ALARM } from "../statistics.js";
import { exact } from "../engines.js";
import { headBounds } from "./headRounding.js";
import { runHeads, type HeadStep } from "./headsOnRanks.js";
import { DIFFERENCE, lossOver, margin, MARGIN, plain, SCALE } from "./plainHead.js";

/** One rank, few classes, and how many negatives a sample has: some, and not all. */
interface Draw {
  readonly problem: HeadProblem;
  readonly positives: readonly number[];
  readonly negatives: readonly number[];
  readonly count: number;
}

function draws(): fc.Arbitrary<Draw> {
  return headProblems({ maxRanks: 3, maxClasses: 7, regular: true })
    .map((problem) => {
      const positives = [...new Set(problem.batches[0].labels)].sort((a, b) => a - b);
      const negatives = Array.from({ length: problem.classes }, (_, j) => j).filter((j) => !positives.includes(j));
      return { problem: { ...problem, ranks: 1 }, positives, negatives };
    })
    .filter(({ negatives }) => negatives.length >= 2)
    .chain((known) => fc.integer({ min: 1, max: known.negatives.length - 1 }).map((count) => ({ ...known, count })));
}

/** All sets of `count` of these numbers. */
function subsets(numbers: readonly number[], count: number): number[][] {
  if (count === 0) return [[]];
  return numbers.flatMap((first, i) => subsets(numbers.slice(i + 1), count - 1).map((rest) => [first, ...rest]));
}

const samplesOf = ({ positives, negatives, count }: Draw): number[][] =>
  subsets(negatives, count).map((drawn) => [...positives, ...drawn].sort((a, b) => a - b));

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const meanOfEach = (lists: readonly (readonly number[])[]): number[] =>
  lists[0].map((_, i) => mean(lists.map((list) => list[i])));

const unit = (row: readonly number[]): number[] => row.map((value) => value / Math.hypot(...row));

/** Of all classes: [N, C] */
function logitsOver(x: Matrix, w: Matrix, y: readonly number[]): number[][] {
  return x.map((row, i) => w.map((center, j) => SCALE * (dot(unit(row), unit(center)) - (j === y[i] ? MARGIN : 0))));
}

/**
 * dL/dw_j of a negative in closed form, s/(N·‖w_j‖)·(m − ⟨m, ŵ_j⟩·ŵ_j) with m = Σ_i p_ij·x̂_i: a step against it turns the center away from
 * the rows, from each as much as that row takes the class for its own.
 */
function turnOf(j: number, sampled: readonly number[], logits: number[][], x: Matrix, w: Matrix): number[] {
  const probability = logits.map((row) => 1 / sampled.reduce((sum, k) => sum + Math.exp(row[k] - row[j]), 0));
  const center = unit(w[j]);
  const m = center.map((_, e) => x.reduce((sum, row, i) => sum + probability[i] * unit(row)[e], 0));
  return m.map((value, e) => ((value - dot(m, center) * center[e]) * SCALE) / (x.length * Math.hypot(...w[j])));
}

async function stepsOver({ problem }: Draw, samples: readonly number[][]): Promise<HeadStep[]> {
  const [batch] = problem.batches;
  const repeated = { ...problem, batches: samples.map(() => batch) };
  return (await runHeads(exact, 1, repeated, { ratio: 0.5, margin, samples })).steps.slice();
}

describe("over all samples", () => {
  property(
    "the mean gradient is the gradient of the mean loss, for embeddings and for centers",
    [draws()],
    async (draw) => {
      const samples = samplesOf(draw);
      const { x, w, y } = plain(draw.problem);
      const losses = (embeddings: Matrix, centers: Matrix): number[] =>
        samples.map((sample) => lossOver(sample, embeddings, centers, y));
      const steps = await stepsOver(draw, samples);
      const byX = differences(x, (changed) => mean(losses(changed, w))).flat();
      const byW = differences(w, (changed) => mean(losses(x, changed))).flat();
      assertWithin(meanOfEach(steps.map(({ dx }) => dx)), byX, byX.map(() => DIFFERENCE), "mean of dx"); // prettier-ignore
      assertWithin(meanOfEach(steps.map(({ dw }) => dw)), byW, byW.map(() => DIFFERENCE), "mean of dw"); // prettier-ignore
    },
    { runs: 50 },
  );

  property(
    "a class that is not in the batch is pushed away in a share q of the steps, where q = negatives of a sample / all negatives",
    [draws()],
    async (draw) => {
      const { embedding } = draw.problem;
      const { x, w, y } = plain(draw.problem);
      const logits = logitsOver(x, w, y);
      const { dw: allowed } = headBounds(exact, draw.problem, margin);
      const steps = await stepsOver(draw, samplesOf(draw));
      const q = draw.count / draw.negatives.length;
      for (const j of draw.negatives) {
        const pushed = steps.filter(({ sampled }) => sampled.includes(j));
        assert.ok(Math.abs(pushed.length - q * steps.length) < 1e-9, `class ${j}: ${pushed.length} of ${steps.length}`);
        const own = [j * embedding, (j + 1) * embedding] as const;
        for (const { dw, sampled } of steps) {
          const expected = sampled.includes(j) ? turnOf(j, sampled, logits, x, w) : w[j].map(() => 0);
          assertWithin(
            dw.slice(...own),
            expected,
            sampled.includes(j) ? allowed.slice(...own) : expected,
            `class ${j}`,
          );
        }
      }
    },
    { runs: 50 },
  );

  property(
    "the mean loss is at most that of a softmax in which negatives weigh q, and that at most the full one",
    [draws()],
    async (draw) => {
      const { x, w, y } = plain(draw.problem);
      const q = draw.count / draw.negatives.length;
      // a negative that counts q times in the denominator: the mean of the sampled denominators, of which the logarithm is concave
      const weighted = mean(
        logitsOver(x, w, y).map((logits, i) => {
          const weights = w.map((_, j) => (draw.negatives.includes(j) ? q : 1));
          return Math.log(logits.reduce((sum, z, j) => sum + weights[j] * Math.exp(z), 0)) - logits[y[i]];
        }),
      );
      const sampled = mean((await stepsOver(draw, samplesOf(draw))).map(({ losses }) => losses[0]));
      assert.ok(sampled <= weighted + 1e-12, `${sampled} on average, ${weighted} weighted`);
      assert.ok(weighted <= fullSoftmaxLoss(x, w, y, SCALE, MARGIN) + 1e-12);
    },
    { runs: 50 },
  );

  property(
    "the layer's own draws give that mean in the long run",
    [draws()],
    async (draw) => {
      const { problem, positives, count } = draw;
      const DRAWS = 400;
      const ratio = (positives.length + count + 0.5) / problem.classes; // a budget of trunc(r·C) = positives + count
      const repeated = { ...problem, batches: Array.from({ length: DRAWS }, () => problem.batches[0]) };
      const drawn = (await runHeads(exact, 1, repeated, { ratio, margin })).steps.map(({ losses }) => losses[0]);
      const { x, w, y } = plain(problem);
      const all = samplesOf(draw).map((sample) => lossOver(sample, x, w, y));
      // Hoeffding: the mean of n numbers in a range R is off by t with a probability of at most 2·e^(−2n·t²/R²)
      const range = Math.max(...all) - Math.min(...all);
      const allowed = range * Math.sqrt(Math.log(2 / FALSE_ALARM) / (2 * DRAWS)) + 1e-12;
      assertWithin([mean(drawn)], [mean(all)], [allowed], `mean loss of ${DRAWS} draws`);
    },
    { runs: 20 },
  );
});
