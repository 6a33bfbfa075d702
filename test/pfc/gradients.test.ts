/** Derivatives of this room against central differences, on `reference` in float64. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkGradients } from "../../src/autograd/index.js";
import { arcFace } from "../../src/pfc/margins/arcFace.js";
import { cosFace } from "../../src/pfc/margins/cosFace.js";
import { generalMargin } from "../../src/pfc/margins/generalMargin.js";
import { interclassFilter } from "../../src/pfc/margins/interclassFilter.js";
import type { Margin } from "../../src/pfc/margins/margin.js";
import { PartialFC } from "../../src/pfc/partialFC.js";
import { softmaxCrossEntropy } from "../../src/pfc/softmaxCrossEntropy.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { stream } from "../../src/tensor/random.js";
import type { Tensor } from "../../src/tensor/tensor.js";

const engine = new ReferenceEngine("float64");
const labels = Int32Array.of(2, 0, -1, 3, 1);

/** Cosines between −0.97 and 0.97: the steps of the differences stay inside, and off the kink at cos(π − 0.5) = −0.878. */
function cosines(): Tensor {
  const random = stream("test", "cosines");
  return engine.tensor(
    Array.from({ length: 20 }, () => 1.94 * random.uniform() - 0.97),
    [5, 4],
  );
}

function normal(name: string, rows: number, columns: number): Tensor {
  const random = stream("test", name);
  return engine.tensor(
    Array.from({ length: rows * columns }, () => random.normal()),
    [rows, columns],
  );
}

const exact: Record<string, Margin> = {
  cosFace: cosFace({ scale: 8 }),
  "arcFace, affine": arcFace({ scale: 8 }),
  "arcFace, wrap": arcFace({ scale: 8, beyondPi: "wrap" }),
  generalMargin: generalMargin({ scale: 8, m1: 1.1, m2: 0.2, m3: 0.1 }),
};

describe("gradients", () => {
  for (const [name, margin] of Object.entries(exact)) {
    test(`${name}: the slope is that of the value`, () => {
      checkGradients(([cosine]) => margin.logits(cosine, labels), [cosines()]);
    });
  }

  test("arcFace, straight-through: the slope is not that of the value, and says so", () => {
    const margin = arcFace({ scale: 8, gradient: "straight-through", beyondPi: "wrap" });
    assert.throws(
      () => checkGradients(([cosine]) => margin.logits(cosine, labels), [cosines()]),
      /the gradient is 8, but central differences give/,
    );
  });

  test("arcFace, affine: the slope is that of the value on both sides of π − m, and near 0° and 180°", () => {
    const margin = arcFace({ scale: 8 });
    const column = engine.tensor([-0.999, -0.9, -0.88, -0.87, 0.999], [5, 1]);
    checkGradients(([cosine]) => margin.logits(cosine, new Int32Array(5)), [column], {
      // near 1 the second derivative, sin m/sin³θ, is 5,000: the differences are off by h²/6 times the third, 1e8
      relativeTolerance: 1e-4,
    });
  });

  test("interclassFilter", () => {
    checkGradients(([cosine]) => interclassFilter(cosine, labels, 0.4), [cosines()]);
  });

  test("softmaxCrossEntropy, with a class on every row", () => {
    const known = Int32Array.of(2, 0, 1, 3, 1);
    checkGradients(([z]) => softmaxCrossEntropy(z, known), [normal("logits", 5, 4)]);
  });

  test("Partial FC, with respect to the embeddings: sampling, normalisation, filter, margin and softmax", () => {
    const head = new PartialFC(engine, {
      classes: 12,
      embedding: 6,
      ratio: 0.75,
      margin: arcFace({ scale: 8, margin: 0.3 }),
      filter: 0.5,
      seed: 3,
    });
    checkGradients(([x]) => head.loss(x, Int32Array.of(11, 4, 4, 0), 9), [normal("embeddings", 4, 6)]);
    head.dispose();
  });
});
