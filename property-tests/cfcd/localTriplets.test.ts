/** Matched cells and triplets beside plain loops over all pairs; what a role, a cell or a tuple may and may not change. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { parameter } from "../../src/autograd/index.js";
import { localTriplets, type LocalTripletOptions, type LocalTriplets } from "../../src/cfcd/localTriplets.js";
import { hashNormal } from "../../src/tensor/random.js";
import type { Engine } from "../../src/tensor/engine.js";
import { engines, exact } from "../engines.js";
import { property } from "../property.js";

interface Maps {
  readonly tupleSize: number;
  readonly images: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** [images, channels, height, width] */
  readonly values: Float64Array;
}

/** Maps whose positives share cells with their anchors, shifted and disturbed, so that some match and some do not. */
function maps(): fc.Arbitrary<Maps> {
  return fc
    .record({
      tupleSize: fc.integer({ min: 3, max: 5 }),
      tuples: fc.integer({ min: 1, max: 3 }),
      channels: fc.integer({ min: 2, max: 6 }),
      height: fc.integer({ min: 1, max: 4 }),
      width: fc.integer({ min: 1, max: 4 }),
      noise: fc.constantFrom(0, 0.1, 0.5, 2),
      seed: fc.nat(),
    })
    .map(({ tuples, noise, seed, ...sizes }) => {
      const { tupleSize, channels, height, width } = sizes;
      const cells = height * width;
      const images = tuples * tupleSize;
      const values = Float64Array.from({ length: images * channels * cells }, (_, at) => {
        const [image, channel, cell] = [
          Math.floor(at / (channels * cells)),
          Math.floor(at / cells) % channels,
          at % cells,
        ];
        const own = hashNormal([seed, 1], image, channel * cells + cell);
        if (image % tupleSize !== 1) return own;
        return hashNormal([seed, 1], image - 1, channel * cells + ((cell + 1) % cells)) + noise * own;
      });
      return { ...sizes, images, values };
    });
}

interface Found {
  readonly value: number;
  /** dL/df, of the size of the maps. */
  readonly gradient: readonly number[];
  readonly tuples: LocalTriplets["tuples"];
  /** [T] */
  readonly sums: readonly number[];
}

function triplets(given: Maps, options: Partial<LocalTripletOptions> = {}, engine: Engine = exact): Found {
  const { tupleSize, images, channels, height, width, values } = given;
  return engine.scope(() => {
    const map = parameter(engine.tensor(values, [images, channels, height, width]));
    const { loss, tuples, sums } = localTriplets(map, { tupleSize, ...options });
    loss.backward();
    const gradient = Array.from(map.grad!.dataSync());
    map.zeroGrad();
    map.tensor.dispose();
    return { value: loss.dataSync()[0], gradient, tuples, sums: sums.map((sum) => sum.dataSync()[0]) };
  });
}

/** Unit descriptors of an image, and Σ|f| of its cells: [K][D], [K] */
function describeImage({ channels, height, width, values }: Maps, image: number) {
  const cells = height * width;
  const raw = Array.from({ length: cells }, (_, cell) =>
    Array.from({ length: channels }, (_, channel) => values[(image * channels + channel) * cells + cell]),
  );
  return {
    unit: raw.map((row) => row.map((x) => x / Math.max(1e-12, Math.hypot(...row)))),
    attention: raw.map((row) => row.reduce((sum, x) => sum + Math.abs(x), 0)),
  };
}

const distance = (a: readonly number[], b: readonly number[]): number => Math.hypot(...a.map((x, k) => x - b[k]));
const squared = (a: readonly number[], b: readonly number[]): number => distance(a, b) ** 2;

/** A second distance that float32 takes for 0. */
const NOTHING = 2 ** -9.5;

