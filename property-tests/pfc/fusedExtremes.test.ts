/** The fused path at the ends: numbers that are none, one class, scales beyond all use, certainty, centers without length, very many classes. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { arcFace } from "../../src/pfc/margins/arcFace.js";
import { cosFace } from "../../src/pfc/margins/cosFace.js";
import { SMALLEST_PROBABILITY } from "../../src/pfc/softmaxCrossEntropy.js";
import type { Engine } from "../../src/tensor/engine.js";
import { evenly } from "../arbitraries/numbers.js";
import { headProblems, ratios, wideHeadProblems, type HeadProblem } from "../arbitraries/headProblems.js";
import { marginChoices, toMargin } from "../arbitraries/margins.js";
import { assertWithin } from "../operations/close.js";
import { property } from "../property.js";
import { engines, exact, roundingOf, single } from "../engines.js";
import { headBounds } from "./headRounding.js";
import { runHeads, type HeadSettings, type HeadStep } from "./headsOnRanks.js";
import { clearThreshold, pathBounds } from "./pathRounding.js";

type Paths = readonly [formula: HeadStep, fused: HeadStep];

/** One step on both paths of one engine. */
async function bothPaths(engine: Engine, problem: HeadProblem, settings: HeadSettings): Promise<Paths> {
  const [[formula], [fused]] = await Promise.all(
    (["formula", "fused"] as const).map(
      async (path) => (await runHeads(engine, problem.ranks, problem, { ...settings, path })).steps,
    ),
  );
  return [formula, fused];
}

function assertSameStep(engine: Engine, problem: HeadProblem, settings: HeadSettings, [formula, fused]: Paths): void {
  const { loss, dx, dw } = pathBounds(engine, problem, settings.margin);
  assertWithin(fused.losses, formula.losses, formula.losses.map(() => 2 * loss), `${engine.name}: loss`); // prettier-ignore
  const twice = (bounds: readonly number[]): number[] => bounds.map((bound) => 2 * bound); // both round
  assertWithin(fused.dx, formula.dx, twice(dx), `${engine.name}: embedding gradient`);
  assertWithin(fused.dw, formula.dw, twice(dw), `${engine.name}: center gradient`);
}

/** More classes than a pass has work items with a block of 64 each: 32 of them in the second pass, 256 in the first. */
const manyClasses = wideHeadProblems({
  classes: fc.constantFrom(2049, 4160, 16_385, 20_000),
  embedding: fc.integer({ min: 1, max: 4 }),
  rows: fc.integer({ min: 1, max: 5 }),
});

