/** Threads of the wasm engine: same bits for any number of them, errors that surface, and a process that ends. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { loaderFor } from "../../../nodeArguments.js";
import { openEngine } from "../../../../src/tensor/openEngine.js";
import { stream } from "../../../../src/tensor/random.js";
import { sizeOf } from "../../../../src/tensor/shape.js";
import { Tensor } from "../../../../src/tensor/tensor.js";
import type { WasmEngine } from "../../../../src/tensor/engines/wasm/wasmEngine.js";

type Family = (engine: WasmEngine, random: (...shape: number[]) => Tensor) => Tensor | Record<string, Tensor>;

const window2d = { kernel: [3, 2], stride: [2, 1], padding: [1, 0], dilation: [1, 2] } as const;
const geometry = { kernel: [3, 3], stride: [2, 1], padding: [1, 1], dilation: [1, 1], groups: 1 } as const;

/** Awkward shapes, all large enough to be shared between threads. */
const FAMILIES: Record<string, Family> = {
  unary: (engine, random) => engine.unary("exp", random(131, 1031)),
  binary: (engine, random) => engine.binary("divide", random(131, 1031), random(131, 1031)),
  "binary with broadcasting": (engine, random) => engine.binary("power", random(7, 1, 131, 9), random(13, 1, 9)),
  affine: (engine, random) => engine.affine(random(200_003), 2, 1),
  clamp: (engine, random) => engine.clamp(random(200_003), -0.5, 0.5),
  select: (engine, random) => engine.select(random(200_003), random(200_003), random(200_003)),
  full: (engine) => engine.full([200_003], 0.1),
  prelu: (engine, random) => engine.prelu(random(9, 33, 23, 29), random(33)),
  preluGradient: (engine, random) => engine.preluGradient(random(9, 33, 23, 29), random(33), random(9, 33, 23, 29)),
  "preluGradient, one slope": (engine, random) => engine.preluGradient(random(401, 433), random(1), random(401, 433)),
  "preluGradient of features": (engine, random) =>
    engine.preluGradient(random(401, 433), random(433), random(401, 433)),
  broadcastTo: (engine, random) => engine.broadcastTo(random(33, 1, 7), [5, 33, 91, 7]),
  permute: (engine, random) => engine.permute(random(7, 33, 17, 41), [3, 1, 0, 2]),
  transpose: (engine, random) => engine.permute(random(433, 401), [1, 0]),
  slice: (engine, random) => engine.slice(random(37, 71, 83), 1, 3, 70),
  concatenate: (engine, random) => engine.concatenate([random(37, 61, 83), random(37, 70, 83)], 1),
  "sum of all": (engine, random) => engine.reduce("sum", random(300_007), [0], false),
  "sum of rows": (engine, random) => engine.reduce("sum", random(401, 433), [1], false),
  "mean of columns": (engine, random) => engine.reduce("mean", random(401, 433), [0], false),
  "maximum of some axes": (engine, random) => engine.reduce("maximum", random(7, 33, 17, 41), [0, 2], true),
  softmaxRows: (engine, random) => engine.softmaxRows(random(37, 1001)),
  normalizeRows: (engine, random) => engine.normalizeRows(random(433, 401), 1e-12),
  normalizeRowsGradient(engine, random) {
    const { y, norm } = engine.normalizeRows(random(433, 401), 1e-12);
    return engine.normalizeRowsGradient(random(433, 401), y, norm, 1e-12);
  },
  gatherRows: (engine, random) => engine.gatherRows(random(100, 257), rowNumbers(701, 100)),
  scatterAddRows: (engine, random) => engine.scatterAddRows(random(701, 257), rowNumbers(701, 100), 101),
  matmul: (engine, random) => engine.matmul(random(67, 131), random(131, 71), false, false),
  "matmul, transposed": (engine, random) => engine.matmul(random(3, 131, 67), random(3, 71, 131), true, true),
  attention: (engine, random) => engine.attention(random(5, 37, 66), 2),
  attentionGradient(engine, random) {
    const qkv = random(5, 37, 66);
    return engine.attentionGradient(random(5, 37, 22), qkv, engine.attention(qkv, 2).probabilities, 2);
  },
  conv2d: (engine, random) => engine.conv2d(random(5, 7, 19, 21), random(9, 7, 3, 3), geometry),
  conv2dInputGradient: (engine, random) =>
    engine.conv2dInputGradient(random(5, 9, 10, 21), random(9, 7, 3, 3), geometry, [5, 7, 19, 21]),
  conv2dWeightGradient: (engine, random) =>
    engine.conv2dWeightGradient(random(5, 7, 19, 21), random(5, 9, 10, 21), geometry, [9, 7, 3, 3]),
  "depthwise convolution": (engine, random) =>
    engine.conv2d(random(5, 17, 19, 21), random(17, 1, 3, 3), { ...geometry, groups: 17 }),
  maxPool2d: (engine, random) => engine.maxPool2d(random(9, 33, 23, 29), window2d),
  maxPool2dGradient: (engine, random) =>
    engine.maxPool2dGradient(random(9, 33, 23, 29), random(9, 33, 12, 27), window2d),
  averagePool2d: (engine, random) => engine.averagePool2d(random(9, 33, 23, 29), window2d),
  averagePool2dGradient: (engine, random) =>
    engine.averagePool2dGradient(random(9, 33, 12, 27), window2d, [9, 33, 23, 29]),
  batchNorm: (engine, random) => engine.batchNorm(random(9, 33, 23, 29), random(33), random(33), 1e-5),
  "batchNorm of features": (engine, random) => engine.batchNorm(random(401, 433), random(433), random(433), 1e-5),
  batchNormGradient(engine, random) {
    const [x, weight] = [random(9, 33, 23, 29), random(33)];
    const { mean, inverseDeviation } = engine.batchNorm(x, weight, weight, 1e-5);
    return engine.batchNormGradient(random(9, 33, 23, 29), x, weight, mean, inverseDeviation);
  },
  scaleChannels: (engine, random) => engine.scaleChannels(random(9, 33, 23, 29), random(33), random(33)),
  layerNorm: (engine, random) => engine.layerNorm(random(401, 433), random(433), random(433), 1e-5),
  layerNormGradient(engine, random) {
    const [x, weight] = [random(401, 433), random(433)];
    const { mean, inverseDeviation } = engine.layerNorm(x, weight, weight, 1e-5);
    return engine.layerNormGradient(random(401, 433), x, weight, mean, inverseDeviation);
  },
  blend(engine, random) {
    const target = random(200_003);
    engine.blend(target, 0.9, random(200_003), 0.1);
    return target;
  },
  sgdStep(engine, random) {
    const [value, velocity] = [random(200_003), random(200_003)];
    engine.sgdStep(value, random(200_003), velocity, { rate: 0.1, momentum: 0.9, decay: 0.01, nesterov: true });
    return { value, velocity };
  },
  adamStep(engine, random) {
    const [value, first, second] = [random(200_003), random(200_003), engine.unary("square", random(200_003))];
    const rule = { rate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, decay: 0.01, decoupled: true, step: 3 };
    engine.adamStep(value, random(200_003), first, second, rule);
    return { value, first, second };
  },
};

