/**
 * A training step of CFCD's second stage beside the whole loss differentiated in one graph, and the predictions that its tuples are drawn from
 * beside a plain loop.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { add, affine, constant, type Variable } from "../../src/autograd/index.js";
import { DescriptorNetwork, localTriplets, madaCos, type LocalTripletOptions } from "../../src/cfcd/index.js";
import type { HostImageSet } from "../../src/data/ImageSet.js";
import type { Batch } from "../../src/data/loader.js";
import { Conv2d, Flatten, Sequential, SGD, training } from "../../src/nn/index.js";
import { gradientOf } from "../../src/nn/updateRows.js";
import { cosFace, PartialFC } from "../../src/pfc/index.js";
import { hashNormal, hashUniform } from "../../src/tensor/random.js";
import { predictClasses } from "../../src/training/predictClasses.js";
import { trainingStep, type StepResult, type Trainee } from "../../src/training/trainingStep.js";
import { rowsOf } from "../arbitraries/embeddings.js";
import { engines, exact } from "../engines.js";
import { assertWithin } from "../operations/close.js";
import { property } from "../property.js";

interface Update {
  readonly seed: number;
  readonly weight: number;
  readonly passes: number;
  readonly options: LocalTripletOptions;
}

const CLASSES = 5;
const SIDE = 6;
const shape = [1, SIDE, SIDE] as const;

const updates = (weight: fc.Arbitrary<number> = fc.constantFrom(0.05, 1, 3)): fc.Arbitrary<Update> =>
  fc.record({
    seed: fc.nat(),
    weight,
    passes: fc.integer({ min: 1, max: 3 }),
    options: fc.record({
      tupleSize: fc.constantFrom(3, 4),
      margin: fc.constantFrom(0, 0.1, 1),
      ratio: fc.constantFrom(0.9, 2),
      prominent: fc.constantFrom(0.5, 1),
      reduction: fc.constantFrom("sum" as const, "mean" as const),
    }),
  });

/** Two tuples a pass; positives are their anchors, shifted by a pixel and disturbed. */
function batchesOf({ seed, passes, options: { tupleSize } }: Update): Batch[] {
  const pixels = SIDE * SIDE;
  return Array.from({ length: passes }, (_, step) => {
    const images = Float32Array.from({ length: 2 * tupleSize * pixels }, (_, at) => {
      const [image, pixel] = [Math.floor(at / pixels), at % pixels];
      const own = hashNormal([seed, step], image, pixel);
      return image % tupleSize === 1 ? hashNormal([seed, step], image - 1, (pixel + 2) % pixels) + 0.2 * own : own;
    });
    const labels = Int32Array.from({ length: 2 * tupleSize }, (_, i) =>
      Math.floor(CLASSES * hashUniform([seed, 100 + step], i, 0)),
    );
    return { images, labels, indices: labels, step, epoch: 0 };
  });
}

function made({ seed, weight, options }: Update): { trainee: Trainee; network: DescriptorNetwork } {
  const backbone = new Sequential([new Conv2d({ in: 1, out: 4, kernel: 2, stride: 2, bias: false })]); // → [B, 4, 3, 3]
  const network = new DescriptorNetwork({ backbone, mapChannels: 4, embedding: 3 }).allocate(exact, seed);
  const head = new PartialFC(exact, { classes: CLASSES, embedding: 3, ratio: 1, margin: madaCos(), update: "dense", seed }); // prettier-ignore
  const optimizers = { backboneOptimizer: new SGD(network, {}), headOptimizer: new SGD(head, {}) };
  const local = { network, weight, options };
  return { network, trainee: { engine: exact, backbone: network, head, ...optimizers, local, clip: Infinity, seed } };
}

interface Numbers {
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  readonly result: Pick<StepResult, "loss" | "margin" | "local">;
}

const values = (x: { dataSync(): ArrayLike<number> }): number[] => Array.from(x.dataSync());
const mean = (list: readonly number[]): number => list.reduce((total, x) => total + x, 0) / list.length;
const WEIGHTS = ["backbone.0.weight", "fc.weight", "fc.bias", "bn.weight", "bn.bias"];

