import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { checkGradients, customOp, multiply, parameter, sum, type Variable } from "../../src/autograd/index.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import type { Tensor } from "../../src/tensor/tensor.js";

/** log(1 + eˣ), as a reader would add it: forward, and the derivative right under it. */
const softplusOperation = customOp<[Tensor], { readonly sharpness: number }, { readonly scaled: Tensor }>({
  name: "softplus",
  signature: "x → log(1 + e^(s·x)) / s",
  forward(engine, [x], { sharpness }) {
    const scaled = engine.affine(x, sharpness, 0);
    const y = engine.affine(engine.unary("log", engine.affine(engine.unary("exp", scaled), 1, 1)), 1 / sharpness, 0);
    return { y, saved: { scaled } };
  },
  // d/dx log(1 + e^(s·x)) / s = σ(s·x)
  backward: (dy, { engine, saved: { scaled } }) => [engine.binary("multiply", dy, engine.unary("sigmoid", scaled))],
  samples: [{ inputs: [{ shape: [3] }], options: { sharpness: 2 } }],
});

function softplus(x: Variable, sharpness: number): Variable {
  return softplusOperation([x], { sharpness });
}

describe("customOp", () => {
  it("adds an operation with a derivative of one's own", () => {
    const engine = new ReferenceEngine("float64");
    const x = engine.tensor([-1, 0, 2], [3]);
    checkGradients(([variable]) => softplus(variable, 2), [x]);
  });

  it("takes part in a graph like any other operation", () => {
    const engine = new ReferenceEngine("float64");
    const x = parameter(engine.tensor([0], [1]));
    sum(multiply(softplus(x, 1), x)).backward(); // d(x · log(1 + eˣ)) at 0 = log 2
    assert.ok(Math.abs((x.grad?.dataSync()[0] ?? NaN) - Math.LN2) < 1e-15);
  });

  it("may have a derivative that is not that of its forward: the straight-through estimator", () => {
    const engine = new ReferenceEngine("float64");
    const signStraightThrough = customOp<[Tensor]>({
      name: "signStraightThrough",
      signature: "x → sign(x)",
      forward: (on, [x]) => ({ y: on.unary("sign", x) }),
      backward: (dy) => [dy], // as if it were the identity
      samples: [],
    });
    const x = parameter(engine.tensor([-2, 3], [2]));
    const y = signStraightThrough([x], undefined);
    assert.deepEqual([...y.dataSync()], [-1, 1]);
    sum(y).backward();
    assert.deepEqual([...(x.grad?.dataSync() ?? [])], [1, 1]);
  });

  it("may hand back what others own, an input or a saved tensor, and takes it from nobody", () => {
    const engine = new ReferenceEngine("float64");
    const half = customOp<[Tensor]>({
      name: "halfSquare",
      signature: "x → Σ x²/2",
      forward: (on, [x]) => ({ y: on.affine(on.reduce("sum", on.unary("square", x), [0], false), 0.5, 0) }),
      backward: (_dy, { inputs: [x] }) => [x], // d(x²/2)/dx = x itself
      samples: [],
    });
    const cube = customOp<[Tensor], undefined, { readonly slope: Tensor }>({
      name: "cube",
      signature: "x → Σ x³",
      forward(on, [x]) {
        const square = on.unary("square", x);
        return {
          y: on.reduce("sum", on.binary("multiply", x, square), [0], false),
          saved: { slope: on.affine(square, 3, 0) },
        };
      },
      backward: (_dy, { saved: { slope } }) => [slope],
      samples: [],
    });
    const x = parameter(engine.tensor([1, -2], [2]));
    half([x], undefined).backward();
    assert.deepEqual([...x.dataSync()], [1, -2]);
    assert.deepEqual([...x.grad!.dataSync()], [1, -2]);
    cube([x], undefined).backward();
    assert.deepEqual([...x.grad!.dataSync()], [1 + 3, -2 + 12]);
    assert.deepEqual([...x.dataSync()], [1, -2]);
    const doubled = multiply(x, parameter(engine.full([2], 2)));
    half([doubled], undefined).backward(); // in the middle of a graph too
    assert.deepEqual([...doubled.dataSync()], [2, -4]);
  });

  it("may return its input as the result: the two are released apart", () => {
    const engine = new ReferenceEngine("float64");
    const identity = customOp<[Tensor]>({
      name: "identity",
      signature: "x → x",
      forward: (_engine, [x]) => ({ y: x }),
      backward: (dy) => [dy],
      samples: [],
    });
    const x = parameter(engine.tensor([1, 2], [2]));
    engine.scope(() => sum(identity([x], undefined)).backward());
    identity([x], undefined).tensor.dispose();
    assert.deepEqual([...x.dataSync()], [1, 2]);
    assert.deepEqual([...x.grad!.dataSync()], [1, 1]);
  });

  it("refuses operands on different engines and released ones", () => {
    const [one, other] = [new ReferenceEngine("float64"), new ReferenceEngine("float32")];
    const [a, b] = [parameter(one.full([1], 1)), parameter(other.full([1], 1))];
    assert.throws(() => multiply(a, b), /multiply: inputs are on different engines/);
    a.tensor.dispose();
    assert.throws(() => softplus(a, 1), /softplus: this tensor of shape \[1\] was already released/);
  });

  it("keeps its declaration for whoever drives tests from it", () => {
    assert.equal(softplusOperation.definition.name, "softplus");
    assert.equal(softplusOperation.definition.samples.length, 1);
  });
});
