/**
 * Heads whose margin is supplied for every batch: on either path, on any number of ranks, over a sample, a filter or a selection of dimensions
 * they are the head that plain loops describe, and nothing is left of them.
 *
 * The problems have cosines of ±1 (s at its guard of 1 − t_med, far beyond s · cos θ = 88), copies among their rows (ties of the median), one row,
 * one class, shards without a class; bounds are derived in suppliedRounding.ts.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { adaCos } from "../../src/cfcd/adaCos.js";
import { curricular } from "../../src/cfcd/curricular.js";
import { madaCos, type MadaCosOptions } from "../../src/cfcd/madaCos.js";
import { arcFace } from "../../src/pfc/margins/arcFace.js";
import type { Engine } from "../../src/tensor/engine.js";
import { headProblems, ratios, type HeadProblem } from "../arbitraries/headProblems.js";
import { permutations } from "../arbitraries/shapes.js";
import { engines, exact } from "../engines.js";
import { assertWithin } from "../operations/close.js";
import { headBounds } from "../pfc/headRounding.js";
import { runHeads, type AnyHeadSettings, type HeadStep } from "../pfc/headsOnRanks.js";
import { clearThreshold } from "../pfc/pathRounding.js";
import { property } from "../property.js";
import { cosinesByLoops, logSum, lowerMedianOf, madaCosByLoops, suppliedBounds } from "./suppliedRounding.js";

const madaCosOptions = (): fc.Arbitrary<MadaCosOptions> =>
  fc.record({
    alpha: fc.double({ min: 0.005, max: 0.4, noNaN: true }),
    minScale: fc.constantFrom(1, 32),
    others: fc.constantFrom("of-median" as const, "median" as const, "mean" as const),
    correctSampling: fc.boolean(),
  });
const anyRatio = (): fc.Arbitrary<number> => fc.oneof(fc.constantFrom(0, 1), ratios());
const paths = () => fc.constantFrom("formula" as const, "fused" as const);
const withOrder = () => headProblems().chain((problem) => fc.tuple(fc.constant(problem), permutations(problem.ranks)));

/** Runs it, and sees that nothing of it is left. */
async function firstStep(
  engine: Engine,
  ranks: number,
  problem: HeadProblem,
  settings: AnyHeadSettings,
): Promise<HeadStep> {
  const before = engine.memory();
  const { steps } = await runHeads(engine, ranks, problem, settings);
  const { tensors, inUse } = engine.memory();
  assert.deepEqual([tensors, inUse], [before.tensors, before.inUse], `${engine.name} keeps memory`);
  return steps[0];
}

/** The problem in some dimensions only. */
function inDimensions({ embedding, centers, batches, ...rest }: HeadProblem, columns: readonly number[]): HeadProblem {
  const taken = (rows: Float64Array): Float64Array =>
    Float64Array.from({ length: (rows.length / embedding) * columns.length }, (_, i) => {
      const row = Math.floor(i / columns.length);
      return rows[row * embedding + columns[i % columns.length]];
    });
  const batch = batches.map((one) => ({ ...one, embeddings: taken(one.embeddings) }));
  return { ...rest, embedding: columns.length, centers: taken(centers), batches: batch };
}

