import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constant, noGrad, parameter } from "../../src/autograd/index.js";
import { adaCos, curricular, localTriplets, madaCos, type LocalTripletOptions } from "../../src/cfcd/index.js";
import { cosFace, PartialFC, type Margin, type MarginSupplier } from "../../src/pfc/index.js";
import { marginLogitsOf } from "../../src/pfc/margins/suppliedMargin.js";
import { alone } from "../../src/ranks/alone.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";

const engine = new ReferenceEngine("float64");

/** Logits and s of one batch; the own class of row i is labels[i]. */
function batch(margin: Margin | MarginSupplier, rows: readonly (readonly number[])[], labels: readonly number[]) {
  return engine.scope(() => {
    const cosine = parameter(engine.tensor(rows.flat(), [rows.length, rows[0].length]));
    const { logits, supplied } = marginLogitsOf(margin, cosine, Int32Array.from(labels), rows[0].length, alone);
    cosine.tensor.dispose();
    return { logits: Array.from(logits.dataSync()), scale: supplied?.scale.dataSync()[0] ?? NaN };
  });
}

function near(found: readonly number[], wanted: readonly number[]): void {
  assert.equal(found.length, wanted.length);
  found.forEach((x, i) => assert.ok(Math.abs(x - wanted[i]) <= 1e-12 * Math.max(1, Math.abs(wanted[i])), `${x}, not ${wanted[i]}`)); // prettier-ignore
}

const BATCHES = [
  { rows: [[0.9, 0.1, -0.2], [0.3, 0.5, 0.0], [0.2, -0.1, 0.7]], labels: [0, 1, 2] }, // prettier-ignore
  { rows: [[0.2, 0.6, 0.5], [0.8, 0.4, 0.3], [0.1, 0.9, 0.95]], labels: [0, 1, 2] }, // prettier-ignore
  { rows: [[0.99, 0.1, 0.2], [0.0, 0.98, 0.1], [0.3, 0.2, 0.97]], labels: [0, 1, 2] }, // prettier-ignore
];

describe("adaCos", () => {
  it("has over three batches the scales that a hand computes, each from the batch before", () => {
    const margin = adaCos({ classes: 3 });
    margin.buffers!.logB.allocate(engine);
    // lower medians 0.7, 0.4, 0.98; cos π/4 = 0.7071 is the least that counts
    const first = Math.log(2) / Math.SQRT1_2;
    const b1 = [[0.1, -0.2], [0.3, 0.0], [0.2, -0.1]].flat().reduce((sum, c) => sum + Math.exp(first * c), 0) / 3; // prettier-ignore
    const second = Math.log(b1) / Math.SQRT1_2;
    const b2 = [[0.6, 0.5], [0.8, 0.3], [0.1, 0.9]].flat().reduce((sum, c) => sum + Math.exp(second * c), 0) / 3; // prettier-ignore
    const third = Math.log(b2) / 0.98;
    const found = BATCHES.map(({ rows, labels }) => batch(margin, rows, labels));
    near(found.map(({ scale }) => scale), [first, second, third]); // prettier-ignore
    found.forEach(({ logits, scale }, k) => near(logits, BATCHES[k].rows.flat().map((c) => scale * c))); // prettier-ignore
    margin.buffers!.logB.dispose();
  });

  it("does not learn from what has no tape, nor from a batch without a wrong class", () => {
    const margin = adaCos({ classes: 3 });
    margin.buffers!.logB.allocate(engine);
    const before = margin.buffers!.logB.tensor.dataSync()[0];
    noGrad(() => batch(margin, BATCHES[0].rows, BATCHES[0].labels));
    batch(margin, [[0.5], [0.6]], [0, 0]);
    assert.equal(margin.buffers!.logB.tensor.dataSync()[0], before);
    margin.buffers!.logB.dispose();
  });

  it("keeps a positive scale where all wrong classes lie behind", () => {
    const margin = adaCos({ classes: 3 });
    margin.buffers!.logB.allocate(engine);
    for (let k = 0; k < 3; k++) batch(margin, [[0.9, -0.9, -0.9]], [0]);
    assert.ok(batch(margin, [[0.9, -0.9, -0.9]], [0]).scale > 0);
    margin.buffers!.logB.dispose();
  });

  it("needs three classes", () => {
    for (const classes of [2, 2.5, NaN]) assert.throws(() => adaCos({ classes }), new RegExp(`three classes at least; given ${classes}`)); // prettier-ignore
  });
});

