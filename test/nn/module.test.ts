import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { evaluating } from "../../src/nn/context.js";
import { BatchNorm1d, Linear, PReLU, Sequential } from "../../src/nn/layers/index.js";
import { Module } from "../../src/nn/module.js";
import { SGD } from "../../src/nn/sgd.js";
import { constant, type Variable } from "../../src/autograd/variable.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import type { Tensor } from "../../src/tensor/tensor.js";

class Network extends Module {
  readonly body = new Sequential([new Linear({ in: 3, out: 4 }), new PReLU(4)]);
  readonly norm = new BatchNorm1d(4, { frozenScale: true });

  forward(x: Variable): Variable {
    return this.norm.forward(this.body.forward(x, evaluating), evaluating);
  }
}

const NAMES = [
  "body.0.weight",
  "body.0.bias",
  "body.1.weight",
  "norm.weight",
  "norm.bias",
  "norm.running_mean",
  "norm.running_var",
];

function stored(dictionary: ReadonlyMap<string, Tensor>) {
  return new Map(
    [...dictionary].map(([name, tensor]) => [name, { shape: tensor.shape, data: tensor.dataSync() }] as const),
  );
}

function open(): Engine {
  return new ReferenceEngine("float64");
}

describe("Module", () => {
  it("names parameters and buffers by their path, in the order of declaration", () => {
    const network = new Network().allocate(open(), 1);
    assert.deepEqual([...network.stateDictionary().keys()], NAMES);
    assert.deepEqual(
      network.parameters().map(({ name }) => name),
      NAMES.slice(0, 5),
    );
    assert.deepEqual(
      network.buffers().map(({ name }) => name),
      NAMES.slice(5),
    );
  });

  it("lists names and shapes without memory", () => {
    const shapes = new Network().parameterShapes();
    assert.deepEqual(shapes[0], { name: "body.0.weight", shape: [4, 3], trainable: true });
    assert.deepEqual(shapes[3], { name: "norm.weight", shape: [4], trainable: false });
    assert.throws(() => new Network().parameters(), /parameter of shape \[4, 3\] has no memory: call allocate/);
  });

  it("keeps a frozen scale in the state dictionary and out of training", () => {
    const network = new Network().allocate(open(), 1);
    const scale = network.parameters().find(({ name }) => name === "norm.weight")!;
    assert.equal(scale.trainable, false);
    assert.equal(scale.variable.requiresGrad, false);
    assert.deepEqual([...scale.variable.dataSync()], [1, 1, 1, 1]);
  });

  it("answers alike after a round trip through a state dictionary", () => {
    const engine = open();
    const [first, second] = [new Network().allocate(engine, 1), new Network().allocate(engine, 2)];
    const x = constant(engine.tensor([0.5, -1, 2, 1, 0, -0.25], [2, 3]));
    assert.notDeepEqual(first.forward(x).dataSync(), second.forward(x).dataSync());
    second.loadStateDictionary(stored(first.stateDictionary()));
    assert.deepEqual(first.forward(x).dataSync(), second.forward(x).dataSync());
  });

  it("lists what is missing, unexpected and of another shape, and then changes nothing", () => {
    const network = new Network().allocate(open(), 1);
    const before = stored(network.stateDictionary());
    const values = new Map<string, { shape: readonly number[]; data: ArrayLike<number> }>(before);
    values.set("body.0.bias", { shape: [4], data: [9, 9, 9, 9] });
    values.set("body.0.weight", { shape: [3, 4], data: new Float64Array(12) });
    values.delete("norm.bias");
    values.set("norm.scale", { shape: [4], data: new Float64Array(4) });
    values.set("norm.num_batches_tracked", { shape: [], data: [3] }); // PyTorch's counter is no fault
    assert.throws(
      () => network.loadStateDictionary(values),
      (error: Error) => {
        assert.match(error.message, /1 missing: norm\.bias/);
        assert.match(error.message, /1 unexpected: norm\.scale/);
        assert.match(error.message, /body\.0\.weight \(stored \[3, 4\], module \[4, 3\]\)/);
        assert.doesNotMatch(error.message, /num_batches/);
        return true;
      },
    );
    assert.deepEqual(stored(network.stateDictionary()), before);
  });

  it("starts a parameter from its name and the seed alone", () => {
    const engine = open();
    const inside = new Network().allocate(engine, 7).stateDictionary().get("body.0.weight")!;
    class Other extends Module {
      readonly body = new Sequential([new Linear({ in: 3, out: 4, bias: false })]);
      forward(x: Variable): Variable {
        return x;
      }
    }
    const alone = new Other().allocate(engine, 7).stateDictionary().get("body.0.weight")!;
    const another = new Other().allocate(engine, "7").stateDictionary().get("body.0.weight")!;
    assert.deepEqual(inside.dataSync(), alone.dataSync());
    assert.notDeepEqual(inside.dataSync(), another.dataSync());
  });

  it("counts a module that is used twice once, under its first name", () => {
    const engine = open();
    const shared = new PReLU(2);
    const network = new Sequential([shared, new Linear({ in: 2, out: 2 }), shared]).allocate(engine, 1);
    assert.deepEqual(
      network.parameters().map(({ name }) => name),
      ["0.weight", "1.weight", "1.bias"],
    );
    const [slope] = network.parameters();
    const optimizer = new SGD(network);
    slope.variable.grad = engine.keep(engine.full([2], 1));
    optimizer.step({ rate: 0.125 });
    assert.deepEqual([...slope.variable.dataSync()], [0.125, 0.125]); // 1/4 less 1/8, not twice
    network.dispose();
    optimizer.dispose();
    assert.equal(engine.memory().tensors, 0);
  });

  it("refuses modules in an array, which it could not name", () => {
    class Careless extends Module {
      readonly blocks = [new PReLU(2)];
      forward(x: Variable): Variable {
        return x;
      }
    }
    assert.throws(() => new Careless().parameterShapes(), /array "blocks" have no names: use a Sequential/);
  });

  it("refuses to be given memory twice, and extents that are none", () => {
    const engine = open();
    const layer = new PReLU(2).allocate(engine, 1);
    assert.throws(() => layer.allocate(engine, 2), /parameter of shape \[2\] has memory already/);
    assert.throws(() => new Sequential([layer]).allocate(engine, 1), /has memory already/);
    for (const size of [0, -1, 1.5, NaN]) {
      assert.throws(() => new Linear({ in: size, out: 3 }), /whole numbers from 1; given \[3, /);
    }
  });

  it("outlives scopes, and gives its memory back when disposed", () => {
    const engine = open();
    const network = engine.scope(() => {
      const made = new Network();
      made.allocate(engine, 1);
      return { made };
    }).made;
    assert.ok(engine.memory().tensors >= NAMES.length);
    network.dispose();
    assert.equal(engine.memory().inUse, 0);
  });
});
