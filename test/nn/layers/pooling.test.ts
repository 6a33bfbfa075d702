import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constant } from "../../../src/autograd/variable.js";
import {
  AveragePool2d,
  GeM,
  GlobalAveragePool,
  GlobalMaxPool,
  MaxPool2d,
  Sequential,
} from "../../../src/nn/layers/index.js";
import { ReferenceEngine } from "../../../src/tensor/engines/reference/index.js";
import { assertClose } from "../trainables.js";

const engine = new ReferenceEngine("float64");
const map = constant(engine.tensor([1, 2, 3, 4, 5, 6, 7, 8, 4, 4, 4, 4, 4, 4, 4, 4], [1, 2, 2, 4]));

describe("pooling layers", () => {
  it("take windows side by side unless told otherwise", () => {
    const max = new MaxPool2d({ kernel: 2 }).forward(map);
    assert.deepEqual(max.shape, [1, 2, 1, 2]);
    assertClose(max.dataSync(), [6, 8, 4, 4]);
    assertClose(new AveragePool2d({ kernel: 2 }).forward(map).dataSync(), [3.5, 5.5, 4, 4]);
    assert.deepEqual(new MaxPool2d({ kernel: 3, stride: 2, padding: 1 }).forward(map).shape, [1, 2, 1, 2]);
  });

  it("reduce a map to one value a channel", () => {
    assertClose(new GlobalAveragePool().forward(map).dataSync(), [4.5, 4]);
    assertClose(new GlobalMaxPool().forward(map).dataSync(), [8, 4]);
    assert.deepEqual(new GlobalMaxPool().forward(map).shape, [1, 2, 1, 1]);
  });

  it("GeM is the mean at power 1 and close to the maximum at a large power", () => {
    assertClose(new GeM({ power: 1 }).forward(map).dataSync(), [4.5, 4]);
    const [large] = new GeM({ power: 200 }).forward(map).dataSync();
    // (8^p / 8)^(1/p) ≤ GeM ≤ 8
    assert.ok(large <= 8 && large >= 8 * 8 ** (-1 / 200) - 1e-9, `${large}`);
  });

  it("GeM refuses a power or a floor that is none", () => {
    for (const power of [0, -1, Infinity, NaN]) assert.throws(() => new GeM({ power }), new RegExp(`given ${power} and 0.000001`)); // prettier-ignore
    for (const epsilon of [0, Infinity, NaN]) assert.throws(() => new GeM({ epsilon }), new RegExp(`given 3 and ${epsilon}`)); // prettier-ignore
  });

  it("GeM has a parameter only where its power is learned", () => {
    assert.deepEqual(new GeM().parameterShapes(), []);
    const learned = new GeM({ learned: true, power: 2 }).allocate(engine, 0);
    assert.deepEqual(
      learned.parameters().map(({ name }) => name),
      ["p"],
    );
    assertClose(learned.forward(map).dataSync(), new GeM({ power: 2 }).forward(map).dataSync());
    assert.deepEqual(new Sequential([learned]).parameterShapes()[0].name, "0.p");
  });
});
