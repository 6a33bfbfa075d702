/**
 * k ranks equal one rank with a backbone below the head: images are split over ranks, batch norm is synchronised, gradients are summed.
 *
 * Losses, embedding gradients, weights, running statistics and class centers after up to three steps of SGD with momentum and decay.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { constant, Variable } from "../../src/autograd/index.js";
import {
  allReduceGradients,
  BatchNorm1d,
  BatchNorm2d,
  Conv2d,
  Flatten,
  Linear,
  PReLU,
  Sequential,
  SGD,
  training,
} from "../../src/nn/index.js";
import { cosFace, PartialFC } from "../../src/pfc/index.js";
import { InProcessRanks } from "../../src/ranks/inProcessRanks.js";
import { stream } from "../../src/tensor/random.js";
import { property } from "../property.js";
import { assertSameTraining, nudge } from "./conditioning.js";
import { exact as engine } from "../engines.js";

const EMBEDDING = 3;
const SCALE = 8;

interface Architecture {
  /** Of one image. */
  readonly input: readonly number[];
  readonly make: () => Sequential;
}

// no bias before a batch norm: its gradient is 0 up to rounding
const architectures: Record<string, Architecture> = {
  "linear → BN → PReLU → linear → BN": {
    input: [5],
    make: () =>
      new Sequential([
        new Linear({ in: 5, out: 4, bias: false }),
        new BatchNorm1d(4),
        new PReLU(4),
        new Linear({ in: 4, out: EMBEDDING, bias: false }),
        new BatchNorm1d(EMBEDDING, { frozenScale: true }),
      ]),
  },
  "convolution → BN → PReLU → linear → BN": {
    input: [1, 4, 4],
    make: () =>
      new Sequential([
        new Conv2d({ in: 1, out: 2, kernel: 3, stride: 2, padding: 1, bias: false }),
        new BatchNorm2d(2),
        new PReLU(2),
        new Flatten(),
        new Linear({ in: 8, out: EMBEDDING, bias: false }),
        new BatchNorm1d(EMBEDDING),
      ]),
  },
};

interface Problem {
  readonly ranks: number;
  readonly classes: number;
  /** [steps][N] */
  readonly labels: readonly (readonly number[])[];
  readonly ratio: number;
  readonly update: "sparse" | "dense";
  /** Names images and initial values. */
  readonly seed: number;
}

/** At least four rows over all ranks: of two, batch norm leaves nothing but signs. */
function problems(): fc.Arbitrary<Problem> {
  const sizes = fc.record({
    ranks: fc.integer({ min: 1, max: 8 }),
    rows: fc.integer({ min: 1, max: 4 }),
    classes: fc.integer({ min: 1, max: 10 }),
    steps: fc.integer({ min: 1, max: 3 }),
  });
  return sizes
    .filter(({ ranks, rows }) => ranks * rows >= 4)
    .chain(({ ranks, rows, classes, steps }) => {
      const labels = fc.array(fc.nat({ max: classes - 1 }), { minLength: ranks * rows, maxLength: ranks * rows });
      return fc.record({
        ranks: fc.constant(ranks),
        classes: fc.constant(classes),
        labels: fc.array(labels, { minLength: steps, maxLength: steps }),
        ratio: fc.constantFrom(1, 0.5, 0.1),
        update: fc.constantFrom("sparse" as const, "dense" as const),
        seed: fc.integer(),
      });
    });
}

interface Run {
  readonly losses: number[];
  /** [steps][N·E] */
  readonly dx: number[][];
  /** Of rank 0; all others have the same bits. By name. */
  readonly backbone: Map<string, number[]>;
  readonly centers: number[];
  /** [steps], classes of all ranks, ascending. */
  readonly samples: number[][];
}

interface Changes {
  readonly samples?: number[][];
  readonly changed?: (values: Float64Array) => Float64Array;
}