/** The pairs that the paper keeps, found by looking at all; and whether a test was decided by so little that rounding may decide it. */
function pairsByLoops(
  anchor: readonly number[][],
  positive: readonly number[][],
  attention: readonly number[],
  { ratio = 0.9, prominent = 0.5 },
) {
  const all = anchor.map((a) => positive.map((p) => distance(a, p)));
  const columns = positive.map((_, j) => all.map((row) => row[j]).sort((a, b) => a - b));
  const rows = all.map((row) => [...row].sort((a, b) => a - b));
  const gap = (sorted: readonly number[]): number => (sorted.length > 1 ? sorted[1] - sorted[0] : Infinity);
  const order = [...attention].sort((a, b) => b - a);
  const count = Math.floor(prominent * attention.length);
  const close =
    Math.min(...columns.map(gap), ...rows.map(gap)) < 1e-6 ||
    columns.some(([best, second]) => Math.min(Math.abs(best - ratio * second), Math.abs(second - NOTHING)) < 1e-6) ||
    (count > 0 && count < order.length && order[count - 1] - order[count] < 1e-9);
  const pairs = positive.flatMap((_, j) =>
    anchor.flatMap((_, i): [number, number][] => {
      const isNearest = all[i][j] === columns[j][0] && all[i][j] === rows[i][0];
      const isClear = columns[j].length === 1 || (columns[j][1] > NOTHING && all[i][j] <= ratio * columns[j][1]);
      const stands = attention.filter((other) => other > attention[j]).length < count;
      return isNearest && isClear && stands ? [[i, j]] : [];
    }),
  );
  return { pairs, close };
}

const options = () =>
  fc.record({
    ratio: fc.constantFrom(0.5, 0.9, 2),
    prominent: fc.constantFrom(0.3, 0.5, 1),
    margin: fc.constantFrom(0, 0.1, 1),
  });

const near = (found: number, wanted: number, what: string): void =>
  assert.ok(Math.abs(found - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted)), `${what}: ${found}, not ${wanted}`);

