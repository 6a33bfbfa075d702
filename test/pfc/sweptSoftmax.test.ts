import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { affine, constant, noGrad, parameter } from "../../src/autograd/index.js";
import { gradientOf } from "../../src/nn/updateRows.js";
import { arcFace } from "../../src/pfc/margins/arcFace.js";
import { cosFace } from "../../src/pfc/margins/cosFace.js";
import { PartialFC, type PartialFCOptions } from "../../src/pfc/partialFC.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { stream } from "../../src/tensor/random.js";
import { differences, fullSoftmaxLoss, type Matrix } from "./fullSoftmax.js";

const engine = new ReferenceEngine("float64");
const SCALE = 4;
const MARGIN = 0.3;
const EMBEDDING = 5;
const CLASSES = 7;
const labels = Int32Array.of(2, 0, 6, 2);

/** Rows of about unit size. */
function randomMatrix(name: string, rows: number): Matrix {
  const random = stream("swept", name);
  return Array.from({ length: rows }, () => Array.from({ length: EMBEDDING }, () => 0.5 * random.normal()));
}

const x = randomMatrix("x", labels.length);
const w = randomMatrix("w", CLASSES);

function makeHead(options: Partial<PartialFCOptions> = {}): PartialFC {
  const margin = cosFace({ scale: SCALE, margin: MARGIN });
  const sizes = { classes: CLASSES, embedding: EMBEDDING, seed: 1 };
  const head = new PartialFC(engine, { ...sizes, margin, ratio: 1, path: "fused", ...options });
  head.centers.store.load(0, Float64Array.from(w.flat()));
  return head;
}

const embeddings = (rows = x) => parameter(engine.tensor(rows.flat(), [rows.length, EMBEDDING]));

function assertNear(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    assert.ok(Math.abs(actual[i] - expected[i]) <= tolerance, `element ${i}: ${actual[i]}, expected ${expected[i]}`);
  }
}

describe("the swept softmax", () => {
  for (const [sample, index] of [
    ["all classes", undefined],
    ["a sample", Int32Array.of(0, 2, 3, 6)],
  ] as const) {
    it(`is the softmax over ${sample}, computed on plain arrays: loss, and gradients by differences`, () => {
      const head = makeHead(index ? { ratio: 0.5, sampler: () => index } : {});
      const classes = index ? [...index] : w.map((_, j) => j);
      const own = classes.map((j) => w[j]);
      const y = Array.from(labels, (label) => classes.indexOf(label));
      const input = embeddings();
      const loss = head.loss(input, labels, 0);
      loss.backward();
      assertNear(loss.dataSync(), [fullSoftmaxLoss(x, own, y, SCALE, MARGIN)], 1e-14);
      const dx = differences(x, (changed) => fullSoftmaxLoss(changed, own, y, SCALE, MARGIN)).flat();
      assertNear(input.grad!.dataSync(), dx, 1e-7);
      const dw = differences(own, (changed) => fullSoftmaxLoss(x, changed, y, SCALE, MARGIN)).flat();
      assertNear(gradientOf(head.centers.pending[0]).dataSync(), dw, 1e-7);
    });
  }

  it("hands on what its result is multiplied by: a quarter of the loss has a quarter of its gradients", () => {
    const gradients = [1, 0.25].map((share) => {
      const head = makeHead();
      const input = embeddings();
      affine(head.loss(input, labels, 0), share, 3).backward();
      return [...input.grad!.dataSync(), ...gradientOf(head.centers.pending[0]).dataSync()];
    });
    assertNear(gradients[1], gradients[0].map((value) => value / 4), 1e-16); // prettier-ignore
  });

  it("filters near wrong classes before the margin, and keeps exp(0) of them", () => {
    const cosine = (a: number[], b: number[]): number =>
      a.reduce((sum, value, i) => sum + value * b[i], 0) / (Math.hypot(...a) * Math.hypot(...b));
    const expected = x.map((row, i) => {
      const logits = w.map((center, j) => {
        const c = cosine(row, center);
        return SCALE * (j === labels[i] ? c - MARGIN : c > 0.2 ? 0 : c);
      });
      return Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0)) - logits[labels[i]];
    });
    const loss = makeHead({ filter: 0.2 }).loss(embeddings(), labels, 0);
    assertNear(loss.dataSync(), [expected.reduce((sum, value) => sum + value, 0) / x.length], 1e-14);
  });

  it("without a tape gives the same loss and keeps nothing", () => {
    const head = makeHead({ margin: arcFace({ scale: SCALE }) });
    const recorded = head.loss(embeddings(), labels, 0).dataSync();
    head.centers.clear();
    const before = engine.memory().tensors;
    engine.scope(() => {
      const plain = noGrad(() => head.loss(constant(engine.tensor(x.flat(), [x.length, EMBEDDING])), labels, 0));
      assert.deepEqual(plain.dataSync(), recorded);
    });
    assert.equal(head.centers.pending.length, 0);
    assert.equal(engine.memory().tensors, before);
  });

  it("survives an embedding without direction and one that lies on its center", () => {
    const head = makeHead({ margin: arcFace() });
    const input = embeddings([w[2], [0, 0, 0, 0, 0], x[2], x[3]]);
    const loss = head.loss(input, labels, 0);
    loss.backward();
    const found = [loss.dataSync(), input.grad!.dataSync(), gradientOf(head.centers.pending[0]).dataSync()];
    assert.ok(found.every((values) => values.every(Number.isFinite)));
  });

  it("is refused where the centers were given up before the gradient was asked for", () => {
    const head = makeHead();
    const loss = head.loss(embeddings(), labels, 0);
    head.centers.clear();
    assert.throws(() => loss.backward(), /backward came after the rows were updated or given up/);
  });
});
