import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { constant, noGrad, parameter } from "../../src/autograd/index.js";
import { SGD } from "../../src/nn/sgd.js";
import { arcFace } from "../../src/pfc/margins/arcFace.js";
import { cosFace } from "../../src/pfc/margins/cosFace.js";
import { PartialFC, type PartialFCOptions } from "../../src/pfc/partialFC.js";
import { InProcessRanks } from "../../src/ranks/inProcessRanks.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { stream } from "../../src/tensor/random.js";
import { differences, fullSoftmaxLoss, type Matrix } from "./fullSoftmax.js";

const engine = new ReferenceEngine("float64");
const SCALE = 4;
const MARGIN = 0.3;
const EMBEDDING = 5;
const labels = Int32Array.of(2, 0, 6, 2);

/** Rows of about unit size. */
function randomMatrix(name: string, rows: number): Matrix {
  const random = stream("test", name);
  return Array.from({ length: rows }, () => Array.from({ length: EMBEDDING }, () => 0.5 * random.normal()));
}

const x = randomMatrix("x", labels.length);

function makeHead(options: Partial<PartialFCOptions> = {}): PartialFC {
  const margin = cosFace({ scale: SCALE, margin: MARGIN });
  // a deviation of 0.5: central differences want rows of unit size
  return new PartialFC(engine, { classes: 7, embedding: EMBEDDING, margin, seed: 1, deviation: 0.5, ...options });
}

async function centersOf(head: PartialFC): Promise<Matrix> {
  const values = await head.centers.store.read(0, head.centers.rows);
  return Array.from({ length: head.centers.rows }, (_, j) => [...values.slice(j * EMBEDDING, (j + 1) * EMBEDDING)]);
}

const embeddings = (rows = x): ReturnType<typeof parameter> =>
  parameter(engine.tensor(rows.flat(), [rows.length, EMBEDDING]));

/** One step: the loss, the gradient of the embeddings, and of the gathered centers. */
function takeStep(head: PartialFC, step = 0): { loss: number; dx: number[]; dw: number[]; index: Int32Array } {
  const input = embeddings();
  const loss = head.loss(input, labels, step);
  loss.backward();
  const [{ index, variable }] = head.centers.pending;
  return {
    loss: loss.dataSync()[0],
    dx: [...input.grad!.dataSync()],
    dw: [...variable.grad!.dataSync()],
    index,
  };
}

function assertNear(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of actual.entries()) {
    assert.ok(Math.abs(value - expected[i]) <= tolerance, `element ${i}: ${value}, expected ${expected[i]}`);
  }
}

