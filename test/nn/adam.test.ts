import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { Adam, AdamW } from "../../src/nn/adam.js";
import { RowParameter } from "../../src/nn/rowParameter.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { plainAdam } from "./plainRules.js";
import { assertClose, free, named, only, pushGradient, rowsOf } from "./trainables.js";

const GRADIENTS = [0.5, -1.25, 0.75, 2, -0.5];
const RATE = 0.01;
const RATES = GRADIENTS.map(() => RATE);
const rule = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, time: (update: number) => update + 1 };

describe("Adam", () => {
  for (const [name, Kind, decoupled] of [
    ["Adam adds decay to the gradient", Adam, false],
    ["AdamW shrinks the weight first", AdamW, true],
  ] as const) {
    it(name, () => {
      const engine = new ReferenceEngine("float64");
      const weight = free(engine, [1, -2]);
      const optimizer = new Kind(only(named("w", weight)), { decay: 0.1 });
      const expected = [1, -2].map((start) => plainAdam(start, GRADIENTS, RATES, { ...rule, decay: 0.1, decoupled }));
      for (const [step, gradient] of GRADIENTS.entries()) {
        pushGradient(engine, weight, [gradient, gradient]);
        optimizer.step({ rate: RATE });
        optimizer.zeroGrad();
        assertClose(weight.dataSync(), [expected[0][step], expected[1][step]], `step ${step}`);
      }
    });
  }

  it("takes the momentum of a schedule for beta1", () => {
    const engine = new ReferenceEngine("float64");
    const [cycled, fixed] = [free(engine, [1]), free(engine, [1])];
    const first = new Adam(only(named("w", cycled)));
    const second = new Adam(only(named("w", fixed)), { beta1: 0.5 });
    for (const gradient of GRADIENTS) {
      for (const variable of [cycled, fixed]) pushGradient(engine, variable, [gradient]);
      first.step({ rate: RATE, momentum: 0.5 });
      second.step({ rate: RATE });
      for (const optimizer of [first, second]) optimizer.zeroGrad();
    }
    assertClose(cycled.dataSync(), fixed.dataSync());
  });

  for (const [biasCorrection, lead] of [
    ["corrected", 1],
    ["public-v1", 2],
  ] as const) {
    it(`corrects the bias of a table with t${lead === 2 ? " + 1" : ""} at update t under "${biasCorrection}"`, async () => {
      const engine = new ReferenceEngine("float64");
      const table = new RowParameter(
        "centers",
        engine.rowStore(3, 1, { initialize: (row, target, offset) => (target[offset] = row + 1) }),
      );
      const weight = free(engine, [1]);
      const optimizer = new AdamW([table, only(named("w", weight))], { biasCorrection });
      for (const gradient of GRADIENTS) {
        pushGradient(engine, table.gather(Int32Array.of(0, 2)), [gradient, gradient]);
        pushGradient(engine, weight, [gradient]);
        optimizer.step({ rate: RATE });
        optimizer.zeroGrad();
      }
      const options = { ...rule, decay: 0, decoupled: true, time: (update: number) => update + lead };
      const expected = [1, 3].map((start) => plainAdam(start, GRADIENTS, RATES, options).at(-1)!);
      assertClose((await rowsOf(table)).flat(), [expected[0], 2, expected[1]]);
      // parameters that are no tables always use t
      assertClose(weight.dataSync(), [plainAdam(1, GRADIENTS, RATES, { ...options, time: rule.time }).at(-1)!]);
    });
  }

  it("counts steps, not visits, for a row that is sampled late", async () => {
    const engine = new ReferenceEngine("float64");
    const table = new RowParameter("centers", engine.rowStore(2, 1));
    const optimizer = new Adam(table);
    for (const row of [0, 0, 1]) {
      pushGradient(engine, table.gather(Int32Array.of(row)), [1]);
      optimizer.step({ rate: RATE });
      optimizer.zeroGrad();
    }
    // row 1: moments after one gradient, bias correction of step 3
    const first = 0.1 / (1 - 0.9 ** 3);
    const second = 0.001 / (1 - 0.999 ** 3);
    assertClose((await rowsOf(table))[1], [(-RATE * first) / (Math.sqrt(second) + 1e-8)]);
    assert.deepEqual(optimizer.state().updates, { centers: 3 });
    assert.deepEqual([...optimizer.state().rows.keys()], ["centers.first", "centers.second"]);
  });

  it("refuses rates of decay outside [0, 1)", () => {
    assert.throws(() => new Adam([], { beta1: 1 }), /in \[0, 1\); given 1 and 0.999/);
  });
});