function rowNumbers(count: number, rows: number): Int32Array {
  const random = stream("rows", count);
  return Int32Array.from({ length: count }, () => random.integer(rows));
}

/** Every tensor of the result, as bits. */
function bitsOf(engine: WasmEngine, family: Family): Record<string, Uint32Array> {
  return engine.scope(() => {
    const random = stream("threads");
    const tensors = family(engine, (...shape) =>
      engine.tensor(
        Float32Array.from({ length: sizeOf(shape) }, () => random.uniform() - 0.5),
        shape,
      ),
    );
    const named = tensors instanceof Tensor ? { y: tensors } : tensors;
    const bits = Object.entries(named).map(([name, tensor]) => [name, new Uint32Array(tensor.dataSync().buffer)]);
    return Object.fromEntries(bits) as Record<string, Uint32Array>;
  });
}

describe("threads", () => {
  const engines: WasmEngine[] = [];
  before(async () => {
    for (const threads of [1, 2, 3, 8]) engines.push(await openEngine("wasm", { threads }));
  });
  after(() => Promise.all(engines.map((engine) => engine.close())));

  for (const [name, family] of Object.entries(FAMILIES)) {
    it(`do not change a bit of ${name}`, () => {
      const [alone, ...others] = engines.map((engine) => bitsOf(engine, family));
      for (const other of others) assert.deepEqual(other, alone);
    });
  }

  it("all see memory that was added after they had started", () => {
    for (const engine of engines) {
      engine.scope(() => {
        const x = engine.full([3_000_000], 1);
        for (let i = 0; i < 5; i++) {
          const y = engine.concatenate([x, x], 0); // copied by every thread into memory that is new
          assert.equal(engine.reduce("sum", y, [0], false).dataSync()[0], 6_000_000);
        }
      });
    }
  });

  it("report a kernel that fails, and go on", () => {
    for (const engine of engines) {
      const beyond = 2 ** 32 - 65_536;
      for (let i = 0; i < 20; i++) {
        assert.throws(
          () => engine.run("copy", 1000, [beyond, beyond, 4_096_000], 1e9),
          /wasm engine: kernel "copy" failed: RuntimeError: memory access out of bounds/,
        );
      }
      const sum = engine.scope(() => engine.reduce("sum", engine.full([300_000], 1), [0], false).dataSync()[0]);
      assert.equal(sum, 300_000);
    }
  });

  it("report a kernel that does not exist", () => {
    assert.throws(() => engines[0].run("nonsense", 1, [], 1), /the module has no kernel "nonsense"/);
  });

  it("are gone after close(), and the engine says so", async () => {
    const engine = await openEngine("wasm", { threads: 3 });
    const tensor = engine.full([3], 1);
    await engine.close();
    await engine.close(); // harmless
    assert.throws(() => engine.unary("exp", tensor), /was asked for after close\(\)/);
    assert.throws(() => tensor.dataSync(), /read was asked for after close\(\)/);
    tensor.dispose();
  });

  for (const [what, last] of [
    ["with close()", "await engine.close();"],
    ["without it", ""],
  ]) {
    it(`let the process end ${what}`, () => {
      const module = import.meta.resolve("../../../../src/tensor/openEngine.js");
      const program =
        `import { openEngine } from ${JSON.stringify(module)};` +
        'const engine = await openEngine("wasm", { threads: 3 });' +
        `console.log(engine.reduce("sum", engine.full([500_000], 1), [0], false).dataSync()[0]); ${last}`;
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [...loaderFor(module), "--input-type=module", "--eval", program],
        { timeout: 20_000, encoding: "utf8" },
      );
      assert.deepEqual({ status, stdout: stdout.trim(), stderr }, { status: 0, stdout: "500000", stderr: "" });
    });
  }
});
