/** The linear probe: its minimum is one, found from the definition, and it separates what is separable. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { linearProbe } from "../../src/evaluation/linearProbe.js";
import { logisticRegression } from "../../src/evaluation/logisticRegression.js";
import { stream } from "../../src/tensor/random.js";
import { clusters } from "../../test/evaluation/embeddings.js";
import { reorder } from "../arbitraries/embeddings.js";
import { property } from "../property.js";
import { assertNear, assertNotAbove } from "./assertions.js";

interface Problem {
  readonly features: Float64Array;
  readonly embedding: number;
  readonly targets: Int32Array;
  readonly classes: number;
  readonly inversePenalty: number;
}

/** Overlapping clusters; classes without an image occur. */
function problems(): fc.Arbitrary<Problem> {
  return fc
    .record({
      seed: fc.string({ maxLength: 4 }),
      count: fc.integer({ min: 2, max: 40 }),
      embedding: fc.integer({ min: 1, max: 6 }),
      classes: fc.integer({ min: 2, max: 6 }),
      inversePenalty: fc.constantFrom(0.01, 0.1, 1, 10),
    })
    .map(({ seed, count, embedding, classes, inversePenalty }) => {
      const { embeddings: features, labels: targets } = clusters(seed, count, embedding, classes, 1);
      return { features, embedding, targets, classes, inversePenalty };
    });
}

const fit = { tolerance: 1e-10 };

/** Mean cross-entropy + ‖W‖² / (2CN), from logits written out. */
function objective(problem: Problem, weights: Float64Array, bias: Float64Array): number {
  const { features, embedding, targets, classes, inversePenalty } = problem;
  let sum = 0;
  targets.forEach((target, row) => {
    const logits = Array.from({ length: classes }, (_, c) => {
      let logit = bias[c];
      for (let e = 0; e < embedding; e++) logit += features[row * embedding + e] * weights[c * embedding + e];
      return logit;
    });
    const largest = Math.max(...logits);
    sum += Math.log(logits.reduce((total, logit) => total + Math.exp(logit - largest), 0)) + largest - logits[target];
  });
  return (sum + weights.reduce((total, weight) => total + weight ** 2, 0) / (2 * inversePenalty)) / targets.length;
}

describe("logistic regression", () => {
  property(
    "has no better point beside its minimum",
    [problems(), fc.nat()],
    (problem, seed) => {
      const { weights, bias, fit: found } = logisticRegression(problem, fit);
      const least = objective(problem, weights, bias);
      assertNear(found.value, least, 1e-12 * (1 + least), "value");
      const random = stream(seed, "beside");
      for (const size of [1e-3, 1]) {
        const moved = objective(
          problem,
          weights.map((weight) => weight + size * random.normal()),
          bias.map((b) => b + size * random.normal()),
        );
        assertNotAbove(least, moved + 1e-10, "objective");
      }
    },
    { runs: 40 },
  );

  property(
    "does not care about the order of samples, nor how classes are numbered",
    [problems()],
    (problem) => {
      const { features, embedding, targets, classes } = problem;
      const order = [...targets.keys()].reverse();
      const turned = reorder({ embeddings: features, labels: targets, embedding }, order);
      const model = logisticRegression(problem, fit);
      const other = logisticRegression(
        { ...problem, features: turned.embeddings, targets: turned.labels.map((label) => classes - 1 - label) },
        fit,
      );
      // the penalty bends the objective by 1 / (CN) ≥ 1/400: a gradient of 1e-10 a weight is less than 1e-6 away
      for (let c = 0; c < classes; c++) {
        for (let e = 0; e < embedding; e++) {
          const [got, want] = [other.weights[(classes - 1 - c) * embedding + e], model.weights[c * embedding + e]];
          assertNear(got, want, 1e-6, `weight ${c}, ${e}`);
        }
      }
    },
    { runs: 40 },
  );

  property(
    "has weights that sum to zero over the classes",
    [problems()],
    (problem) => {
      const { weights } = logisticRegression(problem, fit);
      for (let e = 0; e < problem.embedding; e++) {
        let sum = 0;
        for (let c = 0; c < problem.classes; c++) sum += weights[c * problem.embedding + e];
        assertNear(sum, 0, 1e-6, `dimension ${e}`); // the penalty is least there, and residuals of a sample sum to zero
      }
    },
    { runs: 40 },
  );
});

