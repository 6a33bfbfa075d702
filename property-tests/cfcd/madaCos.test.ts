/** MadaCos by its own equations: what s and m were chosen for, what they do not depend on, and how they move. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { constant, noGrad, parameter } from "../../src/autograd/index.js";
import { madaCos, type MadaCosOptions } from "../../src/cfcd/madaCos.js";
import { marginLogitsOf } from "../../src/pfc/margins/suppliedMargin.js";
import { alone } from "../../src/ranks/alone.js";
import { exact } from "../engines.js";
import { property } from "../property.js";

interface Batch {
  /** [N][S], no two numbers alike */
  readonly cosines: readonly (readonly number[])[];
  /** [N] */
  readonly labels: readonly number[];
}

/** Cosines of 1 … 12 rows with 2 … 9 classes, the own one nearer by what the network has learned. */
function batches(): fc.Arbitrary<Batch> {
  const sizes = fc.record({ rows: fc.integer({ min: 1, max: 12 }), classes: fc.integer({ min: 2, max: 9 }) });
  return fc.tuple(sizes, fc.double({ min: 0, max: 0.95, noNaN: true })).chain(([{ rows, classes }, learned]) => {
    const cosine = fc.integer({ min: -6000, max: 6000 }).map((c) => c / 1e4);
    const list = fc.uniqueArray(cosine, { minLength: rows * classes, maxLength: rows * classes });
    const labels = fc.array(fc.integer({ min: 0, max: classes - 1 }), { minLength: rows, maxLength: rows });
    return fc.record({ list, labels }).map(({ list: values, labels: own }) => ({
      labels: own,
      cosines: own.map((label, i) =>
        values.slice(i * classes, (i + 1) * classes).map((c, j) => (j === label ? c * (1 - learned) + learned : c)),
      ),
    }));
  });
}

const alphas = () => fc.double({ min: 0.005, max: 0.4, noNaN: true });
const others = () => fc.constantFrom("of-median" as const, "median" as const, "mean" as const);

interface Found {
  readonly s: number;
  readonly m: number;
  readonly median: number;
  /** [N·S] */
  readonly logits: readonly number[];
}

/** Of `classes` these are sampled; by default all there are. */
function supply({ cosines, labels }: Batch, options: MadaCosOptions, classes = cosines[0].length): Found {
  using result = exact.scope(() => {
    const cosine = parameter(exact.tensor(cosines.flat(), [labels.length, cosines[0].length]));
    const { logits, supplied } = marginLogitsOf(madaCos(options), cosine, Int32Array.from(labels), classes, alone);
    cosine.tensor.dispose();
    const { scale, margin, median } = supplied!;
    return exact.concatenate([...[scale, margin, median].map((x) => x.reshape([1])), logits.tensor.reshape([-1])], 0);
  });
  const [s, m, median, ...logits] = result.dataSync();
  return { s, m, median, logits };
}

const targetsOf = ({ cosines, labels }: Batch): number[] => cosines.map((row, i) => row[labels[i]]);
const lowerMedianOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[(values.length - 1) >> 1];

/** ln Σ_j≠y exp(s c_ij) of one row, by a plain loop. */
function logOthers({ cosines, labels }: Batch, row: number, s: number): number {
  const wrong = cosines[row].filter((_, j) => j !== labels[row]).map((c) => s * c);
  const highest = Math.max(...wrong);
  return highest + Math.log(wrong.reduce((sum, z) => sum + Math.exp(z - highest), 0));
}

/** e^{s(t − m)} / (e^{s(t − m)} + B) */
const probability = (t: number, { s, m }: Found, logB: number): number => 1 / (1 + Math.exp(logB - s * (t - m)));

const near = (found: number, wanted: number, tolerance: number, what: string): void =>
  assert.ok(Math.abs(found - wanted) <= tolerance * Math.max(1, Math.abs(wanted)), `${what}: ${found}, not ${wanted}`);

