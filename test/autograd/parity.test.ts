import { after, before, describe, it } from "node:test";
import assert from "node:assert/strict";
import { operations, Variable } from "../../src/autograd/index.js";
import type { Engine, FloatArray } from "../../src/tensor/engine.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { stream } from "../../src/tensor/random.js";
import { allCases, sizedCase, type Case } from "./samples.js";

interface Answer {
  readonly y: FloatArray;
  /** One for each input; undefined where none is computed. */
  readonly gradients: readonly (FloatArray | undefined)[];
}

/** Forward, and backward from a seed of standard normal numbers. */
async function answer(engine: Engine, { operation, options, inputs, title }: Case): Promise<Answer> {
  const { y, gradients } = engine.scope(() => {
    const variables = inputs.map(
      ({ values, shape, differentiable }) => new Variable(engine.tensor(values, shape), differentiable),
    );
    const result = operation(variables, options);
    const random = stream("parity seed", title);
    const seed = Float32Array.from({ length: result.tensor.size }, () => random.normal());
    result.backward(engine.tensor(seed, result.shape));
    return { y: result.tensor, gradients: variables.map((variable) => variable.grad) };
  });
  const read = { y: await y.data(), gradients: await Promise.all(gradients.map(async (gradient) => gradient?.data())) };
  for (const tensor of [y, ...gradients]) tensor?.dispose();
  return read;
}

function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
}

/**
 * How far float32 may be from float64: roundings on the way to an element, times half a unit in the last place, times the
 * largest number that takes part. At most one rounding for each element of the largest operand (a sum over all of it), and 32 for
 * elementary functions and the few steps around them; products are as large as the largest input times the largest result.
 */
function tolerance({ inputs }: Case, exact: Answer): number {
  const roundings = 32 + Math.max(...inputs.map(({ values }) => values.length), exact.y.length);
  const operands = Math.max(...inputs.map(({ values }) => largest(values)));
  const results = Math.max(...[exact.y, ...exact.gradients].map((values) => largest(values ?? [])));
  return roundings * 2 ** -24 * operands * results;
}

function assertClose(actual: FloatArray, expected: FloatArray, allowed: number, what: string): void {
  assert.equal(actual.length, expected.length, `${what}: number of elements`);
  for (let i = 0; i < expected.length; i++) {
    const distance = Math.abs(actual[i] - expected[i]);
    assert.ok(
      distance <= allowed,
      `${what}[${i}]: ${actual[i]}, but float64 gives ${expected[i]} (allowed ${allowed})`,
    );
  }
}

describe("the wasm engine agrees with the reference in float64, forward and backward", () => {
  const reference = new ReferenceEngine("float64");
  let wasm: Engine;
  before(async () => {
    wasm = await openEngine("wasm");
  });
  after(() => wasm.close());

  for (const sample of allCases()) {
    it(sample.title, async () => {
      const expected = await answer(reference, sample);
      const actual = await answer(wasm, sample);
      const allowed = tolerance(sample, expected);
      assertClose(actual.y, expected.y, allowed, "y");
      for (const [position, gradient] of expected.gradients.entries()) {
        const other = actual.gradients[position];
        assert.equal(other === undefined, gradient === undefined);
        if (gradient && other) assertClose(other, gradient, allowed, `gradient of input ${position}`);
      }
    });
  }

  it("leaves nothing behind on either engine", () => {
    assert.equal(reference.memory().tensors, 0);
    assert.equal(wasm.memory().tensors, 0);
  });
});

