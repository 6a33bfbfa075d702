/** What an optimizer remembers, and what it leaves alone: checkpoints, rates of zero, idle parameters, the order of parameters. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { Adam, AdamW, SGD, type Optimizer, type StoredValues, type Trainable } from "../../src/nn/index.js";
import type { Engine, FloatArray } from "../../src/tensor/engine.js";
import { free, named, only, pushGradient } from "../../test/nn/trainables.js";
import { moderate } from "../arbitraries/numbers.js";
import { permutations } from "../arbitraries/shapes.js";
import { MOST_STEPS, rates, tableTrainings, type TableTraining } from "../arbitraries/trainings.js";
import { engines } from "../engines.js";
import { property } from "../property.js";
import { stepTable, tableOf } from "./tableTraining.js";

type Make = (of: readonly Trainable[]) => Optimizer;

const optimizers: Record<string, Make> = {
  "SGD without momentum": (of) => new SGD(of, { decay: 0.01 }),
  "SGD with momentum": (of) => new SGD(of, { momentum: 0.9, decay: 0.01 }),
  "SGD with Nesterov": (of) => new SGD(of, { momentum: 0.9, nesterov: true }),
  Adam: (of) => new Adam(of, { decay: 0.01 }),
  AdamW: (of) => new AdamW(of, { decay: 0.01 }),
};
const names = fc.constantFrom(...Object.keys(optimizers));
const updates = fc.constantFrom("sparse" as const, "dense" as const);

interface Checkpoint {
  readonly weight: FloatArray;
  readonly centers: FloatArray;
  readonly updates: Readonly<Record<string, number>>;
  readonly tensors: ReadonlyMap<string, StoredValues>;
  readonly rows: ReadonlyMap<string, FloatArray>;
}

/** A parameter and a table trained side by side. */
class Run {
  private readonly weight;
  private readonly table;
  private readonly optimizer;

  constructor(
    private readonly engine: Engine,
    { start }: TableTraining,
    update: "sparse" | "dense",
    make: Make,
  ) {
    this.weight = free(engine, start[0]);
    this.table = tableOf(engine, start, update);
    this.optimizer = make([only(named("weight", this.weight)), this.table]);
  }

  train(steps: TableTraining["steps"]): this {
    for (const step of steps) {
      const gradient = step.gathers.at(0)?.gradients.at(0);
      if (gradient) pushGradient(this.engine, this.weight, gradient);
      stepTable(this.table, this.optimizer, step);
    }
    return this;
  }

  async save(): Promise<Checkpoint> {
    const { updates, tensors, rows } = this.optimizer.state();
    const stores = [...rows].map(async ([name, store]) => [name, await store.read(0, store.rows)] as const);
    return {
      weight: this.weight.dataSync(),
      centers: await this.table.store.read(0, this.table.rows),
      updates,
      tensors: new Map([...tensors].map(([name, tensor]) => [name, { shape: tensor.shape, data: tensor.dataSync() }])),
      rows: new Map(await Promise.all(stores)),
    };
  }

  load({ weight, centers, updates, tensors, rows }: Checkpoint): this {
    this.engine.scope(() => this.engine.assign(this.weight.tensor, this.engine.tensor(weight, this.weight.shape)));
    this.table.store.load(0, centers);
    this.optimizer.loadState({ updates, tensors });
    for (const [name, store] of this.optimizer.state().rows) store.load(0, rows.get(name)!);
    return this;
  }

  dispose(): void {
    this.optimizer.dispose();
    this.table.dispose();
    this.weight.tensor.dispose();
  }
}

