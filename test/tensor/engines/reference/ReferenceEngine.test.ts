import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { ReferenceEngine } from "../../../../src/tensor/engines/reference/index.js";

describe("the reference engine", () => {
  it("says what it is", () => {
    const engine = new ReferenceEngine("float64");
    assert.equal(engine.name, "reference, float64");
    assert.equal(engine.kind, "reference");
    assert.equal(engine.float, "float64");
  });

  it("stores float32 or float64 as it was made", () => {
    const third = (float: "float32" | "float64"): number =>
      new ReferenceEngine(float).tensor([1 / 3], [1]).dataSync()[0];
    assert.equal(third("float32"), Math.fround(1 / 3));
    assert.equal(third("float64"), 1 / 3);
  });

  it("adds in double precision and rounds once, also in float32", () => {
    const engine = new ReferenceEngine("float32");
    // in single precision 2^24 + 1 = 2^24: the ones would be lost one by one
    const x = engine.tensor([2 ** 24, ...new Array<number>(64).fill(1)], [1, 65]);
    const expected = 2 ** 24 + 64;
    assert.equal(engine.reduce("sum", x, [0, 1], false).dataSync()[0], expected);
    assert.equal(engine.matmul(x, engine.full([65, 1], 1), false, false).dataSync()[0], expected);
    const geometry = { kernel: [1, 65], stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 } as const;
    const image = x.reshape([1, 1, 1, 65]);
    assert.equal(engine.conv2d(image, engine.full([1, 1, 1, 65], 1), geometry).dataSync()[0], expected);
    const index = new Int32Array(65);
    assert.equal(engine.scatterAddRows(x.reshape([65, 1]), index, 1).dataSync()[0], expected);
  });

  it("copies what it is given and what it gives", async () => {
    const engine = new ReferenceEngine("float64");
    const given = Float64Array.of(1, 2);
    const x = engine.tensor(given, [2]);
    given[0] = 9;
    x.dataSync()[1] = 9;
    assert.deepEqual([...(await x.data())], [1, 2]);
  });

  it("refuses elements that do not fill the shape", () => {
    const engine = new ReferenceEngine("float64");
    assert.throws(() => engine.tensor([1, 2, 3], [2, 2]), /shape \[2, 2\] holds 4 elements, but 3 were given/);
  });

  it("counts bytes and tensors exactly, and remembers the peak", () => {
    const engine = new ReferenceEngine("float32");
    const a = engine.full([10], 1);
    const view = a.reshape([2, 5]); // shares storage
    const b = engine.full([5], 1);
    assert.deepEqual(engine.memory(), { inUse: 60, peak: 60, reserved: 60, tensors: 2 });
    a.dispose();
    assert.equal(engine.memory().inUse, 60, "the reshaped tensor still holds the elements");
    view.dispose();
    b.dispose();
    assert.deepEqual(engine.memory(), { inUse: 0, peak: 60, reserved: 0, tensors: 0 });
  });

  it("refuses released tensors", () => {
    const engine = new ReferenceEngine("float64");
    const x = engine.full([2], 1);
    x.dispose();
    assert.throws(() => engine.unary("exp", x), /already released/);
  });

  it("refuses tensors of another engine, also those of its own kind", () => {
    const [one, other] = [new ReferenceEngine("float64"), new ReferenceEngine("float32")];
    assert.throws(() => one.unary("exp", other.full([2], 1)), /shape \[2\] is on another engine, "reference, float32"/);
    assert.throws(() => one.assign(one.full([2], 1), other.full([2], 1)), /on another engine/);
  });

  it("keeps tables of rows in its floating type", () => {
    const engine = new ReferenceEngine("float64");
    const store = engine.rowStore(4, 2, {
      initialize: (row, target, offset) => target.fill(row + 1 / 3, offset, offset + 2),
    });
    assert.equal(store.bytes, 4 * 2 * 8);
    assert.deepEqual([...store.gather(Int32Array.of(3, 0)).dataSync()], [10 / 3, 10 / 3, 1 / 3, 1 / 3]);
  });

  it("takes tensors without elements and without axes", () => {
    const engine = new ReferenceEngine("float64");
    const none = engine.tensor([], [0, 3]);
    assert.deepEqual(engine.binary("add", none, engine.full([3], 1)).shape, [0, 3]);
    assert.deepEqual([...engine.reduce("sum", none, [0], false).dataSync()], [0, 0, 0]);
    assert.deepEqual(
      [...engine.matmul(engine.tensor([], [2, 0]), none, false, false).dataSync()],
      new Array(6).fill(0),
    );
    const scalar = engine.binary("add", engine.full([], 1), engine.full([], 2));
    assert.deepEqual(scalar.shape, []);
    assert.deepEqual([...scalar.dataSync()], [3]);
  });
});
