/**
 * What CR-FIQA trains (Boutros et al. 2023, section 3; specification, section 4): the margin softmax, and λ times a regression whose
 * prediction has a gradient and whose target has none.
 *
 *     L = L_margin + λ · mean_i smoothL1(q_i − CR_i; β),   g_i = dL/dq_i = λ/N · clamp((q_i − CR_i)/β, ±1)
 *     dL/de_i = that of L_margin + g_i · w,   dL/dw = Σ g_i e_i,   dL/db = Σ g_i,   dL/dcenters = those of L_margin
 *
 * Numbers are compared in float64, where a result of n roundings is off by n · 2^-53 of its summands' sizes; that it is finite, and what is
 * left out of the graph, on every engine.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { arcFace } from "../../src/pfc/margins/arcFace.js";
import { cosFace } from "../../src/pfc/margins/cosFace.js";
import type { Margin } from "../../src/pfc/margins/margin.js";
import { differences, fullSoftmaxLoss, type Matrix } from "../../test/pfc/fullSoftmax.js";
import { headProblems, ratios, type HeadProblem } from "../arbitraries/headProblems.js";
import { marginChoices, toMargin } from "../arbitraries/margins.js";
import { between, moderate } from "../arbitraries/numbers.js";
import { engines, exact } from "../engines.js";
import { assertWithin } from "../operations/close.js";
import { pathBounds } from "../pfc/pathRounding.js";
import { DIFFERENCE, MARGIN, margin, plain, SCALE } from "../pfc/plainHead.js";
import { property } from "../property.js";
import { objectiveStep, type ObjectiveStep, type Unit } from "./objectiveStep.js";
import { classified } from "./problemHeads.js";

const ROUNDING = 2 ** -53;
/** Of `differences`. */
const H = 1e-5;

interface Asked {
  readonly problem: HeadProblem;
  readonly unit: Unit;
  /** λ and β */
  readonly weight: number;
  readonly beta: number;
}

/** Two classes at least, so that there is something to compare with. */
function asked({ regular = false }: { readonly regular?: boolean } = {}): fc.Arbitrary<Asked> {
  return headProblems({ maxRanks: 5, regular })
    .filter(({ classes }) => classes > 1)
    .chain((problem) =>
      fc.record({
        problem: fc.constant(problem),
        unit: fc.record({
          weight: fc.array(moderate(2), { minLength: problem.embedding, maxLength: problem.embedding }),
          bias: moderate(2),
        }),
        weight: fc.oneof(fc.constantFrom(10, 1), between(0.125, 16)),
        beta: fc.oneof(fc.constantFrom(0.5, 1), between(0.125, 2)),
      }),
    );
}

const paths = () => fc.constantFrom("formula" as const, "fused" as const);
const variants = () => fc.constantFrom("simultaneous" as const, "ccsOnly" as const);
const anyRatio = () => fc.oneof(fc.constant(1), ratios());

/** g: [N] */
function slopes({ weight, beta }: Asked, { quality, target }: ObjectiveStep): number[] {
  return quality.map((q, i) => (weight / quality.length) * Math.min(1, Math.max(-1, (q - target[i]) / beta)));
}

/** λ · mean smoothL1(⟨x_i, w⟩ + b − target_i; β), written as its two pieces. */
function plainRegression(
  x: Matrix,
  { weight: w, bias }: Unit,
  target: readonly number[],
  { weight, beta }: Asked,
): number {
  // prettier-ignore
  const losses = x.map((row, i) => {
    const distance = Math.abs(row.reduce((sum, value, e) => sum + value * w[e], bias) - target[i]);
    return distance < beta ? (0.5 * distance ** 2) / beta : distance - 0.5 * beta;
  });
  return (weight * losses.reduce((sum, loss) => sum + loss, 0)) / x.length;
}

