import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Variable } from "../../src/autograd/index.js";
import { QualityNetwork } from "../../src/crfiqa/qualityNetwork.js";
import { QualityObjective, regressionWeight, type QualityObjectiveOptions } from "../../src/crfiqa/qualityObjective.js";
import { Sequential } from "../../src/nn/index.js";
import { cosFace, PartialFC } from "../../src/pfc/index.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import type { Tensor } from "../../src/tensor/tensor.js";

/*
 * Two images, two classes with centers (1, 0) and (0, 1), a softmax of scale 1 without margin; w = (1/2, −1/4), b = 1/10.
 *
 *     e = (3, 4), class 0:   cosines 0.6, 0.8;   CR = 0.6/1.8 = 1/3;   q = 1.5 − 1 + 0.1 = 0.6;   d = 4/15
 *     e = (0, −2), class 1:  cosines 0, −1;      CR = −1/1;            q = 0.5 + 0.1 = 0.6;       d = 1.6, beyond β = 0.5
 */
const engine = new ReferenceEngine("float64");
const labels = Int32Array.of(0, 1);
const D = 4 / 15;

function network(): QualityNetwork {
  const made = new QualityNetwork(new Sequential([]), 2).allocate(engine, 0);
  made.loadStateDictionary(
    new Map([
      ["qs.weight", { shape: [1, 2], data: [0.5, -0.25] }],
      ["qs.bias", { shape: [1], data: [0.1] }],
    ]),
  );
  return made;
}

function head(classes = 2): PartialFC {
  const margin = cosFace({ scale: 1, margin: 0 });
  const made = new PartialFC(engine, { classes, embedding: 2, ratio: 1, margin, seed: 0 });
  made.centers.store.load(0, Float64Array.of(1, 0, 0, 1).subarray(0, 2 * classes));
  return made;
}

interface Found {
  readonly total: number;
  readonly margin: number;
  readonly regression: number;
  readonly own: number[];
  readonly negative: number[];
  readonly target: number[];
  readonly quality: number[];
  /** dL/de, where there is one. */
  readonly embeddings: number[] | undefined;
  readonly unit: number[];
}

function step(options: QualityObjectiveOptions = {}): Found {
  const [unit, centers] = [network(), head()];
  const leaf = new Variable(engine.tensor([3, 4, 0, -2], [2, 2]), true);
  const losses = new QualityObjective(unit, centers, { weight: 10, ...options }).losses(leaf, labels, 0);
  losses.total.backward();
  const list = (tensor: Tensor): number[] => Array.from(tensor.dataSync());
  const { margin, regression, own, negative, target, quality } = losses;
  return {
    total: losses.total.dataSync()[0],
    margin: margin.dataSync()[0],
    regression: regression.dataSync()[0],
    ...{ own: list(own), negative: list(negative), target: list(target), quality: list(quality) },
    embeddings: leaf.grad && list(leaf.grad),
    unit: unit.parameters().flatMap(({ variable }) => list(variable.grad!)),
  };
}

function near(actual: readonly number[] | undefined, expected: readonly number[]): void {
  assert.equal(actual?.length, expected.length);
  for (const [i, value] of expected.entries()) {
    // the 1e-9 of the denominator, and the −1e-12 of the floor
    assert.ok(Math.abs(actual[i] - value) <= 1e-8 * (1 + Math.abs(value)), `${actual[i]} at ${i}, expected ${value}`);
  }
}

/** log(1 + e^0.2) and log(1 + e^1): the right logit lies 0.2 and 1 below the wrong one. */
const MARGIN = (Math.log(1 + Math.exp(0.2)) + Math.log(1 + Math.exp(1))) / 2;
const REGRESSION = (D ** 2 + 1.35) / 2; // ½d²/β with β = ½, and d − β/2

describe("the objective of CR-FIQA, by hand", () => {
  it("finds similarities, targets and predictions, and adds λ = 10 times the regression to the margin softmax", () => {
    const found = step();
    near(found.own, [0.6, -1]);
    near(found.negative, [0.8, 0]);
    near(found.target, [1 / 3, -1]);
    near(found.quality, [0.6, 0.6]);
    near([found.margin, found.regression, found.total], [MARGIN, REGRESSION, MARGIN + 10 * REGRESSION]);
  });

  it("has the gradients worked out by hand: (λ/N)(d/β) within β, (λ/N) beyond; its product with w enters the embeddings", () => {
    const { unit, embeddings } = step();
    const [g0, g1] = [(10 / 2) * (D / 0.5), 10 / 2];
    near(unit, [3 * g0, 4 * g0 - 2 * g1, g0 + g1]);
    // wrong probabilities of the two images, their share in the mean, and no part along the embedding
    const [p0, p1] = [1 / (1 + Math.exp(-0.2)), 1 / (1 + Math.exp(-1))].map((p) => p / 2);
    // dL/du = p0 (−1, 1), less its part p0 · 0.2 along u = (0.6, 0.8), over 5; dL/du = p1 (1, −1), less that along (0, −1), over 2
    const first = [(-p0 - 0.2 * p0 * 0.6) / 5, (p0 - 0.2 * p0 * 0.8) / 5];
    const second = [p1 / 2, 0];
    near(embeddings, [first[0] + g0 / 2, first[1] - g0 / 4, second[0] + g1 / 2, second[1] - g1 / 4]);
  });

  it("on top of a finished network is the regression alone, and gives the embeddings nothing", () => {
    const found = step({ variant: "onTop" });
    near([found.margin, found.total], [MARGIN, 10 * REGRESSION]);
    assert.equal(found.embeddings, undefined);
    near(found.unit, step().unit);
  });

  it("with CCS alone predicts 0.6 and −1", () => {
    const found = step({ variant: "ccsOnly" });
    near(found.target, [0.6, -1]);
    near([found.regression], [1.35 / 2]); // the first is predicted as it is
  });

  it("takes λ, β, the form and the floor that it is given", () => {
    near([step({ weight: 2 }).total], [MARGIN + 2 * REGRESSION]);
    near([step({ beta: 2 }).regression], [(D ** 2 / 4 + 1.6 ** 2 / 4) / 2]); // both within
    near([step({ form: "raw" }).target[0]], [0.75]);
    near([step({ floor: 0.5 }).target[1]], [-1 / 1.5]);
  });
});

describe("the weight of the regression", () => {
  it("is 10 at the published scale of 64, and in proportion at others", () => {
    assert.deepEqual([64, 32, 1, 24].map(regressionWeight), [10, 5, 0.15625, 3.75]);
  });

  it("is that of the head's scale where none is given", () => {
    near([step({ weight: undefined }).total], [MARGIN + 0.15625 * REGRESSION]); // scale 1
  });
});

describe("an objective that makes no sense", () => {
  it("is refused with the numbers given: λ and β are positive", () => {
    const given = (options: QualityObjectiveOptions) => () => new QualityObjective(network(), head(), options);
    for (const bad of [0, -1, NaN, Infinity]) {
      assert.throws(given({ weight: bad }), new RegExp(`β are positive numbers, given ${bad} and 0\\.5`));
      assert.throws(given({ weight: 10, beta: bad }), new RegExp(`β are positive numbers, given 10 and ${bad}`));
    }
  });

  it("is refused for a single class, which has no nearest other one", () => {
    assert.throws(() => new QualityObjective(network(), head(1)), /two classes at least; given 1/);
  });
});
