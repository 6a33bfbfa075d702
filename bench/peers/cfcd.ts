/**
 * The works of CFCD that are compared (compare.mjs). One JSON line a measurement.
 *
 *     node --import tsx bench/peers/cfcd.ts local 8 16 2048              matched cells of a tuple of 8 maps of 16 x 16 cells, 2,048 channels: loss and gradient
 *     node --import tsx bench/peers/cfcd.ts head 100000 512 128 0.1      a step of the head with MadaCos and with CosFace, in turn
 *
 * The positive's map is the anchor's, shifted by a cell and disturbed, so that about half of the cells match: those that stand out.
 */
import { parameter, Variable } from "../../src/autograd/index.js";
import { localTriplets, madaCos } from "../../src/cfcd/index.js";
import { SGD } from "../../src/nn/index.js";
import { cosFace, PartialFC } from "../../src/pfc/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { hashNormal } from "../../src/tensor/random.js";

const THREADS = 2;
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];

function local(engine: Engine, [tupleSize, side, channels]: readonly number[]): object {
  const cells = side * side;
  const of = (image: number, channel: number, cell: number): number => hashNormal([image, 1], channel, cell);
  const values = Float32Array.from({ length: tupleSize * channels * cells }, (_, at) => {
    const [image, channel, cell] = [Math.floor(at / (channels * cells)), Math.floor(at / cells) % channels, at % cells];
    const own = of(image, channel, cell);
    return Math.max(0, image === 1 ? of(0, channel, (cell + 1) % cells) + 0.5 * own : own);
  });
  const map = parameter(engine.tensor(values, [tupleSize, channels, side, side]));
  const times: number[] = [];
  let pairs = 0;
  for (let round = 0; round < 12; round++) {
    const started = performance.now();
    engine.scope(() => {
      const { loss, tuples } = localTriplets(map, { tupleSize });
      loss.backward();
      pairs = tuples[0].anchor.length;
    });
    times.push(performance.now() - started);
    map.zeroGrad();
  }
  return { work: ["local", tupleSize, side, channels], ms: median(times.slice(2)), pairs };
}

function head(engine: Engine, [classes, embedding, batch, ratio]: readonly number[]): object {
  const shared = { classes, embedding, ratio, path: "fused", seed: 1 } as const;
  const margins = { cosFace: cosFace(), madaCos: madaCos() };
  const heads = Object.entries(margins).map(([name, margin]) => {
    const of = new PartialFC(engine, { ...shared, margin });
    return { name, of, optimizer: new SGD(of, { momentum: 0.9, decay: 5e-4 }), times: [] as number[] };
  });
  const x = engine.tensor(
    Float32Array.from({ length: batch * embedding }, (_, i) => hashNormal([3, 4], i, 0)),
    [batch, embedding],
  );
  const labels = Int32Array.from({ length: batch }, (_, row) => (row * 61) % classes);
  for (let round = 0; round < 24; round++) {
    for (const { of, optimizer, times } of round % 2 === 0 ? heads : [...heads].reverse()) {
      const started = performance.now();
      engine.scope(() => {
        const leaf = new Variable(x, true);
        of.loss(leaf, labels, round).backward();
        leaf.zeroGrad();
        optimizer.step({ rate: 0.1 });
      });
      optimizer.zeroGrad();
      times.push(performance.now() - started);
    }
  }
  const [fixed, adaptive] = heads.map(({ times }) => times.slice(4));
  const ratios = adaptive.map((time, round) => time / fixed[round]);
  return {
    work: ["head", classes, embedding, batch, ratio],
    ms: median(adaptive),
    cosFaceMs: median(fixed),
    ratio: median(ratios),
  };
}

const [work, ...sizes] = process.argv.slice(2);
const engine = await openEngine("wasm", { threads: THREADS });
try {
  const measured = (work === "local" ? local : head)(engine, sizes.map(Number));
  console.log(JSON.stringify({ engine: engine.name, ...measured }));
} finally {
  await engine.close();
}