describe("an optimizer", () => {
  property(
    "that is saved anywhere and loaded elsewhere goes on with the same bits",
    [names, updates, tableTrainings(), fc.nat({ max: MOST_STEPS })],
    async (name, update, training, stop) => {
      const fresh: TableTraining = { ...training, start: training.start.map((row) => row.map(() => 7)) };
      for (const engine of engines) {
        const through = new Run(engine, training, update, optimizers[name]).train(training.steps);
        const first = new Run(engine, training, update, optimizers[name]).train(training.steps.slice(0, stop));
        const second = new Run(engine, fresh, update, optimizers[name]).load(await first.save());
        second.train(training.steps.slice(stop));
        assert.deepEqual(await second.save(), await through.save(), engine.name);
        for (const run of [through, first, second]) run.dispose();
      }
    },
  );

  property("changes no value at a rate of zero", [names, updates, tableTrainings()], async (name, update, training) => {
    const still = training.steps.map((step) => ({ ...step, rate: 0 }));
    for (const engine of engines) {
      const run = new Run(engine, training, update, optimizers[name]);
      const before = await run.save();
      const after = await run.train(still).save();
      // + 0: a value of −0 may become 0
      assert.deepEqual(
        after.weight.map((x) => x + 0),
        before.weight.map((x) => x + 0),
      );
      assert.deepEqual(
        after.centers.map((x) => x + 0),
        before.centers.map((x) => x + 0),
      );
      run.dispose();
    }
  });

  property(
    "leaves a parameter without a gradient alone, with its state and its count",
    [names, fc.array(fc.tuple(rates(), fc.option(moderate())), { minLength: 1, maxLength: MOST_STEPS })],
    (name, steps) => {
      for (const engine of engines) {
        const [sometimes, always] = [free(engine, [1, -2]), free(engine, [1, -2])];
        const optimizer = optimizers[name]([only(named("sometimes", sometimes)), only(named("always", always))]);
        const alone = free(engine, [1, -2]);
        const reference = optimizers[name]([only(named("alone", alone))]);
        for (const [rate, gradient] of steps) {
          pushGradient(engine, always, [1, 1]);
          if (gradient !== null) pushGradient(engine, sometimes, [gradient, 1]);
          optimizer.step({ rate });
          optimizer.zeroGrad();
          if (gradient === null) continue; // as if the step had not been
          pushGradient(engine, alone, [gradient, 1]);
          reference.step({ rate });
          reference.zeroGrad();
        }
        assert.deepEqual(sometimes.dataSync(), alone.dataSync(), engine.name);
        const count = steps.filter(([, gradient]) => gradient !== null).length;
        assert.deepEqual(optimizer.state().updates, { sometimes: count, always: steps.length });
        for (const [slot, tensor] of reference.state().tensors) {
          const own = optimizer.state().tensors.get(slot.replace("alone", "sometimes"));
          assert.deepEqual(own?.dataSync(), tensor.dataSync(), slot);
        }
        for (const owner of [optimizer, reference]) owner.dispose();
        for (const { tensor } of [sometimes, always, alone]) tensor.dispose();
      }
    },
  );

  property(
    "does not care in which order its parameters are listed",
    [
      names,
      fc
        .array(moderate(), { minLength: 1, maxLength: 5 })
        .chain((starts) => fc.tuple(fc.constant(starts), permutations(starts.length))),
      rates(),
    ],
    (name, [starts, order], rate) => {
      const trained = (engine: Engine, listed: readonly number[]): Map<number, number> => {
        const weights = new Map(listed.map((which) => [which, free(engine, [starts[which]])]));
        const optimizer = optimizers[name](listed.map((which) => only(named(String(which), weights.get(which)!))));
        for (let step = 0; step < 3; step++) {
          for (const [which, weight] of weights) pushGradient(engine, weight, [which - step]);
          optimizer.step({ rate });
          optimizer.zeroGrad();
        }
        const values = starts.map((_, which): [number, number] => [which, weights.get(which)!.dataSync()[0]]);
        optimizer.dispose();
        for (const { tensor } of weights.values()) tensor.dispose();
        return new Map(values);
      };
      for (const engine of engines) {
        assert.deepEqual(
          trained(engine, order),
          trained(
            engine,
            starts.map((_, which) => which),
          ),
          engine.name,
        );
      }
    },
  );
});