describe("MadaCos", () => {
  property(
    "gives the median image the probability α wherever there is a margin",
    [batches(), alphas()],
    (batch, alpha) => {
      const found = supply(batch, { alpha });
      const targets = targetsOf(batch);
      assert.equal(found.median, lowerMedianOf(targets));
      const row = targets.indexOf(found.median);
      const p = probability(found.median, found, logOthers(batch, row, found.s));
      if (found.m > 0) near(p, alpha, 1e-9, "P(t_med)");
      else assert.ok(p <= alpha * (1 + 1e-9), `without a margin the median image has ${p} at most, not above ${alpha}`);
    },
  );

  property(
    "gives an image on its center κ/(κ + 1) wherever neither s nor m is at a bound",
    [batches(), alphas(), fc.double({ min: 10, max: 1e8, noNaN: true })],
    (batch, alpha, kappa) => {
      const minScale = 1e-3;
      const found = supply(batch, { alpha, kappa, minScale });
      fc.pre(found.m > 0 && found.s > minScale);
      const row = targetsOf(batch).indexOf(found.median);
      const odds = Math.exp(found.s * (1 - found.m) - logOthers(batch, row, found.s));
      near(Math.log(odds), Math.log(kappa), 1e-9, "ln of the odds at cosine 1");
    },
  );

  property(
    "keeps the scale at its floor until the median has left it behind",
    [batches(), alphas()],
    (batch, alpha) => {
      const { s, median } = supply(batch, { alpha });
      near(s, Math.max(32, Math.log((9_999_999 * (1 - alpha)) / alpha) / (1 - median)), 1e-12, "s");
      assert.equal(supply(batch, { alpha, maxScale: 33 }).s, Math.min(s, 33));
    },
  );

  property(
    "subtracts the margin at the right class alone, and multiplies all by s",
    [batches(), others()],
    (batch, choice) => {
      const { s, m, logits } = supply(batch, { others: choice });
      batch.cosines.flat().forEach((c, k) => {
        const [row, column] = [Math.floor(k / batch.cosines[0].length), k % batch.cosines[0].length];
        near(logits[k], s * (c - (column === batch.labels[row] ? m : 0)), 1e-12, "logit");
      });
    },
  );

  property("takes B as it is asked to", [batches(), others()], (batch, choice) => {
    const { s, m, median } = supply(batch, { others: choice });
    const all = targetsOf(batch).map((_, row) => logOthers(batch, row, s));
    const mean = Math.log(all.reduce((sum, log) => sum + Math.exp(log - all[0]), 0) / all.length) + all[0];
    const logB = { "of-median": all[targetsOf(batch).indexOf(median)], median: lowerMedianOf(all), mean }[choice];
    near(m, Math.max(0, median - (logB + Math.log(0.02 / 0.98)) / s), 1e-9, "m");
  });

  property(
    "does not depend on the order of images and the numbers of classes",
    [
      batches().chain((batch) =>
        fc.tuple(
          fc.constant(batch),
          fc.shuffledSubarray(batch.labels.map((_, i) => i), { minLength: batch.labels.length }), // prettier-ignore
          fc.shuffledSubarray(batch.cosines[0].map((_, j) => j), { minLength: batch.cosines[0].length }), // prettier-ignore
        ),
      ),
      others(),
    ],
    ([batch, rows, columns], choice) => {
      const moved = {
        cosines: rows.map((i) => columns.map((j) => batch.cosines[i][j])),
        labels: rows.map((i) => columns.indexOf(batch.labels[i])),
      };
      const [before, after] = [batch, moved].map((one) => supply(one, { others: choice }));
      near(after.s, before.s, 1e-12, "s");
      near(after.m, before.m, 1e-9, "m");
    },
  );

  property(
    "has a scale and a margin that rise with the median cosine",
    [batches(), alphas(), fc.double({ min: 0.001, max: 0.9, noNaN: true })],
    (batch, alpha, share) => {
      const row = targetsOf(batch).indexOf(lowerMedianOf(targetsOf(batch)));
      const nearer = {
        ...batch,
        cosines: batch.cosines.map((cosines, i) =>
          cosines.map((c, j) => (j === batch.labels[i] ? c + share * (1 - c) : c)),
        ),
      };
      assert.equal(targetsOf(nearer).indexOf(lowerMedianOf(targetsOf(nearer))), row); // the order of the images stays
      const [before, after] = [batch, nearer].map((one) => supply(one, { alpha }));
      assert.ok(after.median > before.median && after.s >= before.s && after.m >= before.m - 1e-12);
      if (before.s > 32) assert.ok(after.s > before.s);
      if (before.m > 0) assert.ok(after.m > before.m);
    },
  );

  property("is stricter with a smaller α", [batches(), alphas(), alphas()], (batch, one, other) => {
    fc.pre(Math.abs(one - other) > 1e-6);
    const [strict, mild] = [Math.min(one, other), Math.max(one, other)].map((alpha) => supply(batch, { alpha }));
    assert.ok(strict.s >= mild.s && strict.m >= mild.m - 1e-12, `${strict.s} ${strict.m}, ${mild.s} ${mild.m}`);
  });

  property(
    "takes ln(C/S)/s off the margin of a sample where it is asked to",
    [batches(), fc.nat({ max: 100 })],
    (batch, others) => {
      const sampled = batch.cosines[0].length;
      const [plain, corrected] = [false, true].map((correctSampling) =>
        supply(batch, { correctSampling }, sampled + others),
      );
      assert.equal(plain.m, supply(batch, {}).m);
      fc.pre(plain.m > 0);
      near(corrected.m, Math.max(0, plain.m - Math.log((sampled + others) / sampled) / plain.s), 1e-9, "m");
    },
  );

  property("has no margin without a tape", [batches()], ({ cosines, labels }) => {
    using margin = exact.scope(() =>
      noGrad(() => {
        const cosine = constant(exact.tensor(cosines.flat(), [labels.length, cosines[0].length]));
        return marginLogitsOf(madaCos(), cosine, Int32Array.from(labels), cosines[0].length, alone).supplied!.margin;
      }),
    );
    assert.equal(margin.dataSync()[0], 0);
  });
});