describe("Partial FC", () => {
  test("is the full softmax when the ratio is one: loss and gradients", async () => {
    const head = makeHead({ ratio: 1 });
    const w = await centersOf(head);
    const { loss, dx, dw } = takeStep(head);
    const y = [...labels];
    assertNear([loss], [fullSoftmaxLoss(x, w, y, SCALE, MARGIN)], 1e-14);
    assertNear(dx, differences(x, (changed) => fullSoftmaxLoss(changed, w, y, SCALE, MARGIN)).flat(), 1e-7);
    assertNear(dw, differences(w, (changed) => fullSoftmaxLoss(x, changed, y, SCALE, MARGIN)).flat(), 1e-7);
  });

  test("is the full softmax over the sampled centers otherwise", async () => {
    const head = makeHead({ ratio: 0.8 });
    const all = await centersOf(head);
    const { loss, dx, dw, index } = takeStep(head);
    assert.equal(index.length, 5);
    const w = Array.from(index, (j) => all[j]);
    const y = Array.from(labels, (label) => index.indexOf(label));
    assertNear([loss], [fullSoftmaxLoss(x, w, y, SCALE, MARGIN)], 1e-14);
    assertNear(dx, differences(x, (changed) => fullSoftmaxLoss(changed, w, y, SCALE, MARGIN)).flat(), 1e-7);
    assertNear(dw, differences(w, (changed) => fullSoftmaxLoss(x, changed, y, SCALE, MARGIN)).flat(), 1e-7);
  });

  test("takes no notice of the length of embeddings and centers", async () => {
    const head = makeHead({ ratio: 1 });
    const { loss } = takeStep(head);
    const stretched = head.loss(embeddings(x.map((row, i) => row.map((value) => value * (i + 2)))), labels, 0);
    assertNear([stretched.dataSync()[0]], [loss], 1e-14);
    head.centers.store.load(
      0,
      (await head.centers.store.read(0, 7)).map((value) => 3 * value),
    );
    assertNear([head.loss(embeddings(), labels, 0).dataSync()[0]], [loss], 1e-14);
  });

  test("says what it sampled", () => {
    const head = makeHead({ ratio: 0.8 });
    assert.equal(head.lastSample, undefined);
    takeStep(head);
    const { index, labels: renumbered, positives, negatives, budget, overflow } = head.lastSample!;
    assert.deepEqual(
      renumbered.map((position) => index[position]),
      labels,
    );
    assert.deepEqual([positives, negatives, budget, overflow], [3, 2, 5, false]);
  });

  test("draws as a function of seed and step", () => {
    const drawn = (seed: number, step: number): Int32Array =>
      takeStep(makeHead({ classes: 1000, ratio: 0.1, seed }), step).index;
    assert.deepEqual(drawn(1, 5), drawn(1, 5));
    assert.notDeepEqual(drawn(1, 5), drawn(1, 6));
    assert.notDeepEqual(drawn(1, 5), drawn(2, 5));
  });

  test("takes its classes from a given sampler, and refuses one that leaves out a class of the batch", () => {
    const index = Int32Array.of(0, 2, 5, 6);
    assert.deepEqual(takeStep(makeHead({ sampler: () => index })).index, index);
    assert.throws(() => takeStep(makeHead({ sampler: () => Int32Array.of(0, 1, 2) })), /6 is not among the 3/);
  });

  test("survives an embedding without direction and one that lies on its center", async () => {
    const head = makeHead({ ratio: 1, margin: arcFace() });
    const w = await centersOf(head);
    const input = embeddings([w[2], [0, 0, 0, 0, 0], x[2], x[3]]);
    const loss = head.loss(input, labels, 0);
    loss.backward();
    assert.ok(Number.isFinite(loss.dataSync()[0]));
    assert.ok(input.grad!.dataSync().every(Number.isFinite));
  });

  test("filters near wrong classes before the margin", async () => {
    const head = makeHead({ ratio: 1, filter: 0.2 });
    const w = await centersOf(head);
    const cosine = (a: number[], b: number[]): number =>
      a.reduce((sum, value, i) => sum + value * b[i], 0) / (Math.hypot(...a) * Math.hypot(...b));
    const expected = x.map((row, i) => {
      const logits = w.map((center, j) => {
        const c = cosine(row, center);
        return SCALE * (j === labels[i] ? c - MARGIN : c > 0.2 ? 0 : c);
      });
      return Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0)) - logits[labels[i]];
    });
    assertNear([takeStep(head).loss], [expected.reduce((sum, value) => sum + value, 0) / 4], 1e-14);
  });
});

