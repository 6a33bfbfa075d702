import { describe, it } from "node:test";
import assert from "node:assert/strict";
import * as ag from "../../src/autograd/index.js";
import type { Variable } from "../../src/autograd/index.js";
import { constant, parameter } from "../../src/autograd/index.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import type { Tensor } from "../../src/tensor/tensor.js";

function leaf(engine: ReferenceEngine, ...values: number[]): Variable {
  return parameter(engine.tensor(values, [values.length]));
}

function gradientOf(variable: Variable): number[] {
  assert.ok(variable.grad, "there is a gradient");
  return [...variable.grad.dataSync()];
}

describe("backward", () => {
  it("adds up over a variable that is used twice", () => {
    const engine = new ReferenceEngine("float64");
    const x = leaf(engine, 3, -2);
    ag.sum(ag.multiply(x, x)).backward(); // d(x²)/dx = 2x
    assert.deepEqual(gradientOf(x), [6, -4]);
  });

  it("adds up over both arms of a diamond", () => {
    const engine = new ReferenceEngine("float64");
    const x = leaf(engine, 2);
    const square = ag.square(x); // 4
    ag.add(ag.multiply(square, square), ag.affine(square, 3, 0)).backward(); // x⁴ + 3x²: 4x³ + 6x
    assert.deepEqual(gradientOf(x), [4 * 8 + 6 * 2]);
  });

  it("visits every node once, however often its result is used", () => {
    const engine = new ReferenceEngine("float64");
    const x = leaf(engine, 1);
    let y: Variable = x;
    for (let i = 0; i < 40; i++) y = ag.add(y, y); // 2^40 paths lead back to x
    y.backward();
    assert.deepEqual(gradientOf(x), [2 ** 40]);
  });

  it("reaches the start of a chain of ten thousand operations", () => {
    const engine = new ReferenceEngine("float64");
    const x = leaf(engine, 1);
    engine.scope(() => {
      let y: Variable = x;
      for (let i = 0; i < 10_000; i++) y = ag.affine(y, 1, 1);
      y.backward();
    });
    assert.deepEqual(gradientOf(x), [1]);
  });

  it("accumulates over calls until zeroGrad", () => {
    const engine = new ReferenceEngine("float64");
    const x = leaf(engine, 5);
    for (let call = 1; call <= 3; call++) {
      ag.affine(x, 2, 0).backward();
      assert.deepEqual(gradientOf(x), [2 * call]);
    }
    x.zeroGrad();
    assert.equal(x.grad, undefined);
    ag.affine(x, 2, 0).backward();
    assert.deepEqual(gradientOf(x), [2]);
  });

  it("gives leaves that receive the same dy gradients of their own", () => {
    const engine = new ReferenceEngine("float64");
    const [a, b] = [leaf(engine, 1, 2), leaf(engine, 3, 4)];
    ag.sum(ag.add(a, b)).backward(); // add hands one dy to both
    assert.ok(a.grad && b.grad);
    engine.blend(a.grad, 10, a.grad, 0);
    assert.deepEqual(gradientOf(a), [10, 10]);
    assert.deepEqual(gradientOf(b), [1, 1]);
    ag.sum(ag.add(a, b)).backward();
    assert.deepEqual(gradientOf(a), [11, 11]);
    assert.deepEqual(gradientOf(b), [2, 2]);
  });

  it("does not write to dy while others still read it", () => {
    const engine = new ReferenceEngine("float64");
    const [x, z] = [leaf(engine, 1), leaf(engine, 1)];
    const s = ag.add(x, z);
    ag.add(ag.add(s, x), ag.affine(s, 5, 0)).backward(); // 6(x + z) + x
    assert.deepEqual(gradientOf(x), [7]);
    assert.deepEqual(gradientOf(z), [6]);
  });

  it("weighs the elements of its result by the seed, and leaves the seed alone", () => {
    const engine = new ReferenceEngine("float64");
    const x = leaf(engine, 1, 2, 3);
    const seed = engine.tensor([1, 10, 100], [3]);
    ag.add(ag.square(x), x).backward(seed);
    assert.deepEqual(gradientOf(x), [3, 50, 700]);
    assert.deepEqual([...seed.dataSync()], [1, 10, 100]);
  });

  it("of a leaf is the seed itself, in a copy", () => {
    const engine = new ReferenceEngine("float64");
    const x = leaf(engine, 1, 2);
    const seed = engine.tensor([7, 8], [2]);
    x.backward(seed);
    seed.dispose();
    assert.deepEqual(gradientOf(x), [7, 8]);
  });

  it("needs a seed for more than one element", () => {
    const engine = new ReferenceEngine("float64");
    assert.throws(() => leaf(engine, 1, 2).backward(), /shape \[2\] needs a seed/);
  });

  it("has nothing to do for constants, and says so", () => {
    const engine = new ReferenceEngine("float64");
    const x = constant(engine.tensor([1], [1]));
    assert.throws(() => ag.square(x).backward(), /nothing to differentiate/);
  });

  it("a second time through the same graph is an error that names the operation", () => {
    const engine = new ReferenceEngine("float64");
    const y = ag.sum(ag.exp(leaf(engine, 1, 2)));
    y.backward();
    assert.throws(() => y.backward(), /graph behind "sum" was released/);
  });

  it("a second time through a part of the graph is an error too", () => {
    const engine = new ReferenceEngine("float64");
    const shared = ag.exp(leaf(engine, 1));
    ag.square(shared).backward();
    assert.throws(() => ag.affine(shared, 2, 0).backward(), /graph behind "exp" was released/);
  });

  it("names the operation whose derivative has the wrong shape", () => {
    const engine = new ReferenceEngine("float64");
    const careless = ag.customOp<[Tensor]>({
      name: "careless",
      signature: "[N] → []",
      forward: (on, [x]) => ({ y: on.reduce("sum", x, [0], false) }),
      backward: (dy) => [dy],
      samples: [],
    });
    const y = careless([leaf(engine, 1, 2)], undefined);
    assert.throws(
      () => y.backward(),
      /backward of careless: the gradient of input 0 has shape \[\], but the input has \[2\]/,
    );
  });
});