/** Of a step at rate 1 without momentum, in which every weight moves by its gradient. */
async function byStep(given: Update, withLocal = true): Promise<Numbers> {
  const { trainee, network } = made(given);
  const state = async (): Promise<Record<string, number[]>> => {
    const { store } = trainee.head.centers;
    const tensors = [...network.stateDictionary()].map(([name, tensor]) => [name, values(tensor)] as const);
    return { ...Object.fromEntries(tensors), centers: Array.from(await store.read(0, store.rows)) };
  };
  const before = await state();
  const used = withLocal ? trainee : { ...trainee, local: undefined };
  const result = await trainingStep(used, batchesOf(given), { rate: 1 }, shape);
  const after = await state();
  for (const held of [trainee.backboneOptimizer, trainee.headOptimizer, trainee.head, network]) held.dispose();
  const gradients = [...WEIGHTS, "centers"].map((name) => [name, before[name].map((w, i) => w - after[name][i])]);
  return { gradients: Object.fromEntries(gradients) as Numbers["gradients"], result };
}

/** Of L_margin + weight · triplets of all passes, divided by their number, in one graph. */
function byOneGraph(given: Update): Numbers {
  const { trainee, network } = made(given);
  const { head, seed } = trainee;
  return exact.scope(() => {
    const losses: number[] = [];
    const supplied: number[][] = [];
    const local: { sums: number[]; matches: number[]; distances: number[] } = { sums: [], matches: [], distances: [] };
    const terms = batchesOf(given).map(({ images, labels, step }): Variable => {
      const x = constant(exact.tensor(images, [labels.length, ...shape]));
      const { map, descriptor } = network.describe(x, training(step, { seed }));
      const loss = head.loss(descriptor, labels, step);
      const { scale, margin, median } = head.lastSupplied!;
      supplied.push([scale, margin, median].map((one) => values(one)[0]));
      losses.push(values(loss)[0]);
      const triplets = localTriplets(map, given.options);
      local.sums.push(...triplets.sums.map((one) => values(one)[0]));
      local.matches.push(...triplets.tuples.map(({ anchor }) => anchor.length));
      local.distances.push(...triplets.tuples.flatMap(({ distance }) => [...distance]));
      return affine(add(loss, affine(triplets.loss, given.weight, 0)), 1 / given.passes, 0);
    });
    terms.reduce((total, term) => add(total, term)).backward();
    const parameters = network.parameters().map(({ name, variable }) => [name, values(variable.grad!)] as const);
    const centers = new Array<number>(CLASSES * 3).fill(0);
    for (const rows of head.centers.pending) {
      values(gradientOf(rows)).forEach((g, i) => (centers[rows.index[Math.floor(i / 3)] * 3 + (i % 3)] += g));
    }
    for (const held of [trainee.backboneOptimizer, trainee.headOptimizer]) held.zeroGrad();
    for (const held of [trainee.backboneOptimizer, trainee.headOptimizer, head, network]) held.dispose();
    const [scale, margin, median] = [0, 1, 2].map((which) => mean(supplied.map((one) => one[which])));
    return {
      gradients: { ...Object.fromEntries(parameters), centers },
      result: {
        loss: mean(losses),
        margin: { scale, margin, median },
        local: { loss: mean(local.sums), matches: mean(local.matches), distance: mean(local.distances) },
      },
    };
  });
}

