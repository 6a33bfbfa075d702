/** State dictionaries: what is saved from one network makes another one the same, to the bit, or is refused as a whole. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { constant } from "../../src/autograd/index.js";
import {
  BatchNorm1d,
  Dropout,
  LayerNorm,
  Linear,
  type Module,
  PReLU,
  Sequential,
  evaluating,
  training,
  type StoredValues,
} from "../../src/nn/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { seeds } from "../arbitraries/numbers.js";
import { engines } from "../engines.js";
import { property } from "../property.js";

const FEATURES = 3;

/** A network as a plain description, so that it can be made twice: names of layers, or a list of such inside the list. */
type Description = readonly (string | Description)[];

const layers: Record<string, () => Module> = {
  linear: () => new Linear({ in: FEATURES, out: FEATURES }),
  "linear without bias": () => new Linear({ in: FEATURES, out: FEATURES, bias: false }),
  "batch norm": () => new BatchNorm1d(FEATURES),
  "batch norm, frozen": () => new BatchNorm1d(FEATURES, { frozenScale: true }),
  "layer norm": () => new LayerNorm(FEATURES),
  prelu: () => new PReLU(),
  dropout: () => new Dropout(0.5),
};

const layer = fc.constantFrom(...Object.keys(layers));
const descriptions: fc.Arbitrary<Description> = fc.array(
  fc.oneof({ weight: 3, arbitrary: layer }, { weight: 1, arbitrary: fc.array(layer, { maxLength: 3 }) }),
  { minLength: 1, maxLength: 5 },
);

function build(description: Description): Sequential {
  return new Sequential(description.map((part) => (typeof part === "string" ? layers[part]() : build(part))));
}

/** Two steps of training, for running statistics that are no longer what they began as. */
function warmUp(network: Sequential, engine: Engine): void {
  for (const step of [0, 1]) engine.scope(() => network.forward(input(engine, step), training(step)));
}

function input(engine: Engine, step: number) {
  return constant(
    engine.tensor(
      Array.from({ length: 4 * FEATURES }, (_, i) => Math.fround(Math.sin(i + step))),
      [4, FEATURES],
    ),
  );
}

function save(network: Module): Map<string, StoredValues> {
  const entries = [...network.stateDictionary()];
  return new Map(entries.map(([name, tensor]) => [name, { shape: tensor.shape, data: tensor.dataSync() }]));
}

/** Numbers of a network: what it stores, and what it answers. */
function answerOf(network: Sequential, engine: Engine) {
  return engine.scope(() => ({
    stored: save(network),
    evaluated: network.forward(input(engine, 7), evaluating).dataSync(),
    trained: network.forward(input(engine, 8), training(8)).dataSync(),
    after: save(network),
  }));
}

describe("a state dictionary", () => {
  property(
    "makes another network the same, to the bit",
    [descriptions, seeds(), seeds()],
    (description, seed, other) => {
      for (const engine of engines) {
        const [first, second] = [seed, other].map((own) => build(description).allocate(engine, own));
        warmUp(first, engine);
        // PyTorch's counters may stand in the file
        second.loadStateDictionary(new Map([...save(first), ["0.num_batches_tracked", { shape: [], data: [2] }]]));
        assert.deepEqual(answerOf(second, engine), answerOf(first, engine), engine.name);
        for (const network of [first, second]) network.dispose();
      }
    },
  );

  property(
    "names every parameter and buffer once, as the description says before it has memory",
    [descriptions],
    (description) => {
      const network = build(description);
      const described = [...network.parameterShapes(), ...network.bufferShapes()].map(({ name, shape }) => [
        name,
        [...shape],
      ]);
      for (const engine of engines) {
        const allocated = build(description).allocate(engine, 1);
        const stored = [...allocated.stateDictionary()].map(([name, { shape }]) => [name, [...shape]]);
        const byName = (a: unknown[], b: unknown[]): number => String(a[0]).localeCompare(String(b[0]));
        assert.deepEqual(stored.sort(byName), [...described].sort(byName));
        assert.equal(new Set(stored.map(([name]) => name)).size, stored.length);
        allocated.dispose();
      }
    },
  );

  const damages = fc.constantFrom("missing", "unexpected", "of another shape", "numbers for shape");
  property(
    "that does not fit is refused by the name that is wrong, and nothing is overwritten",
    [descriptions.filter((description) => build(description).parameterShapes().length > 0), damages, fc.nat()],
    (description, damage, position) => {
      for (const engine of engines) {
        const [source, target] = [1, 2].map((seed) => build(description).allocate(engine, seed));
        const values = save(source);
        const name = [...values.keys()][position % values.size];
        const { shape, data } = values.get(name)!;
        if (damage === "missing") values.delete(name);
        if (damage === "unexpected") values.set(`${name}s`, { shape, data });
        if (damage === "of another shape") values.set(name, { shape: [...shape, 1], data });
        if (damage === "numbers for shape") values.set(name, { shape, data: [...Array.from(data), 0] });
        const before = save(target);
        assert.throws(
          () => target.loadStateDictionary(values),
          (error: Error) => error.message.includes(damage) && error.message.includes(name),
        );
        assert.deepEqual(save(target), before);
        for (const network of [source, target]) network.dispose();
      }
    },
  );
});