describe("the linear probe", () => {
  property(
    "separates what a hyperplane separates for every class",
    [fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 5 }), fc.nat()],
    (classes, each, seed) => {
      // class c along axis c, disturbed by less than a quarter
      const random = stream(seed, "separable");
      const labels = Int32Array.from({ length: classes * each }, (_, i) => 10 - (i % classes));
      const rows = (): Float64Array =>
        Float64Array.from({ length: labels.length * classes }, (_, i) => {
          const isOwn = 10 - labels[Math.floor(i / classes)] === i % classes;
          return (isOwn ? 1 : 0) + 0.45 * (random.uniform() - 0.5);
        });
      const [train, test] = [
        { embeddings: rows(), labels },
        { embeddings: rows(), labels },
      ];
      const { top1, meanPerClass } = linearProbe({ train, test, embedding: classes, inversePenalty: 1 });
      assert.deepEqual([top1, meanPerClass], [1, 1]);
    },
    { runs: 30 },
  );

  /** Three parts of overlapping clusters, of the same classes. */
  const parts = fc
    .record({ seed: fc.string({ maxLength: 4 }), embedding: fc.integer({ min: 1, max: 4 }) })
    .map(({ seed, embedding }) => {
      const part = (name: string): ReturnType<typeof clusters> => clusters(`${seed} ${name}`, 24, embedding, 3, 1.5);
      return { train: part("train"), validation: part("validation"), test: part("test"), embedding };
    });

  property(
    "with features brought to mean 0 and deviation 1 does not see how they were shifted and stretched",
    [parts, fc.constantFrom(0.25, 4, 64), fc.integer({ min: -8, max: 8 })],
    ({ train, test, embedding }, factor, shift) => {
      const moved = (part: typeof train): typeof train => ({
        ...part,
        embeddings: part.embeddings.map((value, i) => factor ** (i % embedding) * value + shift),
      });
      const settings = { embedding, standardize: true, fit };
      const [plain, other] = [
        linearProbe({ train, test, ...settings }),
        linearProbe({ train: moved(train), test: moved(test), ...settings }),
      ];
      assertNear(other.fit.value, plain.fit.value, 1e-9, "least objective");
      assertNear(other.top1, plain.top1, 1 / 24 + 1e-12, "top1"); // an image between two classes may go to either
    },
    { runs: 30 },
  );

  property(
    "takes the C that is best on the validation part, of equal ones the first, and is the probe of that C alone",
    [parts, fc.shuffledSubarray([1e-4, 1e-3, 0.1, 1, 10], { minLength: 2 })],
    ({ train, validation, test, embedding }, candidates) => {
      const { sweep, inversePenalty, ...found } = linearProbe({
        ...{ train, validation, test, embedding },
        inversePenalty: candidates,
      });
      const alone = candidates.map((candidate) =>
        linearProbe({ train, test: validation, embedding, inversePenalty: candidate }),
      );
      assert.deepEqual(sweep, candidates.map((each, i) => ({ inversePenalty: each, top1: alone[i].top1 }))); // prettier-ignore
      const most = Math.max(...alone.map(({ top1 }) => top1));
      assert.equal(inversePenalty, candidates[alone.findIndex(({ top1 }) => top1 === most)]);
      const { top1, meanPerClass } = linearProbe({ train, test, embedding, inversePenalty });
      assert.deepEqual([found.top1, found.meanPerClass], [top1, meanPerClass]);
    },
    { runs: 30 },
  );
});