describe("a step of the local stage", () => {
  property(
    "has the gradient of the margin softmax plus the weighted triplets, and tells their numbers",
    [updates()],
    async (given) => {
      const [found, wanted] = [await byStep(given), byOneGraph(given)];
      const { gradients, result } = wanted;
      // a weight minus its gradient, and back: two roundings of numbers of a few units; the graphs sum in other orders
      const largest = Math.max(1, ...Object.values(gradients).flat().map(Math.abs)); // prettier-ignore
      const same = (a: readonly number[], b: readonly number[], what: string): void =>
        assertWithin(a.map((x) => (Number.isNaN(x) ? -1 : x)), b.map((x) => (Number.isNaN(x) ? -1 : x)), b.map(() => 1e-11 * largest), what); // prettier-ignore
      for (const name of [...WEIGHTS, "centers"]) same(found.gradients[name], gradients[name], name);
      same([found.result.loss], [result.loss], "loss");
      same(Object.values(found.result.margin!), Object.values(result.margin!), "s, m, median");
      same(Object.values(found.result.local!), Object.values(result.local!), "triplets, matches, distance");
    },
    { runs: 40 },
  );

  property(
    "with weight 0 is a step without triplets",
    [updates(fc.constant(0))],
    async (given) => {
      const [found, wanted] = [await byStep(given), await byStep(given, false)];
      for (const name of [...WEIGHTS, "centers"]) {
        const change = found.gradients[name].map((g, i) => g - wanted.gradients[name][i]);
        assert.ok(change.every((x) => x === 0), name); // prettier-ignore
      }
      assert.deepEqual([found.result.loss, found.result.margin], [wanted.result.loss, wanted.result.margin]);
    },
    { runs: 15 },
  );
});

/** A set whose images are rows of four pixels, which a network that does nothing takes for their embeddings. */
function rowsAsImages(rows: Float64Array): HostImageSet {
  const count = rows.length / 4;
  return {
    ...{ name: "rows", count, height: 2, width: 2, channels: 1, classes: 1, columns: {}, measures: {} },
    labels: new Int32Array(count),
    read: (index, out, offset = 0) => out.set(Float32Array.from(rows.subarray(index * 4, index * 4 + 4)), offset) as undefined, // prettier-ignore
  };
}

const unit = (row: readonly number[]): number[] => row.map((x) => x / Math.max(Math.hypot(...row), 1e-12));
const matrix = (list: Float64Array): number[][] =>
  Array.from({ length: list.length / 4 }, (_, row) => Array.from(list.subarray(row * 4, row * 4 + 4), Math.fround));

describe("predicted classes", () => {
  const rows = (most: number) => fc.integer({ min: 1, max: most }).chain((count) => rowsOf(count, 4));
  property(
    "are the nearest centers by a loop over all, the first of equal ones, however many are compared at once",
    [rows(9), rows(12), fc.integer({ min: 1, max: 5 })],
    async (centers, images, chunk) => {
      for (const engine of engines) {
        const sizes = { classes: centers.length / 4, embedding: 4, margin: cosFace(), seed: 1 };
        const before = engine.memory().inUse;
        const head = new PartialFC(engine, sizes);
        head.centers.store.load(0, engine.float === "float64" ? centers : Float32Array.from(centers));
        const options = { engine, head, backbone: new Sequential([new Flatten()]), set: rowsAsImages(images) };
        const { predicted, scores } = await predictClasses({ ...options, chunk });
        head.dispose();
        assert.equal(engine.memory().inUse, before);
        const rounding = engine.float === "float64" ? 1e-15 : 1e-6;
        const all = engine.float === "float64" ? matrixExactly(centers) : matrix(centers);
        matrix(images).forEach((image, i) => {
          const cosines = all.map((center) => unit(image).reduce((total, x, e) => total + x * unit(center)[e], 0));
          const own = cosines[predicted[i]];
          assert.ok(own >= Math.max(...cosines) - 8 * rounding, `image ${i}: ${predicted[i]} of ${cosines.join(", ")}`);
          assert.ok(Math.abs(scores[i] - own) <= 1e-6, `score ${scores[i]}, not ${own}`); // scores are float32
          const first = all.findIndex((center) => center.every((x, e) => x === all[predicted[i]][e]));
          assert.equal(predicted[i], first, `image ${i}: the first of equal centers`);
        });
      }
    },
    { runs: 60 },
  );
});

const matrixExactly = (list: Float64Array): number[][] =>
  Array.from({ length: list.length / 4 }, (_, row) => Array.from(list.subarray(row * 4, row * 4 + 4)));
