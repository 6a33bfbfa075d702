/** Inter-class filtering: what becomes of a wrong class whose cosine is above the threshold. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import type { Variable } from "../../src/autograd/index.js";
import { interclassFilter } from "../../src/pfc/margins/interclassFilter.js";
import { softmaxCrossEntropy } from "../../src/pfc/softmaxCrossEntropy.js";
import { angleBatches, type AngleBatch } from "../arbitraries/angles.js";
import { marginChoices, toMargin } from "../arbitraries/margins.js";
import { property } from "../property.js";
import { answer } from "./answer.js";
import { engines, exact } from "../engines.js";
import { evenly } from "../arbitraries/numbers.js";

interface Filtered {
  readonly batch: AngleBatch;
  readonly threshold: number;
  /** float32 numbers, some of them equal to the threshold. */
  readonly cosines: readonly number[];
}

function filtered(): fc.Arbitrary<Filtered> {
  const threshold = fc.oneof(fc.constantFrom(0.25, 0.5), evenly(0.01, 0.99));
  return fc.tuple(angleBatches(), threshold.map(Math.fround)).chain(([batch, tau]) =>
    fc.array(fc.boolean(), { minLength: batch.theta.length, maxLength: batch.theta.length }).map((ties) => ({
      batch,
      threshold: tau,
      cosines: batch.theta.map((theta, i) => (ties[i] && i % 3 === 0 ? tau : Math.fround(Math.cos(theta)))),
    })),
  );
}

/** Is this a wrong class above the threshold? */
function isFiltered({ batch: { columns, labels }, threshold, cosines }: Filtered, position: number): boolean {
  return cosines[position] > threshold && position % columns !== labels[Math.floor(position / columns)];
}

describe("the inter-class filter", () => {
  for (const engine of engines) {
    property(
      `sets wrong classes above the threshold to cosine 0 without gradient, and leaves all else, the own class always (${engine.name})`,
      [filtered()],
      (given) => {
        const { batch, threshold, cosines } = given;
        const seed = cosines.map((_, i) => i + 1);
        const fn = (x: Variable) => interclassFilter(x, Int32Array.from(batch.labels), threshold);
        const { y, gradient } = answer(engine, cosines, [batch.rows, batch.columns], fn, seed);
        for (const [position, cosine] of cosines.entries()) {
          const gone = isFiltered(given, position);
          assert.ok(y[position] === (gone ? 0 : cosine), `value ${position}: ${y[position]}`);
          assert.ok(gradient[position] === (gone ? 0 : seed[position]), `gradient ${position}: ${gradient[position]}`);
        }
      },
      { runs: 200 },
    );
  }

  property("with threshold 0 is off", [angleBatches()], ({ rows, columns, theta, labels }) => {
    const fn = (x: Variable) => interclassFilter(x, Int32Array.from(labels), 0);
    const { y, gradient } = answer(exact, theta.map(Math.cos), [rows, columns], fn);
    assert.deepEqual(y, theta.map(Math.cos));
    assert.deepEqual(
      gradient,
      theta.map(() => 1),
    );
  });

  property(
    "keeps exp(s·0) of what it filtered in the softmax's denominator, and is applied before the margin",
    [filtered().filter(({ batch }) => batch.labels.every((label) => label >= 0)), marginChoices()],
    (given, choice) => {
      const { batch, threshold, cosines } = given;
      const labels = Int32Array.from(batch.labels);
      const margin = toMargin({ ...choice, scale: Math.min(choice.scale, 16) }); // well inside the bound of 69.0776
      const shape = [batch.rows, batch.columns];
      const { y } = answer(exact, cosines, shape, (x) =>
        softmaxCrossEntropy(margin.logits(interclassFilter(x, labels, threshold), labels), labels),
      );
      // what an unfiltered softmax makes of logits that are written down with 0 in the filtered places
      const logits = answer(exact, cosines, shape, (x) => margin.logits(x, labels)).y;
      const written = logits.map((logit, position) => (isFiltered(given, position) ? 0 : logit));
      const expected = answer(exact, written, shape, (x) => softmaxCrossEntropy(x, labels)).y;
      // the same numbers are added in the same order: one logarithm's rounding of values up to 69
      assert.ok(Math.abs(y[0] - expected[0]) <= 1e-13, `${y[0]}, expected ${expected[0]}`);
    },
    { runs: 200 },
  );
});
