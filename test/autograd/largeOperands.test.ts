/**
 * Operations on operands so large that a fast engine packs them, splits them into blocks and shares them among threads; small ones are
 * the business of property-tests/operations.
 */
import { after, before, describe, it } from "node:test";
import assert from "node:assert/strict";
import { operations } from "../../src/operations.js";
import type { Engine } from "../../src/tensor/engine.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { stream } from "../../src/tensor/random.js";
import { formatShape, sizeOf } from "../../src/tensor/shape.js";
import type { Call } from "../../property-tests/arbitraries/operationCalls.js";
import { answer, bounds } from "../../property-tests/operations/answer.js";
import { assertAnswer } from "../../property-tests/operations/close.js";

/** None of the sizes is a multiple of anything an engine may use. */
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

/** A call with standard normal numbers, as float32 holds them. */
function callOf(name: string, options: unknown, shapes: readonly number[][]): Call {
  const inputs = shapes.map((shape, position) => {
    const random = stream("large operands", name, position);
    return { shape, values: Array.from({ length: sizeOf(shape) }, () => Math.fround(random.normal())) };
  });
  return { inputs, options };
}

describe("the wasm engine agrees with the reference on large operands", () => {
  let wasm: Engine;
  before(async () => {
    wasm = await openEngine("wasm", { threads: 2 });
  });
  after(() => wasm.close());

  for (const [name, options, ...shapes] of large) {
    const operation = operations.find(({ definition }) => definition.name === name);
    assert.ok(operation, `there is an operation ${name}`);
    it(`${name} of ${shapes.map(formatShape).join(", ")}`, () => {
      const call = callOf(name, options, shapes);
      assertAnswer(answer(wasm, operation, call), bounds(operation, call), wasm.name);
    });
  }
});