async function train(
  { input, make }: Architecture,
  ranks: number,
  { classes, labels, ratio, update, seed }: Problem,
  { samples, changed = (values) => values }: Changes = {},
): Promise<Run> {
  const group = new InProcessRanks(engine, ranks);
  const nodes = group.communicators.map((communicator) => {
    const backbone = make().allocate(engine, seed);
    for (const { variable } of backbone.parameters()) {
      const values = changed(Float64Array.from(variable.dataSync()));
      engine.assign(variable.tensor, engine.tensor(values, variable.shape));
    }
    const margin = cosFace({ scale: SCALE, margin: 0.2 });
    const given = samples && { sampler: ({ step }: { step: number }) => Int32Array.from(samples[step]) };
    const options = {
      classes,
      embedding: EMBEDDING,
      ratio,
      margin,
      update,
      seed,
      communicator,
      deviation: 1,
      ...given,
    };
    const head = new PartialFC(engine, options);
    return { backbone, head, optimizer: new SGD([backbone, head], { momentum: 0.9, decay: 0.01 }) };
  });
  const run: Run = { losses: [], dx: [], backbone: new Map(), centers: [], samples: [] };
  for (const [step, ofAll] of labels.entries()) {
    const random = stream(seed, "images", step);
    const size = input.reduce((product, extent) => product * extent, 1);
    const images = changed(Float64Array.from({ length: ofAll.length * size }, () => random.normal()));
    const rows = ofAll.length / ranks;
    const answers = group.run(
      (communicator) => {
        const { rank } = communicator;
        const { backbone, head, optimizer } = nodes[rank];
        optimizer.zeroGrad();
        const own = images.subarray(rank * rows * size, (rank + 1) * rows * size);
        const embeddings = backbone.forward(
          constant(engine.tensor(own, [rows, ...input])),
          training(step, { communicator }),
        );
        const leaf = new Variable(embeddings.tensor, true);
        try {
          const loss = head.loss(leaf, Int32Array.from(ofAll.slice(rank * rows, (rank + 1) * rows)), step);
          loss.backward();
          embeddings.backward(leaf.grad);
          allReduceGradients(backbone.parameters(), communicator);
          optimizer.step({ rate: 0.05 });
          return { loss: loss.dataSync()[0], dx: Array.from(leaf.grad!.dataSync()) };
        } finally {
          leaf.zeroGrad();
        }
      },
      (rank) => nodes[rank].backbone.buffers().map(({ tensor }) => tensor),
    );
    assert.equal(new Set(answers.map(({ loss }) => loss)).size, 1, "losses differ between ranks");
    run.losses.push(answers[0].loss);
    run.dx.push(answers.flatMap(({ dx }) => dx));
    run.samples.push(nodes.flatMap(({ head }) => Array.from(head.lastSample!.index, (j) => j + head.shard.start)));
  }
  const [first, ...others] = nodes.map(({ backbone }) =>
    [...backbone.stateDictionary()].map(([name, tensor]) => [name, Array.from(tensor.dataSync())] as const),
  );
  for (const other of others) assert.deepEqual(other, first, "backbones differ between ranks");
  for (const [name, values] of first) run.backbone.set(name, values);
  for (const { head } of nodes) run.centers.push(...(await head.centers.store.read(0, head.centers.rows)));
  for (const held of nodes.flatMap(({ backbone, head, optimizer }) => [optimizer, head, backbone])) held.dispose();
  return run;
}

/**
 * Of a gradient that cancels: N + C summands of at most 2s, and 256 for what follows (two layers, three steps, and normalisations
 * that divide by deviations below 1).
 */
function floorOf({ labels: [first], classes }: Problem): number {
  return 256 * (first.length + classes + 32) * 2 * SCALE * 2 ** -53;
}

for (const [name, architecture] of Object.entries(architectures)) {
  describe(`k ranks with a backbone, ${name}`, () => {
    property(
      "go the way of one rank that has all images and the union of the samples",
      [problems()],
      async (problem) => {
        const many = await train(architecture, problem.ranks, problem);
        const { samples } = many;
        const one = await train(architecture, 1, problem, { samples });
        const nudged = await train(architecture, 1, problem, { samples, changed: nudge });
        const compare = (what: string, columns: number, of: (run: Run) => number[]): void => {
          const floor = of(one).map(() => floorOf(problem));
          assertSameTraining(what, columns, of(many), of(one), of(nudged), floor);
        };
        compare("losses", 1, ({ losses }) => losses);
        for (const step of problem.labels.keys()) compare(`dx of step ${step}`, EMBEDDING, ({ dx }) => dx[step]);
        for (const [key, { length }] of one.backbone) compare(key, length, ({ backbone }) => backbone.get(key)!);
        compare("centers", EMBEDDING, ({ centers }) => centers);
      },
      { runs: 30 },
    );
  });
}