describe("local triplets", () => {
  property("are those that plain loops over all cells find", [maps(), options()], (given, chosen) => {
    const { tuples, sums, value } = triplets(given, chosen);
    const wanted = tuples.map((tuple, t) => {
      const images = Array.from({ length: given.tupleSize }, (_, k) => describeImage(given, t * given.tupleSize + k));
      const [anchor, positive, ...negatives] = images.map(({ unit }) => unit);
      const { pairs, close } = pairsByLoops(anchor, positive, images[1].attention, chosen);
      fc.pre(!close);
      assert.deepEqual(pairs.map(([i]) => i), [...tuple.anchor]); // prettier-ignore
      assert.deepEqual(pairs.map(([, j]) => j), [...tuple.positive]); // prettier-ignore
      pairs.forEach(([i, j], k) => near(tuple.distance[k] ** 2, squared(anchor[i], positive[j]), "squared distance"));
      return pairs.reduce((sum, [i, j]) => {
        const terms = negatives.map((cells) => {
          const hardest = Math.min(...cells.map((n) => squared(anchor[i], n)));
          return Math.max(0, squared(anchor[i], positive[j]) - hardest + chosen.margin);
        });
        return sum + terms.reduce((total, term) => total + term, 0);
      }, 0);
    });
    wanted.forEach((sum, t) => near(sums[t], sum, `tuple ${t}`));
    near(value, wanted.reduce((sum, one) => sum + one, 0), "loss"); // prettier-ignore
  });

  property(
    "move only the cells that take part, each across its own direction",
    [maps(), options()],
    (given, chosen) => {
      const { gradient, tuples } = triplets(given, chosen);
      const { channels, height, width, tupleSize, images, values } = given;
      const cells = height * width;
      const taking = new Set<number>();
      tuples.forEach(({ anchor, positive, negatives }, t) => {
        const of = (k: number, list: Int32Array): void =>
          list.forEach((cell) => taking.add((t * tupleSize + k) * cells + cell));
        [anchor, positive, ...negatives].forEach((list, k) => of(k, list));
      });
      for (let image = 0; image < images; image++) {
        for (let cell = 0; cell < cells; cell++) {
          const at = Array.from({ length: channels }, (_, channel) => (image * channels + channel) * cells + cell);
          if (!taking.has(image * cells + cell)) assert.ok(at.every((k) => gradient[k] === 0), `cell ${cell} of image ${image}`); // prettier-ignore
          const along = at.reduce((sum, k) => sum + gradient[k] * values[k], 0);
          const size = Math.hypot(...at.map((k) => gradient[k])) * Math.hypot(...at.map((k) => values[k]));
          assert.ok(Math.abs(along) <= 1e-9 * (1 + size), `cell ${cell} of image ${image} changes its length`);
        }
      }
    },
  );

  property("are exactly 0 with gradients of 0 where nothing matches", [maps()], (given) => {
    for (const reduction of ["sum", "mean"] as const) {
      const { value, gradient, tuples, sums } = triplets(given, { ratio: 1e-9 * 1e-9, prominent: 0.5, reduction });
      fc.pre(tuples.every(({ anchor }) => anchor.length === 0)); // copies match whatever the ratio
      assert.deepEqual([value, ...sums], [0, ...sums.map(() => 0)]);
      assert.ok(gradient.length === given.values.length && gradient.every((g) => g === 0));
    }
  });

  property("match no cell that the anchor has twice, however the products are rounded", [maps()], (given) => {
    const { tupleSize, images, channels, height, width, values } = given;
    const cells = height * width;
    fc.pre(cells > 1);
    const twice = values.slice(); // cells 0 and 1 of every anchor are alike
    for (let image = 0; image < images; image += tupleSize) {
      for (let row = image * channels; row < (image + 1) * channels; row++) twice[row * cells + 1] = twice[row * cells];
    }
    for (const engine of engines) {
      for (const { anchor } of triplets({ ...given, values: twice }, { prominent: 1 }, engine).tuples) {
        assert.ok(anchor.every((cell) => cell > 1), `${engine.name}: ${anchor.join(", ")}`); // prettier-ignore
      }
    }
  });

  property(
    "match the same cells with anchor and positive in each other's place, where no test looks from one side",
    [maps()],
    (given) => {
      const { tupleSize, channels, height, width, values } = given;
      const size = channels * height * width;
      const swapped = values.map((_, at) => {
        const [image, rest] = [Math.floor(at / size), at % size];
        const place = image % tupleSize;
        return values[(place < 2 ? image - place + (1 - place) : image) * size + rest];
      });
      const from = triplets(given, { ratio: Infinity, prominent: 1 });
      const back = triplets({ ...given, values: swapped }, { ratio: Infinity, prominent: 1 });
      const pairs = (a: Int32Array, b: Int32Array): string[] => Array.from(a, (i, k) => `${i} ${b[k]}`).sort();
      from.tuples.forEach(({ anchor, positive }, t) => {
        assert.deepEqual(pairs(anchor, positive), pairs(back.tuples[t].positive, back.tuples[t].anchor));
      });
    },
  );

  property(
    "of several tuples are the sum of each alone, or the mean of all terms",
    [maps(), options()],
    (given, chosen) => {
      const { tupleSize, channels, height, width, values, images } = given;
      const size = channels * height * width * tupleSize;
      const [whole, mean] = (["sum", "mean"] as const).map((reduction) => triplets(given, { ...chosen, reduction }));
      const alone = Array.from({ length: images / tupleSize }, (_, t) =>
        triplets({ ...given, images: tupleSize, values: values.slice(t * size, (t + 1) * size) }, chosen),
      );
      near(whole.value, alone.reduce((sum, { value }) => sum + value, 0), "sum"); // prettier-ignore
      const terms = alone.reduce(
        (sum, { tuples: [{ anchor, negatives }] }) => sum + anchor.length * negatives.length,
        0,
      );
      near(mean.value, terms === 0 ? 0 : whole.value / terms, "mean");
      const gradient = alone.flatMap((one) => one.gradient);
      whole.gradient.forEach((g, k) => near(g, gradient[k], "gradient"));
    },
  );
});