describe("the centers of Partial FC", () => {
  const rule = { momentum: 0.9, decay: 0.1 };
  const sampler: PartialFCOptions["sampler"] = ({ step }) =>
    step === 0 ? Int32Array.of(0, 2, 5, 6) : Int32Array.of(0, 2, 6);

  async function train(update: "sparse" | "dense"): Promise<Matrix[]> {
    const head = makeHead({ update, sampler });
    const optimizer = new SGD([head], rule);
    const history = [await centersOf(head)];
    for (const step of [0, 1]) {
      takeStep(head, step);
      optimizer.step({ rate: 0.5 });
      optimizer.zeroGrad();
      history.push(await centersOf(head));
    }
    return history;
  }

  test("sparse: rows that were not sampled keep every bit", async () => {
    const [start, first, second] = await train("sparse");
    for (const j of [1, 3, 4]) {
      assert.deepEqual(first[j], start[j]);
      assert.deepEqual(second[j], start[j]);
    }
    assert.notDeepEqual(first[5], start[5]);
    assert.deepEqual(second[5], first[5]); // sampled in the first step only: its momentum waits
    assert.notDeepEqual(second[0], first[0]);
  });

  test("dense: rows that were not sampled decay, and momentum carries them on", async () => {
    const [start, first, second] = await train("dense");
    for (const j of [1, 3, 4]) {
      // v = 0.1 w, w ← w − 0.5 v; then v ← 0.9 v + 0.1 w
      assertNear(
        first[j],
        start[j].map((w) => 0.95 * w),
        1e-15,
      );
      assertNear(
        second[j],
        start[j].map((w) => 0.95 * w - 0.5 * (0.9 * 0.1 * w + 0.1 * 0.95 * w)),
        1e-15,
      );
    }
    assert.notDeepEqual(second[5], first[5]);
  });

  test("both rules move sampled rows alike in the first step", async () => {
    const [, sparse] = await train("sparse");
    const [, dense] = await train("dense");
    for (const j of [0, 2, 5, 6]) assertNear(sparse[j], dense[j], 1e-15);
  });

  test("start as N(0, 0.01²), a function of seed and class", async () => {
    const make = (classes: number, seed: number): PartialFC =>
      new PartialFC(engine, { classes, embedding: 64, margin: cosFace(), seed });
    const values = [...(await make(500, 1).centers.store.read(0, 500))];
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    // 32,000 numbers: the mean is known to 0.01/√32000 = 6e-5, the deviation to 4e-5; four times that
    assert.ok(Math.abs(mean) < 2.4e-4);
    assert.ok(Math.abs(deviation - 0.01) < 1.6e-4);
    assert.deepEqual([...(await make(20, 1).centers.store.read(7, 3))], values.slice(7 * 64, 10 * 64));
    assert.notDeepEqual([...(await make(20, 2).centers.store.read(7, 3))], values.slice(7 * 64, 10 * 64));
  });

  test("without gradients are gathered as plain copies: nothing to update, nothing left", () => {
    const head = makeHead();
    const before = engine.memory().tensors;
    engine.scope(() => {
      noGrad(() => head.loss(constant(engine.tensor(x.flat(), [4, EMBEDDING])), labels, 0));
    });
    assert.equal(head.centers.pending.length, 0);
    assert.equal(engine.memory().tensors, before);
  });

  test("leave no tensor behind, step after step", () => {
    const head = makeHead({ margin: arcFace(), filter: 0.4, ratio: 0.8 });
    const optimizer = new SGD([head], rule);
    const input = embeddings();
    const used: number[] = [];
    for (let step = 0; step < 5; step++) {
      engine.scope(() => {
        head.loss(input, labels, step).backward();
        optimizer.step({ rate: 0.1 });
        optimizer.zeroGrad();
        input.zeroGrad();
      });
      used.push(engine.memory().tensors);
    }
    assert.deepEqual(new Set(used).size, 1);
  });
});

describe("Partial FC over ranks", () => {
  /** Loss and gradients of all rows and centers, from K ranks that own contiguous classes; `union`: what to sample, of all classes. */
  function onRanks(ranks: number, union: Int32Array | undefined): { loss: number[]; dx: number[]; dw: number[][] } {
    const results = new InProcessRanks(engine, ranks).run((communicator) => {
      const head = makeHead({
        communicator,
        ratio: union ? 0.5 : 1,
        margin: arcFace({ scale: SCALE, margin: MARGIN }),
        filter: 0.3,
        sampler: ({ rank, classes }) => {
          const start = rank === 0 ? 0 : 7 - classes; // one or two ranks
          return union!.filter((j) => j >= start && j < start + classes).map((j) => j - start);
        },
      });
      const rows = labels.length / ranks;
      const own = [communicator.rank * rows, (communicator.rank + 1) * rows] as const;
      const input = embeddings(x.slice(...own));
      const loss = head.loss(input, labels.slice(...own), 0);
      loss.backward();
      const [{ variable }] = head.centers.pending;
      return {
        loss: loss.dataSync()[0],
        dx: [...input.grad!.dataSync()],
        dw: [...variable.grad!.dataSync()],
      };
    });
    return {
      loss: results.map(({ loss }) => loss),
      dx: results.flatMap(({ dx }) => dx),
      dw: results.map(({ dw }) => dw),
    };
  }

  for (const [name, union] of [
    ["with all centers", undefined],
    ["with a sample, when one rank is given the union of what the ranks drew", Int32Array.of(0, 2, 3, 5, 6)],
  ] as const) {
    test(`gives the same loss and gradients on two ranks as on one ${name}`, () => {
      const one = onRanks(1, union);
      const two = onRanks(2, union); // 7 classes: 4 and 3
      assertNear(two.loss, [one.loss[0], one.loss[0]], 1e-14);
      assertNear(two.dx, one.dx, 1e-14);
      assertNear(two.dw.flat(), one.dw.flat(), 1e-14);
    });
  }

  test("starts from the same centers however many ranks there are", async () => {
    const whole = await centersOf(makeHead());
    const stores = new InProcessRanks(engine, 3).run((communicator) => makeHead({ communicator }).centers.store);
    const parts = await Promise.all(stores.map((store) => store.read(0, store.rows)));
    assertNear(
      parts.flatMap((part) => [...part]),
      whole.flat(),
      0,
    );
  });

  test("goes on where a rank owns no class or samples none: the batch is compared with its own classes", () => {
    for (const ranks of [7, 9]) {
      const results = new InProcessRanks(engine, ranks).run((communicator) => {
        const head = makeHead({ communicator, ratio: 0 });
        const row = communicator.rank % x.length;
        const loss = head.loss(embeddings([x[row]]), labels.slice(row, row + 1), 0);
        loss.backward();
        return { loss: loss.dataSync()[0], sampled: head.lastSample!.index.length };
      });
      assert.equal(new Set(results.map(({ loss }) => loss)).size, 1);
      assert.ok(results[0].loss > 0);
      // classes 0, 2 and 6 occur, and rank j owns class j
      assert.deepEqual(
        results.map(({ sampled }) => sampled),
        Array.from({ length: ranks }, (_, rank) => ([0, 2, 6].includes(rank) ? 1 : 0)),
      );
    }
  });
});