describe("a head with MadaCos", () => {
  property(
    "takes s and m from the median by its formulas, and gives the loss and gradients of one rank on the formula path, on any path, engine and number of ranks",
    [withOrder(), anyRatio(), madaCosOptions(), fc.constantFrom(0, 0.4), paths(), fc.boolean()],
    async ([problem, order], ratio, options, wanted, path, keepCosines) => {
      for (const engine of engines) {
        const filter = clearThreshold(engine, problem, wanted);
        const settings = { ratio, margin: madaCos(options), filter, keepCosines };
        const many = await firstStep(engine, problem.ranks, problem, { ...settings, order, path });
        const one = await firstStep(exact, 1, problem, { ...settings, samples: [many.sampled] });
        const given = { problem, sampled: many.sampled, filter, options };
        const { scale, margin, median } = madaCosByLoops(given);
        const bounds = suppliedBounds(engine, given);
        const allowed = [bounds.scale, bounds.margin, bounds.median];
        for (const found of many.supplied) assert.deepEqual(found, many.supplied[0], "ranks have different margins");
        assertWithin(many.supplied[0], [scale, margin, median], allowed, `${engine.name}: s, m, median`);
        assert.ok(many.losses.every((loss) => loss === many.losses[0] && Number.isFinite(loss)), many.losses.join(", ")); // prettier-ignore
        assertWithin([many.losses[0]], one.losses, [bounds.loss], `${engine.name}: loss`);
        assertWithin(many.dx, one.dx, bounds.dx, `${engine.name}: embedding gradient`);
        assertWithin(many.dw, one.dw, bounds.dw, `${engine.name}: center gradient`);
      }
    },
    { runs: 80 },
  );

  property(
    "compares in the selected dimensions alone, on either path",
    [
      headProblems({ minEmbedding: 2 }).chain((problem) => {
        const columns = Array.from({ length: problem.embedding }, (_, e) => e);
        const selections = fc.subarray(columns, { minLength: 1, maxLength: problem.embedding - 1 });
        return fc.tuple(fc.constant(problem), selections);
      }),
      madaCosOptions(),
      paths(),
    ],
    async ([problem, columns], options, path) => {
      const { ranks, embedding } = problem;
      const selected = { features: columns.length, featureSampler: () => Int32Array.from(columns) };
      const reduced = inDimensions(problem, columns);
      for (const engine of engines) {
        const settings = { ratio: 1, margin: madaCos(options) };
        const many = await firstStep(engine, ranks, problem, { ...settings, ...selected, path });
        const one = await firstStep(exact, 1, reduced, settings);
        const bounds = suppliedBounds(engine, { problem: reduced, sampled: one.sampled, filter: 0, options });
        const spread = (values: readonly number[]): number[] =>
          // [rows · F] → [rows · E], 0 elsewhere
          Array.from({ length: (values.length / columns.length) * embedding }, (_, i) => {
            const place = columns.indexOf(i % embedding);
            return place < 0 ? 0 : values[Math.floor(i / embedding) * columns.length + place];
          });
        const allowed = [bounds.scale, bounds.margin, bounds.median];
        assertWithin(many.supplied[0], one.supplied[0], allowed, `${engine.name}: s, m, median`);
        assertWithin([many.losses[0]], one.losses, [bounds.loss], `${engine.name}: loss`);
        assertWithin(many.dx, spread(one.dx), spread(bounds.dx), `${engine.name}: embedding gradient`);
        assertWithin(many.dw, spread(one.dw), spread(bounds.dw), `${engine.name}: center gradient`);
      }
    },
    { runs: 30 },
  );

  property(
    "has no margin where there is no wrong class, and a loss of 0",
    [headProblems({ maxRanks: 1 }), paths(), fc.nat()],
    async (problem, path, choice) => {
      const [batch] = problem.batches;
      const labels = batch.labels.map(() => choice % problem.classes);
      const ofOneClass = { ...problem, batches: [{ ...batch, labels }] };
      for (const engine of engines) {
        const { losses, supplied, dx, dw } = await firstStep(engine, 1, ofOneClass, {
          ratio: 0,
          margin: madaCos(),
          path,
        });
        assert.deepEqual([losses[0], supplied[0][1]], [0, 0], engine.name);
        assert.ok([...dx, ...dw].every((g) => g === 0), engine.name); // prettier-ignore
      }
    },
    { runs: 30 },
  );
});

const severalSteps = () => headProblems({ maxSteps: 3 }).filter(({ classes }) => classes >= 3);
const stepsOf = (problem: HeadProblem): HeadProblem[] =>
  problem.batches.map((batch) => ({ ...problem, batches: [batch] }));

describe("what a margin remembers over ranks", () => {
  property(
    "is, of AdaCos, ln B of the batch before: on any path and number of ranks that of plain loops",
    [severalSteps(), anyRatio(), paths()],
    async (problem, ratio, path) => {
      const margin = () => adaCos({ classes: problem.classes });
      const { steps } = await runHeads(exact, problem.ranks, problem, { ratio, margin, path });
      let logB = Math.log(problem.classes - 1);
      stepsOf(problem).forEach((one, step) => {
        const { sampled, supplied, remembered } = steps[step];
        const { wrong, targets } = cosinesByLoops({ problem: one, sampled, filter: 0 });
        const scale = logB / Math.max(Math.SQRT1_2, lowerMedianOf(targets));
        const ofBatch = logSum(wrong.map((row) => logSum(row.map((c) => scale * c)))) - Math.log(wrong.length);
        if (ofBatch > -Infinity) logB = Math.max(Math.LN2, ofBatch);
        for (const found of supplied) assertWithin(found.slice(0, 2), [scale, 0], [1e-11 * scale, 0], "s and m");
        for (const found of remembered) assertWithin(found, [logB], [1e-11 * logB], "ln B");
      });
    },
    { runs: 40 },
  );

  property(
    "is, of the curricular margin, an average of the batches' cosines, and the loss and gradients are those of one rank",
    [severalSteps(), anyRatio(), fc.double({ min: 0.01, max: 1, noNaN: true })],
    async (problem, ratio, average) => {
      const margin = () => curricular({ scale: 16, margin: 0.3, average });
      const many = (await runHeads(exact, problem.ranks, problem, { ratio, margin })).steps;
      const samples = many.map(({ sampled }) => sampled);
      const one = (await runHeads(exact, 1, problem, { ratio, margin, samples })).steps;
      let t = 0;
      stepsOf(problem).forEach((batch, step) => {
        const { targets } = cosinesByLoops({ problem: batch, sampled: [], filter: 0 });
        t = (1 - average) * t + (average * targets.reduce((sum, c) => sum + c, 0)) / targets.length;
        for (const [found] of many[step].remembered) assertWithin([found], [t], [1e-14], "t");
        assert.deepEqual(one[step].remembered[0], many[step].remembered[0]);
        const { loss, dx, dw } = headBounds(exact, batch, arcFace({ scale: 16, margin: 0.3 }));
        const lifted = (bounds: readonly number[]): number[] => bounds.map((bound) => 3 * bound); // |d(c (t + c))/dc| <= 3
        assertWithin([many[step].losses[0]], one[step].losses, [loss], "loss");
        assertWithin(many[step].dx, one[step].dx, lifted(dx), "embedding gradient");
        assertWithin(many[step].dw, one[step].dw, lifted(dw), "center gradient");
      });
    },
    { runs: 40 },
  );
});