describe("curricular", () => {
  it("is over three batches what a plain loop gives, with t as an average of their cosines", () => {
    const [scale, m, average] = [16, 0.3, 0.4];
    const margin = curricular({ scale, margin: m, average });
    margin.buffers!.t.allocate(engine);
    let t = 0;
    let hard = 0;
    for (const { rows, labels } of BATCHES) {
      t = (1 - average) * t + (average * rows.reduce((sum, row, i) => sum + row[labels[i]], 0)) / rows.length;
      const wanted = rows.flatMap((row, i) => {
        const own = Math.cos(Math.acos(row[labels[i]]) + m);
        return row.map((c, j) => {
          if (j === labels[i]) return scale * own;
          if (c > own) hard++;
          return scale * (c > own ? c * (t + c) : c);
        });
      });
      near(batch(margin, rows, labels).logits, wanted);
    }
    assert.ok(hard >= 3, "the batches have hard wrong classes");
    margin.buffers!.t.dispose();
  });

  it("is plain scaling without a tape, where t stays", () => {
    const margin = curricular({ scale: 16 });
    margin.buffers!.t.allocate(engine);
    const { rows, labels } = BATCHES[1];
    noGrad(() => near(batch(margin, rows, labels).logits, rows.flat().map((c) => 16 * c))); // prettier-ignore
    assert.equal(margin.buffers!.t.tensor.dataSync()[0], 0);
    margin.buffers!.t.dispose();
  });

  it("is refused on the fused path, which leaves nothing behind", () => {
    const margin = curricular();
    const options = { classes: 4, embedding: 2, seed: 1, margin } as const;
    assert.throws(
      () => new PartialFC(engine, { ...options, path: "fused" }),
      /this one changes wrong classes too: take path: "formula"/,
    );
    const head = new PartialFC(engine, options); // the margin is still free to be given memory
    head.dispose();
  });

  it("refuses options that make no sense", () => {
    assert.throws(() => curricular({ scale: 0 }), /curricular: scale must be a positive number, given 0/);
    assert.throws(() => curricular({ margin: 4 }), /an angle in \[0, π\) radians.*given 4 and 0\.01/);
    assert.throws(() => curricular({ margin: -0.1 }), /given -0\.1 and 0\.01/);
    for (const average of [0, 1.5, NaN]) assert.throws(() => curricular({ average }), new RegExp(`given 0\\.15 and ${average}`)); // prettier-ignore
  });
});

describe("madaCos", () => {
  it("refuses options that make no sense", () => {
    for (const alpha of [0, 1, NaN]) assert.throws(() => madaCos({ alpha }), new RegExp(`alpha is a probability.*given ${alpha}`)); // prettier-ignore
    for (const kappa of [0.01, Infinity, NaN]) assert.throws(() => madaCos({ kappa }), new RegExp(`given kappa ${kappa} and alpha 0\\.02`)); // prettier-ignore
    for (const minScale of [0, -1, Infinity, NaN]) assert.throws(() => madaCos({ minScale }), new RegExp(`scales lie between.*given ${minScale} and Infinity`)); // prettier-ignore
    assert.throws(() => madaCos({ maxScale: 31 }), /given 32 and 31/);
  });
});

describe("local triplets", () => {
  const loss = (shape: readonly number[], options: LocalTripletOptions) =>
    engine.scope(() => localTriplets(constant(engine.full([...shape], 1)), options));
  it("refuse options and maps that make no sense", () => {
    for (const tupleSize of [2, 3.5]) assert.throws(() => loss([6, 1, 1, 1], { tupleSize }), new RegExp(`three images.*given ${tupleSize} and 0\\.1`)); // prettier-ignore
    for (const margin of [-1, Infinity, NaN]) assert.throws(() => loss([6, 1, 1, 1], { tupleSize: 3, margin }), new RegExp(`given 3 and ${margin}`)); // prettier-ignore
    for (const ratio of [0, NaN]) assert.throws(() => loss([6, 1, 1, 1], { tupleSize: 3, ratio }), new RegExp(`given ${ratio} and 0\\.5`)); // prettier-ignore
    for (const prominent of [0, 1.1, NaN]) assert.throws(() => loss([6, 1, 1, 1], { tupleSize: 3, prominent }), new RegExp(`given 0\\.9 and ${prominent}`)); // prettier-ignore
    assert.throws(() => loss([7, 1, 1, 1], { tupleSize: 3 }), /whole tuples of 3 images; given \[7, 1, 1, 1\]/);
    assert.throws(() => loss([6, 1], { tupleSize: 3 }), /given \[6, 1\]/);
  });
});

describe("PartialFC with a margin that remembers", () => {
  it("gives the memory back, after which the margin can be given to another head, as new", () => {
    const margin = adaCos({ classes: 4 });
    for (let k = 0; k < 2; k++) {
      const head = new PartialFC(engine, { classes: 4, embedding: 2, ratio: 1, seed: 1, margin });
      assert.equal(margin.buffers!.logB.tensor.dataSync()[0], Math.log(3));
      engine.scope(() => {
        const x = parameter(engine.tensor([1, 2, 3, -1], [2, 2]));
        head.loss(x, Int32Array.of(0, 3), 0).backward();
        x.zeroGrad();
        x.tensor.dispose();
      });
      assert.notEqual(margin.buffers!.logB.tensor.dataSync()[0], Math.log(3));
      head.dispose();
      assert.deepEqual([engine.memory().tensors, engine.memory().inUse], [0, 0]);
    }
  });

  it("leaves the margin as it was where the head is refused", () => {
    const margin = adaCos({ classes: 4 });
    const sharedCenters = new PartialFC(engine, { classes: 4, embedding: 3, seed: 1, margin: cosFace() }).centers;
    assert.throws(
      () => new PartialFC(engine, { classes: 4, embedding: 2, seed: 1, margin, sharedCenters }),
      /given \[4, 3\]/,
    );
    sharedCenters.dispose();
    new PartialFC(engine, { classes: 4, embedding: 2, seed: 1, margin }).dispose();
  });
});