describe("heads that share their centers", () => {
  test("are one set of weights: an update by one is what the other sees", async () => {
    const full = makeHead({ ratio: 1 });
    const sampled = makeHead({ ratio: 0.8, sharedCenters: full.centers });
    const before = await centersOf(full);
    takeStep(sampled);
    new SGD(sampled).step({ rate: 0.1 });
    full.centers.clear();
    const after = await centersOf(full);
    assert.notDeepEqual(after, before);
    assert.deepEqual(await centersOf(sampled), after);
    assertNear([takeStep(full).loss], [fullSoftmaxLoss(x, after, [...labels], SCALE, MARGIN)], 1e-14);
  });

  test("have as many classes and as long embeddings as the table", () => {
    const { centers } = makeHead();
    assert.throws(() => makeHead({ classes: 8, sharedCenters: centers }), /here \[8, 5\]; given \[7, 5\]/);
    assert.throws(() => makeHead({ embedding: 4, sharedCenters: centers }), /here \[7, 4\]; given \[7, 5\]/);
  });
});

describe("Partial FC speaks up", () => {
  function warnings(options: Partial<PartialFCOptions>, steps = 3): string[] {
    const heard: string[] = [];
    const head = makeHead({ ...options, onWarning: (message) => heard.push(message) });
    for (let step = 0; step < steps; step++) takeStep(head, step);
    return heard;
  }

  test("once when the budget is under three times the batch, once when the batch exceeds it, never at ratio 1", () => {
    assert.equal(warnings({ classes: 60, ratio: 0.1 }).length, 1);
    assert.match(warnings({ classes: 60, ratio: 0.1 })[0], /6 of 60 centers/);
    assert.equal(warnings({ classes: 20, ratio: 0.1 }).length, 1);
    assert.match(warnings({ classes: 20, ratio: 0.1 })[0], /no negatives/);
    assert.deepEqual(warnings({ classes: 120, ratio: 0.1 }), []);
    assert.deepEqual(warnings({ ratio: 1 }), []);
  });

  test("when a label is no class, embeddings do not fit, or an option makes no sense", () => {
    const head = makeHead();
    assert.throws(() => head.loss(embeddings(), Int32Array.of(0, 1, 7, 2), 0), /0 to 6.*row 2.*7/);
    assert.throws(() => head.loss(embeddings(), Int32Array.of(0, -1, 3, 2), 0), /0 to 6.*row 1.*-1/);
    assert.throws(() => head.loss(embeddings(), Int32Array.of(0, 1), 0), /\[4, 5\] and 2 labels/);
    assert.throws(
      () => head.loss(constant(engine.full([4, 3], 1)), labels, 0),
      /one row a label, at least one, and 5 columns.*\[4, 3\]/,
    );
    assert.throws(() => makeHead({ ratio: 1.5 }), /between 0 and 1, given 1.5/);
    assert.throws(() => makeHead({ filter: 1 }), /\[0, 1\)/);
    assert.throws(() => makeHead({ embedding: 2.5 }), /whole number of elements from 1.*given 2.5 and 0.5/);
    assert.throws(() => makeHead({ deviation: -1 }), /deviation above 0; given 5 and -1/);
  });

  test("when a batch has no row: its mean would be NaN", () => {
    const nobody = constant(engine.tensor([], [0, EMBEDDING]));
    assert.throws(() => makeHead().loss(nobody, new Int32Array(0), 0), /at least one.*\[0, 5\] and 0 labels/);
  });

  test("when the step is no number: every step would draw the same negatives", () => {
    assert.throws(() => makeHead({ ratio: 0.8 }).loss(embeddings(), labels, NaN), /given 1, negatives, NaN, 0/);
  });
});