/** Centers on a quarter of a circle that ends at right angles to the embeddings, labels among the last: cosines rise with the class. */
const risingProblems: fc.Arbitrary<HeadProblem> = fc
  .record({
    classes: fc.constantFrom(1, 130, 16_385, 20_000),
    rows: fc.array(fc.record({ tilt: evenly(0, 0.01), back: fc.nat({ max: 63 }) }), { minLength: 1, maxLength: 9 }),
  })
  .map(({ classes, rows }) => ({
    ...{ ranks: 1, classes, embedding: 2 },
    centers: Float64Array.from({ length: 2 * classes }, (_, i) => {
      const angle = Math.PI * (1 - (i >> 1) / (2 * classes));
      return Math.fround(i % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
    }),
    batches: [
      {
        labels: rows.map(({ back }) => Math.max(0, classes - 1 - back)),
        embeddings: Float64Array.from(rows.flatMap(({ tilt }) => [1, Math.fround(tilt)])),
      },
    ],
  }));

const anyRatio = (): fc.Arbitrary<number> => fc.oneof(fc.constantFrom(0, 1), ratios());

describe("the fused path", () => {
  property(
    "has no loss where an embedding has an element that is no number, nor has the formula, and every rank knows",
    [headProblems(), fc.nat(), fc.constantFrom(NaN, Infinity, -Infinity), anyRatio(), marginChoices(), fc.boolean()],
    async (problem, place, poison, ratio, choice, keepCosines) => {
      const [{ labels, embeddings }] = problem.batches;
      const poisoned = embeddings.with(place % embeddings.length, poison);
      const batches = [{ labels, embeddings: poisoned }];
      for (const engine of engines) {
        const settings = { ratio, margin: toMargin(choice), keepCosines };
        for (const { losses } of await bothPaths(engine, { ...problem, batches }, settings)) {
          assert.ok(losses.every(Number.isNaN), `${engine.name}: ${losses.join(", ")}`);
        }
      }
    },
    { runs: 50 },
  );

  property(
    "costs nothing and pulls nothing where there is one class, which nobody can miss",
    [headProblems({ maxClasses: 1 }), anyRatio(), marginChoices()],
    async (problem, ratio, choice) => {
      for (const engine of engines) {
        const { losses, dx, dw } = (await bothPaths(engine, problem, { ratio, margin: toMargin(choice) }))[1];
        for (const value of [...losses, ...dx, ...dw]) assert.ok(value === 0, `${engine.name}: ${value}`);
      }
    },
    { runs: 40 },
  );

  property(
    "is the formula for scales up to 4096, where wrong classes underflow and right ones fall under the smallest probability",
    [headProblems({ regular: true }), anyRatio(), evenly(64, 4096), fc.boolean(), fc.boolean()],
    async (problem, ratio, scale, arc, keepCosines) => {
      const margin = arc ? arcFace({ scale }) : cosFace({ scale });
      for (const engine of engines) {
        const settings = { ratio, margin, keepCosines };
        assertSameStep(engine, problem, settings, await bothPaths(engine, problem, settings));
      }
    },
    { runs: 30 },
  );

  property(
    "is certain of embeddings on their centers with all others opposite: no loss; and the other way round: the largest loss there is",
    [fc.integer({ min: 2, max: 70 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 2, max: 6 })],
    async (classes, rows, embedding) => {
      const scale = 512;
      const direction = (row: number, sign: number): number[] =>
        Array.from({ length: embedding }, (_, e) => (e === 0 ? sign * (row + 1) : 0));
      const centers = Float64Array.from(
        Array.from({ length: classes }, (_, j) => direction(j, j === 0 ? 1 : -1)).flat(),
      );
      const labels = Array.from({ length: rows }, () => 0);
      for (const [sign, expected] of [
        [1, 0],
        [-1, -Math.log(SMALLEST_PROBABILITY)],
      ] as const) {
        // prettier-ignore
        const embeddings = Float64Array.from(labels.flatMap((_, n) => direction(n, sign)));
        const problem = { ranks: 1, classes, embedding, centers, batches: [{ labels, embeddings }] };
        for (const engine of engines) {
          const [, { losses, dx, dw }] = await bothPaths(engine, problem, {
            ratio: 1,
            margin: cosFace({ scale }),
          });
          assertWithin(losses, [expected], [1e-5], `${engine.name}: loss`);
          // every cosine is ±1, where nothing can turn: the part of s·ŵ along x̂ is taken away, and rounding is left
          const left = 8 * scale * classes * roundingOf(engine);
          for (const value of [...dx, ...dw]) assert.ok(Math.abs(value) <= left, `${engine.name}: ${value}`);
        }
      }
    },
    { runs: 20 },
  );

  property(
    "gives centers shorter than 1e-12 the gradient of w / 1e-12, as the formula does",
    [headProblems(), anyRatio(), marginChoices(), fc.constantFrom(2 ** -40, 2 ** -43, 2 ** -60)],
    async (problem, ratio, choice, length) => {
      const { classes, embedding } = problem;
      const centers = problem.centers.slice();
      for (let j = 0; j < classes; j += 2) {
        const row = centers.subarray(j * embedding, (j + 1) * embedding);
        const factor = length / Math.max(Math.hypot(...row), 1e-12);
        row.forEach((value, e) => (row[e] = Math.fround(value * factor)));
      }
      const short = { ...problem, centers };
      for (const engine of engines) {
        const settings = { ratio, margin: toMargin(choice) };
        assertSameStep(engine, short, settings, await bothPaths(engine, short, settings));
      }
    },
    { runs: 40 },
  );

  property(
    "is the formula where a pass takes several blocks of classes at a time: beyond 2,048 and 16,384 of them",
    [manyClasses, anyRatio(), fc.constantFrom(0, 0.4), fc.boolean()],
    async (problem, ratio, wanted, keepCosines) => {
      const [, engine] = single;
      const margin = cosFace({ scale: 8 });
      const settings = { ratio, margin, filter: clearThreshold(engine, problem, wanted), keepCosines };
      const [formula] = (await runHeads(exact, 1, problem, { ...settings, path: "formula" })).steps;
      const [fused] = (await runHeads(engine, 1, problem, { ...settings, path: "fused" })).steps;
      assertSameStep(engine, problem, settings, [formula, fused]);
    },
    { runs: 8 },
  );

  property(
    "keeps its running sum right where every block of classes has larger logits than all before it",
    [risingProblems, fc.boolean()],
    async (problem, keepCosines) => {
      const [, engine] = single;
      const margin = cosFace({ scale: 512, margin: 0.01 });
      const settings = { ratio: 1, margin, keepCosines };
      const [formula] = (await runHeads(exact, 1, problem, { ...settings, path: "formula" })).steps;
      const [fused] = (await runHeads(engine, 1, problem, { ...settings, path: "fused" })).steps;
      // exponentials are summed in float32 within a block of 64, in float64 from block to block: their number does not count
      const { loss, dx } = headBounds(engine, { ...problem, classes: 64 }, margin);
      assertWithin(fused.losses, formula.losses, [loss], "loss");
      assertWithin(fused.dx, formula.dx, dx, "embedding gradient");
    },
    { runs: 8 },
  );
});
