/**
 * The works of Unicom that peers are compared with (compare.mjs). One JSON line a measurement.
 *
 *     node --import tsx bench/peers/unicom.ts vit 16                              a training step of the vision transformer T of Partial FC
 *     node --import tsx bench/peers/unicom.ts kmeans rows.f32 200000 128 10000    seconds of an iteration by brute force and with pruning
 *
 * The rows of k-means are written to the file if it is not there: noise around as many directions as there are clusters. "limit" is the rate of
 * `engine.matmul` on pieces of the same product, measured in turn with the search.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { AdamW, partialFcViTSpecification, VisionTransformer } from "../../src/nn/index.js";
import { cosFace, PartialFC } from "../../src/pfc/index.js";
import { hashNormal, hashUniform } from "../../src/tensor/random.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import type { Engine } from "../../src/tensor/engine.js";
import { trainingStep } from "../../src/training/trainingStep.js";
import { kMeans, rowsOf } from "../../src/unicom/index.js";

const THREADS = 2;
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];

async function vit(engine: Engine, batch: number): Promise<object> {
  const classes = 1000;
  const specification = { ...partialFcViTSpecification({ size: "t" }), dropPath: 0, maskRate: 0 };
  const backbone = new VisionTransformer(specification).allocate(engine, 1);
  const { embedding } = specification;
  const head = new PartialFC(engine, { classes, embedding, ratio: 1, margin: cosFace(), path: "fused", seed: 1 });
  const [backboneOptimizer, headOptimizer] = [backbone, head].map((of) => new AdamW(of, { decay: 0.1 }));
  const trainee = { engine, backbone, head, backboneOptimizer, headOptimizer, clip: Infinity, seed: 1 };
  const images = Float32Array.from({ length: batch * 3 * 112 * 112 }, (_, i) => hashNormal([1, 2], i, 0));
  const labels = Int32Array.from({ length: batch }, (_, row) => (row * 61) % classes);
  const times: number[] = [];
  for (let step = 0; step < 8; step++) {
    const started = performance.now();
    await trainingStep(trainee, [{ images, labels, indices: labels, step, epoch: 0 }], { rate: 1e-3 }, [3, 112, 112]);
    times.push(performance.now() - started);
  }
  return { work: ["vit", batch], ms: median(times.slice(1)) };
}

async function kmeans(engine: Engine, file: string, [rows, columns, clusters]: readonly number[]): Promise<object> {
  if (!existsSync(file)) writeFileSync(file, new Uint8Array(mixture(rows, columns, clusters).buffer));
  const bytes = readFileSync(file);
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, rows * columns);
  const start = values.slice(0, clusters * columns);
  const secondsOf = async (prune: boolean, iterations: number): Promise<number[]> => {
    const seconds: number[] = [];
    const onIteration = (progress: { readonly seconds: number }): void => void seconds.push(progress.seconds);
    await kMeans(engine, rowsOf(values, columns), { clusters, start, prune, iterations, tolerance: 0, onIteration });
    return seconds;
  };
  const rates = searchRates(engine, values, [columns, clusters]);
  const brute = (await secondsOf(false, 4)).slice(1);
  const pruned = await secondsOf(true, 20);
  const share = (2 * rows * columns * clusters) / 1e9 / median(brute) / rates.limit;
  return {
    work: ["kmeans", rows, columns, clusters],
    ms: 1e3 * median(brute),
    ofLimit: share,
    ...rates,
    prunedMeanMs: (1e3 * pruned.reduce((sum, s) => sum + s, 0)) / pruned.length,
    pruned: pruned.map((seconds) => Math.round(1e3 * seconds)),
  };
}

/** GFLOP/s of the search and of the product alone, pieces of 2,048 rows in turn. */
function searchRates(engine: Engine, values: Float32Array, [columns, clusters]: readonly number[]) {
  const piece = 2048;
  const x = engine.tensor(values.subarray(0, piece * columns), [piece, columns]);
  const c = engine.tensor(values.subarray(0, clusters * columns), [clusters, columns]);
  const bias = engine.full([clusters], 0);
  const works = {
    limit: () => engine.scope(() => void engine.matmul(x, c, false, true)),
    search: () => engine.scope(() => void engine.nearestRows(x, c, bias)),
  };
  const times = { limit: [] as number[], search: [] as number[] };
  for (let round = 0; round < 12; round++) {
    for (const name of ["limit", "search"] as const) {
      const started = performance.now();
      works[name]();
      times[name].push(performance.now() - started);
    }
  }
  for (const tensor of [x, c, bias]) tensor.dispose();
  const rate = (name: "limit" | "search"): number =>
    (2 * piece * columns * clusters) / 1e6 / median(times[name].slice(2));
  return { limit: rate("limit"), search: rate("search") };
}

function mixture(rows: number, columns: number, clusters: number): Float32Array {
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const cluster = Math.floor(clusters * hashUniform([3, 4], row, 0));
    for (let column = 0; column < columns; column++) {
      values[row * columns + column] = hashNormal([5, 6], cluster, column) + 0.6 * hashNormal([7, 8], row, column);
    }
  }
  return values;
}

const [work, ...args] = process.argv.slice(2);
const engine = await openEngine("wasm", { threads: THREADS });
try {
  const measured = work === "vit" ? await vit(engine, Number(args[0])) : await kmeans(engine, args[0], args.slice(1).map(Number)); // prettier-ignore
  console.log(JSON.stringify({ engine: engine.name, ...measured }));
} finally {
  await engine.close();
}