describe("detach", () => {
  it("keeps the value and cuts the history", () => {
    const engine = new ReferenceEngine("float64");
    const x = leaf(engine, 3);
    const y = ag.square(x);
    assert.deepEqual([...y.detach().dataSync()], [9]);
    ag.multiply(x, y.detach()).backward(); // 9 is a constant here
    assert.deepEqual(gradientOf(x), [9]);
  });
});

describe("memory", () => {
  /** Every kind of saved value: inputs, results, and tensors made on the way. */
  function network([x, weight, bias]: readonly Variable[]): Variable {
    const normalized = ag.normalizeRows(ag.linear(x, weight, bias)); // saves norms
    const activated = ag.geluTanh(ag.layerNorm(normalized, bias, bias)); // saves tanh, mean and deviation
    const dropped = ag.dropout(activated, 0.5, [1, 2]); // saves the mask
    return ag.crossEntropy(dropped, Int32Array.of(0, 1)); // saves log-probabilities
  }

  function leaves(engine: ReferenceEngine): Variable[] {
    return [
      parameter(engine.tensor([1, 2, 3, 4, 5, 7], [2, 3])),
      parameter(engine.tensor([1, 0, 2, -1, 1, 0], [2, 3])),
      parameter(engine.tensor([0.5, -0.5], [2])),
    ];
  }

  it("holds leaves and their gradients only, after a step in a scope", () => {
    const engine = new ReferenceEngine("float64");
    const variables = leaves(engine);
    for (let step = 0; step < 3; step++) {
      engine.scope(() => network(variables).backward());
      assert.equal(engine.memory().tensors, 3 + 3);
      assert.equal(engine.memory().inUse, 2 * 8 * (6 + 6 + 2));
    }
    for (const variable of variables) variable.zeroGrad();
    assert.equal(engine.memory().tensors, 3);
  });

  it("gives up saved values as soon as backward has used them, even without a scope", () => {
    const engine = new ReferenceEngine("float64");
    const x = leaf(engine, 1, 2);
    const y = ag.geluTanh(x); // x, y and the saved tanh
    assert.equal(engine.memory().tensors, 3);
    y.backward(engine.full([2], 1));
    assert.equal(engine.memory().tensors, 4); // x, its gradient, y and the seed
  });

  it("returns from a scope what is returned, and nothing else", () => {
    const engine = new ReferenceEngine("float64");
    const variables = leaves(engine);
    const loss = engine.scope(() => {
      const result = network(variables);
      result.backward();
      return result.detach();
    });
    assert.equal(engine.memory().tensors, 3 + 3 + 1);
    assert.ok(Number.isFinite(loss.dataSync()[0]));
  });

  it("is released when a graph is dropped without backward", () => {
    const engine = new ReferenceEngine("float64");
    const variables = leaves(engine);
    engine.scope(() => void network(variables));
    assert.equal(engine.memory().tensors, 3);
  });
});
