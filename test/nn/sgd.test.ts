import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { vectors } from "../../src/nn/optimizer.js";
import { SGD } from "../../src/nn/sgd.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { plainSgd } from "./plainRules.js";
import { assertClose, free, named, only, pushGradient } from "./trainables.js";

const GRADIENTS = [0.5, -1.25, 0.75, 2, -0.5];
const RATES = [0.1, 0.2, 0.05, 0.1, 0.3];

describe("SGD", () => {
  for (const rule of [
    { momentum: 0, decay: 0, nesterov: false },
    { momentum: 0, decay: 0.01, nesterov: false },
    { momentum: 0.9, decay: 5e-4, nesterov: false },
    { momentum: 0.9, decay: 5e-4, nesterov: true },
  ]) {
    it(`follows the rule with momentum ${rule.momentum}, decay ${rule.decay}${rule.nesterov ? ", Nesterov" : ""}`, () => {
      const engine = new ReferenceEngine("float64");
      const weight = free(engine, [1, -2]);
      const optimizer = new SGD(only(named("w", weight)), rule);
      const expected = [plainSgd(1, GRADIENTS, RATES, rule), plainSgd(-2, GRADIENTS, RATES, rule)];
      for (const [step, gradient] of GRADIENTS.entries()) {
        pushGradient(engine, weight, [gradient, gradient]);
        optimizer.step({ rate: RATES[step] });
        optimizer.zeroGrad();
        assertClose(weight.dataSync(), [expected[0][step], expected[1][step]], `step ${step}`);
      }
    });
  }

  it("leaves parameters without a gradient and frozen ones alone", () => {
    const engine = new ReferenceEngine("float64");
    const [moved, idle, frozen] = [free(engine, [1]), free(engine, [1]), free(engine, [1])];
    const optimizer = new SGD(
      only(named("moved", moved), named("idle", idle), named("frozen", frozen, { trainable: false })),
      { momentum: 0.9, decay: 0.1 },
    );
    pushGradient(engine, moved, [1]);
    pushGradient(engine, frozen, [1]);
    optimizer.step({ rate: 0.1 });
    assertClose(moved.dataSync(), [1 - 0.1 * 1.1]);
    assert.deepEqual([...idle.dataSync(), ...frozen.dataSync()], [1, 1]);
    assert.deepEqual(optimizer.state().updates, { moved: 1, idle: 0 });
  });

  it("exempts from decay what it is told to", () => {
    const engine = new ReferenceEngine("float64");
    const [matrix, bias, flagged] = [free(engine, [1], [1, 1]), free(engine, [1]), free(engine, [1], [1, 1])];
    const optimizer = new SGD(
      only(named("matrix", matrix), named("bias", bias), named("flagged", flagged, { decay: false })),
      { decay: 0.5, exempt: vectors },
    );
    for (const variable of [matrix, bias, flagged]) pushGradient(engine, variable, [1]);
    optimizer.step({ rate: 0.1 });
    assertClose(matrix.dataSync(), [1 - 0.1 * 1.5]);
    assertClose(bias.dataSync(), [0.9]);
    assertClose(flagged.dataSync(), [0.9]);
  });

  it("gives groups their own rate and decay", () => {
    const engine = new ReferenceEngine("float64");
    const [slow, fast] = [free(engine, [1]), free(engine, [1])];
    const optimizer = new SGD(
      [only(named("w", slow)), { of: only(named("w", fast)), name: "head", rateFactor: 10, decay: 0.5 }],
      { decay: 0 },
    );
    for (const variable of [slow, fast]) pushGradient(engine, variable, [1]);
    optimizer.step({ rate: 0.01 });
    assertClose(slow.dataSync(), [0.99]);
    assertClose(fast.dataSync(), [1 - 0.1 * 1.5]);
    assert.deepEqual(Object.keys(optimizer.state().updates), ["w", "head.w"]);
  });

  it("takes the momentum of a schedule that cycles it", () => {
    const engine = new ReferenceEngine("float64");
    const weight = free(engine, [0]);
    const optimizer = new SGD(only(named("w", weight)), { momentum: 0.9 });
    pushGradient(engine, weight, [1]);
    optimizer.step({ rate: 1, momentum: 0.5 });
    optimizer.step({ rate: 1, momentum: 0.25 });
    assertClose(weight.dataSync(), [-1 - (0.25 + 1)]);
  });

  it("continues from a saved state as if it had never stopped", () => {
    const engine = new ReferenceEngine("float64");
    const run = (steps: number, weight: number, stored?: Parameters<SGD["loadState"]>[0]) => {
      const variable = free(engine, [weight]);
      const optimizer = new SGD(only(named("w", variable)), { momentum: 0.9 });
      if (stored) optimizer.loadState(stored);
      for (let step = 0; step < steps; step++) {
        pushGradient(engine, variable, [0.5]);
        optimizer.step({ rate: 0.1 });
        optimizer.zeroGrad();
      }
      const { updates, tensors } = optimizer.state();
      const values = new Map([...tensors].map(([name, tensor]) => [name, { shape: [1], data: tensor.dataSync() }]));
      return { weight: variable.dataSync()[0], stored: { updates, tensors: values } };
    };
    const half = run(3, 1);
    assert.deepEqual([...half.stored.tensors.keys()], ["w.velocity"]);
    assert.equal(run(4, half.weight, half.stored).weight, run(7, 1).weight);
  });

  it("explains what it cannot do", () => {
    const engine = new ReferenceEngine("float64");
    const weight = free(engine, [0]);
    pushGradient(engine, weight, [1]);
    const source = only(named("w", weight));
    assert.throws(() => new SGD(source).step({ rate: NaN }), /finite number, not negative; given NaN/);
    assert.throws(() => new SGD(source).step({ rate: 1, momentum: 0.9 }), /asks for momentum 0.9/);
    assert.throws(() => new SGD(source, { momentum: 1 }), /in \[0, 1\); given 1/);
    assert.throws(() => new SGD(source, { nesterov: true }), /momentum above 0/);
    assert.throws(() => new SGD(source, { decay: -1 }), /not negative; given -1 and 1/);
    assert.throws(() => new SGD({ of: source, rateFactor: NaN } as never), /not negative; given 0 and NaN/);
    assert.throws(() => new SGD([source, source]), /two parameters are called "w"/);
    assert.throws(() => new SGD(source).loadState({ updates: {}, tensors: new Map() }), /number of updates for w/);
  });

  it("gives back the memory of its state", () => {
    const engine = new ReferenceEngine("float64");
    const source = only(named("w", free(engine, [0])));
    const before = engine.memory().inUse;
    const optimizer = new SGD(source, { momentum: 0.9 });
    assert.ok(engine.memory().inUse > before);
    optimizer.dispose();
    assert.equal(engine.memory().inUse, before);
  });
});
