import { describe, it } from "node:test";
import assert from "node:assert/strict";
import * as ag from "../../src/autograd/index.js";
import { checkGradients, customOp } from "../../src/autograd/index.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { stream } from "../../src/tensor/random.js";
import type { Tensor } from "../../src/tensor/tensor.js";

const engine = new ReferenceEngine("float64");

/** x³ with a derivative that is wrong by a factor of 1 + 1e-5, at elements above 1 only. */
const nearlyCube = customOp<[Tensor]>({
  name: "nearlyCube",
  signature: "x → x³",
  forward: (on, [x]) => ({ y: on.binary("multiply", x, on.unary("square", x)) }),
  backward(dy, { engine: on, inputs: [x] }) {
    const slope = on.affine(on.unary("square", x), 3, 0);
    const off = on.affine(on.binary("greater", x, on.full([], 1)), 1e-5, 1);
    return [on.binary("multiply", dy, on.binary("multiply", slope, off))];
  },
  samples: [],
});

function normal(size: number, ...name: string[]): number[] {
  const random = stream("gradient check test", ...name);
  return Array.from({ length: size }, () => random.normal());
}

describe("checkGradients", () => {
  it("accepts a composition of operations", () => {
    const [x, w] = [engine.tensor(normal(12, "x"), [3, 4]), engine.tensor(normal(20, "w"), [5, 4])];
    checkGradients(([a, b]) => ag.tanh(ag.linear(ag.normalizeRows(a), b)), [x, w]);
  });

  it("names input, element, gradient and difference of a derivative that is off by 1e-5", () => {
    const fine = engine.tensor([1, 1], [2]);
    const x = engine.tensor([0.5, -3, 0.1, 2], [2, 2]);
    assert.throws(
      () => checkGradients(([a, b]) => ag.multiply(nearlyCube([b], undefined), ag.sum(a)), [fine, x]),
      /element \[1, 1\] of input 1 \[2, 2\], output element 3 of 4, the gradient is 24\.0002\d*, but central differences give 2[34]\./,
    );
  });

  it("finds a wrong derivative along random directions of a large input", () => {
    const values = normal(5000, "large");
    const x = engine.tensor(values, [5000]);
    checkGradients(([a]) => ag.exp(a), [x]);
    const wrong = ([a]: ag.Variable[]): ag.Variable => nearlyCube([a], undefined);
    assert.throws(() => checkGradients(wrong, [x]), /input 0 \[5000\] along random direction \d/);
  });

  it("takes a gradient that is missing for 0", () => {
    const x = engine.tensor([1, 2], [2]);
    checkGradients(([a]) => ag.multiply(a.detach(), ag.constant(engine.full([], 0))), [x]);
    assert.throws(() => checkGradients(([a]) => ag.square(a.detach()), [x]), /the gradient is 0, but/);
  });

  it("does not let a NaN pass", () => {
    const x = engine.tensor([0], [1]);
    assert.throws(() => checkGradients(([a]) => ag.sqrt(ag.absolute(a)), [x]), /NaN|Infinity/);
  });

  it("skips inputs that are not differentiable", () => {
    const [x, flags] = [engine.tensor([1, 2], [2]), engine.tensor([1, 0], [2])];
    const fn = ([a, condition]: ag.Variable[]): ag.Variable => ag.select(condition.tensor, a, ag.square(a));
    checkGradients(fn, [x, flags], { differentiable: [true, false] });
  });

  it("wants float64", () => {
    const coarse = new ReferenceEngine("float32");
    assert.throws(() => checkGradients(([a]) => a, [coarse.full([1], 1)]), /need float64/);
  });

  it("leaves no tensors behind", () => {
    const own = new ReferenceEngine("float64");
    const x = own.tensor([1, 2], [2]);
    checkGradients(([a]) => ag.geluTanh(a), [x]);
    assert.equal(own.memory().tensors, 1);
  });
});
