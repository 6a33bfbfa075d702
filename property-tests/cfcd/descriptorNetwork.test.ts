/** CFCD's global descriptor is what loops over the cells of the map give, and knows nothing of where a cell lies. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { constant, type Variable } from "../../src/autograd/index.js";
import { DescriptorNetwork } from "../../src/cfcd/index.js";
import {
  ResNet,
  Sequential,
  evaluating,
  smallResnetSpecification,
  training,
  type Context,
} from "../../src/nn/index.js";
import { arrays } from "../arbitraries/arrays.js";
import { between, seeds } from "../arbitraries/numbers.js";
import { permutations } from "../arbitraries/shapes.js";
import { exact } from "../engines.js";
import { assertWithin } from "../operations/close.js";
import { property } from "../property.js";

const [BATCH, CHANNELS, HEIGHT, WIDTH, EMBEDDING] = [3, 4, 2, 3, 2];
const CELLS = HEIGHT * WIDTH;
const SHAPE = [BATCH, CHANNELS, HEIGHT, WIDTH];

/** After a ReLU: not negative, zeros among them. */
const maps = arrays(SHAPE).map(({ values }) => values.map((value) => Math.max(value, 0)));
const powers = fc.oneof(fc.constantFrom(1, 3), between(1, 8));
const contexts = fc.constantFrom(training(0), evaluating);

/** The map stands for the images of a backbone that does nothing. */
function onMaps(seed: number | string, power: number, learned: boolean): DescriptorNetwork {
  const backbone = new Sequential([]);
  const made = new DescriptorNetwork({ backbone, mapChannels: CHANNELS, embedding: EMBEDDING, power, learned });
  made.allocate(exact, seed);
  const state = made.stateDictionary();
  // statistics and scales as of a network that has learned
  for (const [at, name] of ["bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"].entries())
    exact.assign(state.get(name)!, exact.tensor([0.5 + at, 1.25 - at / 4], [EMBEDDING]));
  return made;
}

const described = (made: DescriptorNetwork, values: readonly number[], context: Context): number[] => [
  ...made.forward(constant(exact.tensor(values, SHAPE)), context).dataSync(),
];

/** BN(W · GeM(f) + b), number by number. */
function plainDescriptor(
  made: DescriptorNetwork,
  map: readonly number[],
  power: number,
  isTraining: boolean,
): number[] {
  const state = made.stateDictionary();
  const of = (name: string): ArrayLike<number> => state.get(name)!.dataSync();
  const rows = Array.from({ length: BATCH }, (_, b) => {
    const pooled = Array.from({ length: CHANNELS }, (_, c) => {
      const cells = map.slice((b * CHANNELS + c) * CELLS, (b * CHANNELS + c + 1) * CELLS);
      return (cells.reduce((sum, f) => sum + Math.max(f, 1e-6) ** power, 0) / CELLS) ** (1 / power);
    });
    return Array.from({ length: EMBEDDING }, (_, e) =>
      pooled.reduce((sum, y, c) => sum + of("fc.weight")[e * CHANNELS + c] * y, of("fc.bias")[e]),
    );
  });
  return rows.flatMap((row) =>
    row.map((value, e) => {
      const column = rows.map((other) => other[e]);
      const mean = isTraining ? column.reduce((sum, x) => sum + x, 0) / BATCH : of("bn.running_mean")[e];
      const spread = column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / BATCH;
      const variance = isTraining ? spread : of("bn.running_var")[e];
      return ((value - mean) / Math.sqrt(variance + 1e-5)) * of("bn.weight")[e] + of("bn.bias")[e];
    }),
  );
}

/** float64 in another order: some 1e-14 of powers and sums, which a batch norm of a variance of at least 1e-5 may raise by 300. */
const nearby = (expected: readonly number[]): number[] => expected.map((x) => 1e-10 * Math.max(1, Math.abs(x)));

describe("the global descriptor", () => {
  property(
    "is batch norm of a linear layer of the generalised mean of all cells, power fixed or learned",
    [maps, powers, fc.boolean(), seeds(), contexts],
    (map, power, learned, seed, context) =>
      exact.scope(() => {
        const made = onMaps(seed, power, learned);
        const expected = plainDescriptor(made, map, power, context.training);
        assertWithin(described(made, map, context), expected, nearby(expected), "g");
        made.dispose();
      }),
  );

  property(
    "does not see where cells are",
    [maps, powers, permutations(CELLS), seeds(), contexts],
    (map, power, order, seed, context) =>
      exact.scope(() => {
        const made = onMaps(seed, power, false);
        const moved = map.map((_, at) => map[at - (at % CELLS) + order[at % CELLS]]);
        const expected = described(made, map, context);
        assertWithin(described(made, moved, context), expected, nearby(expected), "cells in another order");
        made.dispose();
      }),
  );

  property(
    "is described beside the map that it is made of, in one pass",
    [arrays([BATCH, 1, 6, 5]), seeds(), contexts],
    ({ values, shape }, seed, context) =>
      exact.scope(() => {
        const make = (): DescriptorNetwork => {
          const backbone = new ResNet(smallResnetSpecification({ widths: [2, CHANNELS], blocks: [1, 1] }));
          return new DescriptorNetwork({ backbone, mapChannels: CHANNELS, embedding: EMBEDDING }).allocate(exact, seed);
        };
        const images = constant(exact.tensor(values, shape));
        const read = (x: Variable): number[] => [...x.dataSync()];
        const [whole, forward, backbone] = [make(), make(), make()];
        const { map, descriptor } = whole.describe(images, context);
        assert.deepEqual(read(descriptor), read(forward.forward(images, context)));
        assert.deepEqual(read(map), read(backbone.backbone.forward(images, context)));
        assert.deepEqual(map.shape, [BATCH, CHANNELS, 2, 2]);
        for (const made of [whole, forward, backbone]) made.dispose();
      }),
    { runs: 30 },
  );

  property("of an image is the one that it has alone, in evaluation", [maps, powers, seeds()], (map, power, seed) =>
    exact.scope(() => {
      const made = onMaps(seed, power, true);
      const all = described(made, map, evaluating);
      const size = CHANNELS * CELLS;
      for (let image = 0; image < BATCH; image++) {
        const own = exact.tensor(map.slice(image * size, (image + 1) * size), [1, CHANNELS, HEIGHT, WIDTH]);
        const alone = [...made.forward(constant(own), evaluating).dataSync()];
        assert.deepEqual(alone, all.slice(image * EMBEDDING, (image + 1) * EMBEDDING));
      }
      made.dispose();
    }),
  );
});