/** Sizes at which a fast engine packs, blocks and splits its work, none of them a multiple of anything it may use. */
const large: [name: string, options: unknown, ...shapes: number[][]][] = [
  ["add", undefined, [33, 61, 61], [61, 1]],
  ["multiply", undefined, [130_003], [130_003]],
  ["exp", undefined, [130_003]],
  ["permute", { permutation: [1, 2, 0] }, [37, 61, 43]],
  ["sum", { axes: [1], keepDims: false }, [301, 407]],
  ["sum", { axes: [0], keepDims: false }, [301, 407]],
  ["maximumOver", { axes: [0, 2], keepDims: false }, [41, 7, 301]],
  ["softmax", undefined, [67, 1501]],
  ["normalizeRows", { epsilon: 1e-12 }, [403, 257]],
  ["gatherRows", { index: Int32Array.from({ length: 700 }, (_, i) => (i * 577) % 900) }, [900, 131]],
  ["matmul", {}, [131, 259], [259, 203]],
  ["matmul", { transposeA: true }, [259, 131], [259, 203]],
  ["matmul", { transposeB: true }, [131, 259], [203, 259]],
  ["matmul", {}, [3, 65, 67], [3, 67, 41]],
  ["linear", undefined, [129, 257], [515, 257], [515]],
  ["conv2d", { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 }, [3, 17, 27, 29], [33, 17, 3, 3]],
  ["conv2d", { stride: [2, 2], padding: [1, 1], dilation: [1, 1], groups: 1 }, [3, 17, 27, 29], [33, 17, 3, 3], [33]],
  ["conv2d", { stride: [1, 1], padding: [2, 2], dilation: [2, 2], groups: 2 }, [2, 18, 27, 29], [22, 9, 3, 3]],
  ["conv2d", { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 35 }, [3, 35, 27, 29], [35, 1, 3, 3]],
  ["conv2d", { stride: [2, 2], padding: [0, 0], dilation: [1, 1], groups: 1 }, [3, 65, 15, 15], [67, 65, 1, 1]],
  ["batchNorm", { epsilon: 1e-5 }, [9, 19, 27, 29], [19], [19]],
  ["scaleChannels", undefined, [9, 19, 27, 29], [19], [19]],
  ["layerNorm", { epsilon: 1e-5 }, [301, 259], [259], [259]],
  ["prelu", undefined, [9, 19, 27, 29], [19]],
  ["maxPool2d", { kernel: [3, 3], stride: [2, 2], padding: [1, 1], dilation: [1, 1] }, [9, 19, 27, 29]],
  ["averagePool2d", { kernel: [2, 2], stride: [2, 2], padding: [0, 0], dilation: [1, 1] }, [9, 19, 27, 29]],
  ["crossEntropy", { labels: Int32Array.from({ length: 65 }, (_, i) => (i * 37) % 2003), smoothing: 0.1 }, [65, 2003]],
];

/**
 * ‖float32 − float64‖ / ‖float64‖. Roundings of random numbers are independent, so that errors grow with the square root of
 * the number of terms in a sum (Higham and Mary 2019): √10⁴ · 2⁻²⁴ = 6e-6 for the longest sums here; a wrong element in a thousand is 3e-2.
 */
function relativeDistance(actual: FloatArray, expected: FloatArray): number {
  let [error, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    error += (actual[i] - expected[i]) ** 2;
    size += expected[i] ** 2;
  }
  return Math.sqrt(error / size);
}

describe("the wasm engine agrees with the reference on large operands", () => {
  const reference = new ReferenceEngine("float64");
  let wasm: Engine;
  before(async () => {
    wasm = await openEngine("wasm", { threads: 2 });
  });
  after(() => wasm.close());

  for (const [name, options, ...shapes] of large) {
    const operation = operations.find(({ definition }) => definition.name === name);
    assert.ok(operation, `there is an operation ${name}`);
    const sample = sizedCase(operation, options, shapes);
    it(sample.title, async () => {
      const expected = await answer(reference, sample);
      const actual = await answer(wasm, sample);
      assert.ok(relativeDistance(actual.y, expected.y) < 1e-5, `y: ${relativeDistance(actual.y, expected.y)}`);
      for (const [position, gradient] of expected.gradients.entries()) {
        const distance = relativeDistance(
          actual.gradients[position] ?? new Float32Array(),
          gradient ?? new Float64Array(),
        );
        assert.ok(distance < 1e-5, `gradient of input ${position}: ${distance}`);
      }
    });
  }
});