describe("the objective of CR-FIQA", () => {
  property(
    "has the gradients that differences of the written-out loss have, its target held fixed: embeddings, centers and unit",
    [asked({ regular: true })],
    (given) => {
      const { problem, unit } = given;
      const step = objectiveStep(exact, 1, { ...problem, ranks: 1 }, unit, { ratio: 1, margin }, given);
      const { x, w, y } = plain(problem);
      const regression = plainRegression(x, unit, step.target, given);
      const softmax = fullSoftmaxLoss(x, w, y, SCALE, MARGIN);
      assertWithin(step.totals, [softmax + regression], [1e-13 * (1 + regression)], "total");

      // a difference rounds twice the loss, of some 64 roundings; and where |q − CR| comes within H · a of β, a the slope of q, the
      // second derivative of the smooth L1 jumps by λ/(N β) a² there: a ≤ 2, the largest element
      const distances = step.quality.map((q, i) => Math.abs(Math.abs(q - step.target[i]) - given.beta));
      const kinks = distances.filter((distance) => distance <= 4 * H).length;
      const jump = (kinks * H * (given.weight / given.beta) * 4) / x.length;
      const allowed = DIFFERENCE + (64 * ROUNDING * (softmax + regression)) / H + jump;
      const compare = (found: readonly number[], at: Matrix, loss: (changed: Matrix) => number, what: string): void => {
        const expected = differences(at, loss).flat();
        assertWithin(found, expected, expected.map(() => allowed), what); // prettier-ignore
      };
      const margins = (rows: Matrix, centers: Matrix): number => fullSoftmaxLoss(rows, centers, y, SCALE, MARGIN);
      compare(step.dx, x, (rows) => margins(rows, w) + plainRegression(rows, unit, step.target, given), "embeddings");
      compare(step.dw, w, (centers) => margins(x, centers), "centers");
      const ofUnit = ([[bias, ...weight]]: Matrix): number => plainRegression(x, { weight, bias }, step.target, given);
      compare([step.dUnit.bias, ...step.dUnit.weight], [[unit.bias, ...unit.weight]], ofUnit, "unit");
    },
  );

  property(
    "gives the unit Σ g_i e_i and Σ g_i, and the embeddings g_i · w beside what the margin softmax gives them; nothing comes through the target",
    [asked(), anyRatio(), marginChoices(), paths(), variants(), fc.constantFrom("paper" as const, "raw" as const)],
    (given, ratio, choice, path, variant, form) => {
      const { problem, unit } = given;
      const { embedding, batches: [{ embeddings }] } = problem; // prettier-ignore
      const settings = { ratio, margin: toMargin(choice), path };
      const step = objectiveStep(exact, 1, problem, unit, settings, { ...given, variant, form });
      const alone = classified(exact, 1, problem, settings, "loss");
      assert.deepEqual([step.margins, step.dw], [alone.losses, alone.dw]); // bit for bit
      const g = slopes(given, step);
      // q − CR is that of the engine, and so is g but for some 8 roundings; one more in the product, one in the sum
      const regression = alone.dx.map((_, i) => g[Math.floor(i / embedding)] * unit.weight[i % embedding]);
      assertWithin(
        step.dx,
        alone.dx.map((gradient, i) => gradient + regression[i]),
        alone.dx.map((gradient, i) => 12 * ROUNDING * (Math.abs(gradient) + Math.abs(regression[i]))),
        "embeddings",
      );
      const sums = (terms: readonly number[]): [sum: number, allowed: number] => [
        terms.reduce((sum, term) => sum + term, 0),
        (2 * terms.length + 12) * ROUNDING * terms.reduce((sum, term) => sum + Math.abs(term), 0),
      ];
      const byElement = unit.weight.map((_, e) => sums(g.map((slope, i) => slope * embeddings[i * embedding + e])));
      assertWithin(step.dUnit.weight, byElement.map(([sum]) => sum), byElement.map(([, allowed]) => allowed), "w"); // prettier-ignore
      const [sum, allowed] = sums(g);
      assertWithin([step.dUnit.bias], [sum], [allowed], "b");
    },
  );

  property(
    "is finite, value and gradients, where embeddings lie on their own center or opposite, for every margin, path and engine",
    [
      asked(),
      fc.array(fc.constantFrom(1, -1, 0.5, -2), { minLength: 15, maxLength: 15 }),
      fc.constantFrom<Margin>(
        arcFace({ gradient: "exact", beyondPi: "wrap" }),
        arcFace({ gradient: "exact", beyondPi: "affine" }),
        arcFace({ gradient: "straight-through" }),
        cosFace(),
      ),
      paths(),
      fc.constantFrom("paper" as const, "raw" as const),
      fc.constantFrom(undefined, null),
    ],
    (given, factors, chosen, path, form, floor) => {
      const { problem, unit } = given;
      const { embedding, centers, batches: [{ labels }] } = problem; // prettier-ignore
      const embeddings = Float64Array.from({ length: labels.length * embedding }, (_, i) => {
        const row = Math.floor(i / embedding);
        return factors[row] * centers[labels[row] * embedding + (i % embedding)];
      });
      const aligned = { ...problem, batches: [{ labels, embeddings }] };
      for (const engine of engines) {
        const settings = { ratio: 1, margin: chosen, path };
        const { sampled: _, dUnit, ...step } = objectiveStep(engine, 1, aligned, unit, settings, { ...given, form, floor }); // prettier-ignore
        for (const [name, values] of Object.entries({ ...step, weight: dUnit.weight, bias: [dUnit.bias] })) {
          assert.ok(values.length > 0 && values.every(Number.isFinite), `${engine.name}: ${name} = ${values.join(", ")}`); // prettier-ignore
        }
      }
    },
    { runs: 60 },
  );

  property(
    "on top of a finished network moves nothing of it: embeddings and centers have no gradient, the unit has that of the simultaneous one",
    [asked(), anyRatio(), marginChoices(), paths()],
    (given, ratio, choice, path) => {
      const settings = { ratio, margin: toMargin(choice), path };
      for (const engine of engines) {
        const step = (variant: "simultaneous" | "onTop"): ObjectiveStep =>
          objectiveStep(engine, 1, given.problem, given.unit, settings, { ...given, variant });
        const [frozen, moving] = [step("onTop"), step("simultaneous")];
        assert.deepEqual(frozen.dx, []);
        assert.ok(frozen.dw.every((gradient) => gradient === 0));
        const { totals: _, dx: __, dw: ___, ...others } = frozen;
        const { totals: ____, dx: _____, dw: ______, ...same } = moving;
        assert.deepEqual(others, same, engine.name);
        // the total is λ times the regression, and nothing else
        const expected = given.weight * frozen.regressions[0];
        const allowed = 2 * (engine === exact ? ROUNDING : 2 ** -24) * Math.abs(expected);
        assertWithin(frozen.totals, [expected], [allowed], engine.name);
      }
    },
    { runs: 60 },
  );

  property(
    "regresses CCS itself in the variant of that name, and CR otherwise",
    [asked(), paths()],
    (given, path) => {
      for (const engine of engines) {
        const step = (variant: "simultaneous" | "ccsOnly"): ObjectiveStep =>
          objectiveStep(engine, 1, given.problem, given.unit, { ratio: 1, margin, path }, { ...given, variant });
        const [ccs, cr] = [step("ccsOnly"), step("simultaneous")];
        assert.deepEqual(ccs.target, ccs.own, engine.name);
        const expected = cr.own.map((own, i) => own / (cr.negative[i] + 1 + 1e-9));
        const allowed = expected.map((value) => 4 * (engine === exact ? ROUNDING : 2 ** -24) * Math.abs(value) + 2 ** -149); // prettier-ignore
        assertWithin(cr.target, expected, allowed, engine.name);
      }
    },
    { runs: 40 },
  );

  property(
    "on k ranks has the losses of one rank, its gradients for embeddings and centers, and for the unit once the ranks' are summed",
    [asked(), anyRatio(), paths(), variants()],
    (given, ratio, path, variant) => {
      const { problem, unit } = given;
      const chosen = cosFace({ scale: 8 });
      const settings = { ratio, margin: chosen, path };
      const options = { ...given, variant };
      const many = objectiveStep(exact, problem.ranks, problem, unit, settings, options);
      const one = objectiveStep(exact, 1, problem, unit, { ...settings, sample: many.sampled }, options);
      const { loss, dx, dw } = pathBounds(exact, problem, chosen);
      const rows = many.quality.length;
      const g = slopes(given, one);
      // cosines are the same sums; the mean over images is taken over N at once, or over N/K and then over K
      const roundings = (2 * rows + 32) * ROUNDING;
      assert.equal(new Set(many.regressions).size, 1, `ranks report ${many.regressions.join(", ")}`);
      assertWithin([many.regressions[0]], one.regressions, [roundings * one.regressions[0]], "regression");
      assertWithin([many.margins[0]], one.margins, [loss], "margin softmax");
      assert.deepEqual([many.own, many.quality], [one.own, one.quality]);
      // each rank's total has the whole margin softmax and its share of the regression
      const shares = many.totals.reduce((sum, total, rank) => sum + total - many.margins[rank], 0);
      const size = many.totals.reduce((sum, total) => sum + Math.abs(total), 0);
      assertWithin([shares], [given.weight * one.regressions[0]], [8 * roundings * (1 + size)], "shares");
      const flowing = (i: number): number => Math.abs(g[Math.floor(i / problem.embedding)] * unit.weight[i % problem.embedding]); // prettier-ignore
      assertWithin(many.dx, one.dx, dx.map((bound, i) => bound + roundings * flowing(i)), "embeddings"); // prettier-ignore
      assertWithin(many.dw, one.dw, dw, "centers");
      const [{ embeddings }] = problem.batches;
      const sizes = unit.weight.map((_, e) =>
        g.reduce((sum, slope, i) => sum + Math.abs(slope * embeddings[i * problem.embedding + e]), 0),
      );
      assertWithin(many.dUnit.weight, one.dUnit.weight, sizes.map((of) => roundings * of), "w"); // prettier-ignore
      const ofBias = g.reduce((sum, slope) => sum + Math.abs(slope), 0);
      assertWithin([many.dUnit.bias], [one.dUnit.bias], [roundings * ofBias], "b");
    },
  );
});
