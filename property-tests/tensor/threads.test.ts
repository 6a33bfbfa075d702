/** Threads of the wasm engine: whatever is computed, and however it is cut, one, two, three and eight threads give the same bits. */
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import fc from "fast-check";
import type { WasmEngine } from "../../src/tensor/engines/wasm/wasmEngine.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { hashUniform } from "../../src/tensor/random.js";
import { largeCalls } from "../arbitraries/largeCalls.js";
import { adamRules, sgdRules } from "../arbitraries/trainings.js";
import { answer } from "../operations/answer.js";
import { property } from "../property.js";

/** dy: a function of the number of elements. */
function seedOf(size: number): number[] {
  return Array.from({ length: size }, (_, i) => hashUniform([1, 2], 0, i) - 0.5);
}

/** The first engine has one thread. Names the first number that differs: a list of all of them would be no help. */
function assertSameBits(
  [alone, ...others]: readonly WasmEngine[],
  compute: (engine: WasmEngine) => readonly ArrayLike<number>[],
): void {
  const expected = compute(alone);
  for (const engine of others) {
    for (const [part, values] of compute(engine).entries()) {
      assert.equal(values.length, expected[part].length);
      for (let i = 0; i < values.length; i++) {
        if (Object.is(values[i], expected[part][i])) continue;
        assert.fail(`${engine.name}: part ${part}, element ${i} is ${values[i]}, alone ${expected[part][i]}`);
      }
    }
  }
}

/** Cases are few and large: they are spread over blocks and pieces by themselves. */
const RUNS = 20;

describe("one, two, three and eight threads give the same bits", () => {
  const engines: WasmEngine[] = [];
  before(async () => {
    for (const threads of [1, 2, 3, 8]) engines.push(await openEngine("wasm", { threads }));
  });
  after(async () => {
    for (const engine of engines) {
      assert.equal(engine.memory().tensors, 0, `${engine.name} is left with tensors`);
      await engine.close();
    }
  });

  for (const { operation, wide } of largeCalls) {
    property(
      `${operation.definition.name} and its gradients`,
      [wide],
      (call) => {
        assertSameBits(engines, (engine) => {
          const { y, gradients } = answer(engine, operation, call, seedOf);
          return [y, ...gradients.map((gradient) => gradient ?? [])];
        });
      },
      { runs: RUNS },
    );
  }

  property(
    "an optimizer's step",
    [fc.integer({ min: 132_000, max: 145_000 }), sgdRules(), adamRules(), fc.nat()],
    (size, sgd, adam, key) => {
      const numbers = (row: number): Float32Array =>
        Float32Array.from({ length: size }, (_, i) => hashUniform([key, 0], row, i) - 0.5);
      const [value, gradient, velocity, first, second] = [0, 1, 2, 3, 4].map(numbers);
      assertSameBits(engines, (engine) =>
        engine.scope(() => {
          const tensors = [value, gradient, velocity, first, second.map(Math.abs)].map((data) =>
            engine.tensor(data, [size]),
          );
          const [x, g, v, m, s] = tensors;
          engine.sgdStep(x, g, v, { ...sgd, rate: 0.1 });
          engine.sgdStep(x, g, undefined, { ...sgd, momentum: 0, nesterov: false, rate: 0.1 });
          engine.adamStep(x, g, m, s, { ...adam, rate: 0.01, step: 3 });
          engine.blend(g, 0.9, x, 0.1);
          return tensors.map((tensor) => tensor.dataSync());
        }),
      );
    },
    { runs: RUNS },
  );
});
