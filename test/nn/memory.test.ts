/** Training and evaluation leave the heap of the wasm engine as they found it: every layer, every optimizer, inside a scope and outside. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { constant, mean, noGrad, parameter, square } from "../../src/autograd/index.js";
import {
  Adam,
  AdamW,
  AveragePool2d,
  BatchNorm1d,
  BatchNorm2d,
  clipGradientNorm,
  Conv2d,
  DepthWiseUnit,
  Dropout,
  evaluating,
  Flatten,
  GELU,
  GeM,
  GlobalAveragePool,
  GlobalMaxPool,
  IrBlock,
  IResNet,
  LayerNorm,
  Linear,
  MaxPool2d,
  PReLU,
  ReLU,
  ReLU6,
  Sequential,
  SGD,
  smallIresnetSpecification,
  training,
  type Module,
  type Optimizer,
} from "../../src/nn/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { stream } from "../../src/tensor/random.js";
import { sizeOf, type Shape } from "../../src/tensor/shape.js";
import type { Tensor } from "../../src/tensor/tensor.js";

const MAP = [2, 3, 4, 4];
const TINY = smallIresnetSpecification({ side: 8, widths: [2, 3], blocks: [1, 2], embedding: 4, dropout: 0.3 });

const modules: readonly [name: string, make: () => Module, input: Shape][] = [
  ["Conv2d", () => new Conv2d({ in: 3, out: 4, kernel: 3 }), MAP],
  ["Linear", () => new Linear({ in: 4, out: 3 }), [2, 5, 4]],
  ["BatchNorm1d", () => new BatchNorm1d(5, { frozenScale: true }), [4, 5]],
  ["BatchNorm2d", () => new BatchNorm2d(3), MAP],
  ["LayerNorm", () => new LayerNorm(4), MAP],
  ["PReLU", () => new PReLU(3), MAP],
  ["ReLU", () => new ReLU(), MAP],
  ["ReLU6", () => new ReLU6(), MAP],
  ["GELU", () => new GELU(), MAP],
  ["Dropout", () => new Dropout(0.5), MAP],
  ["MaxPool2d", () => new MaxPool2d({ kernel: 2 }), MAP],
  ["AveragePool2d", () => new AveragePool2d({ kernel: 2 }), MAP],
  ["GlobalAveragePool", () => new GlobalAveragePool(), MAP],
  ["GlobalMaxPool", () => new GlobalMaxPool(), MAP],
  ["GeM", () => new GeM(), MAP],
  ["GeM, learned", () => new GeM({ learned: true }), MAP],
  ["Flatten", () => new Flatten(), MAP],
  ["Sequential", () => new Sequential([new Conv2d({ in: 3, out: 2, kernel: 1 }), new Flatten()]), MAP],
  ["IrBlock", () => new IrBlock({ in: 3, out: 4, stride: 2 }), MAP],
  ["DepthWiseUnit", () => new DepthWiseUnit({ in: 3, out: 3, expansion: 5, stride: 1, residual: true }), MAP],
  ["IResNet", () => new IResNet(TINY), [3, 1, 8, 8]],
];

const optimizers: readonly ((module: Module) => Optimizer)[] = [
  (module) => new SGD(module),
  (module) => new SGD(module, { momentum: 0.9, nesterov: true, decay: 0.1 }),
  (module) => new Adam(module),
  (module) => new AdamW(module, { decay: 0.1 }),
];

describe("memory", () => {
  let engine: Engine;
  before(async () => {
    engine = await openEngine("wasm", { threads: 1 });
  });
  after(() => engine.close());

  function input(shape: Shape): Tensor {
    const random = stream("memory", ...shape);
    return engine.tensor(
      Array.from({ length: sizeOf(shape) }, () => random.normal()),
      shape,
    );
  }

  /** The life of a module: made, trained, evaluated, given up. */
  function live(make: () => Module, shape: Shape, optimizerOf: (module: Module) => Optimizer): void {
    const module = make().allocate(engine, 1);
    const optimizer = optimizerOf(module);
    for (let step = 0; step < 2; step++) {
      engine.scope(() => {
        const x = parameter(input(shape));
        mean(square(module.forward(x, training(step)))).backward();
        if (module.parameters().length > 0) clipGradientNorm(module.parameters(), 1);
        optimizer.step({ rate: 0.1 });
        optimizer.zeroGrad();
        x.zeroGrad();
        x.tensor.dispose();
      });
      engine.scope(() => void noGrad(() => module.forward(constant(input(shape)), evaluating)));
    }
    module.dispose();
    optimizer.dispose();
  }

  for (const [name, make, shape] of modules) {
    it(`${name}: nothing is left when it has been trained and given up`, () => {
      for (const optimizerOf of optimizers) {
        live(make, shape, optimizerOf);
        assert.deepEqual(engine.memory().tensors, 0, "outside scopes");
        engine.scope(() => live(make, shape, optimizerOf));
        assert.deepEqual([engine.memory().tensors, engine.memory().inUse], [0, 0], "inside a scope");
      }
    });
  }
});
