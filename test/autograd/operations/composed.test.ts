import { describe, it } from "node:test";
import assert from "node:assert/strict";
import * as ag from "../../../src/autograd/index.js";
import { checkGradients, constant, parameter } from "../../../src/autograd/index.js";
import { ReferenceEngine } from "../../../src/tensor/engines/reference/index.js";
import { stream } from "../../../src/tensor/random.js";
import { sizeOf } from "../../../src/tensor/shape.js";
import type { Tensor } from "../../../src/tensor/tensor.js";
import { assertClose } from "../../tensor/engines/reference/close.js";

const engine = new ReferenceEngine("float64");

function normal(name: string, ...shape: number[]): Tensor {
  const random = stream("composed", name);
  return engine.tensor(
    Array.from({ length: sizeOf(shape) }, () => random.normal()),
    shape,
  );
}

describe("pooling over whole channels", () => {
  const x = engine.affine(normal("gem", 2, 3, 4, 2), 0.2, 2); // positive
  const gem = (p: number): number[] => Array.from(ag.gemPool(constant(x), constant(engine.full([1], p))).dataSync());

  it("the generalised mean is the mean at p = 1 and tends to the maximum", () => {
    assertClose(gem(1), ag.globalAveragePool(constant(x)).dataSync(), 1e-14);
    // (1/n)^(1/p) · max ≤ gem ≤ max with n = 8 pixels: 0.7 % at p = 300
    assertClose(gem(300), ag.globalMaxPool(constant(x)).dataSync(), 0.007);
  });

  it("the generalised mean has derivatives in x and in p", () => {
    checkGradients(([a, p]) => ag.gemPool(a, p), [x, engine.full([1], 3)]);
  });

  it("keeps [B, C, 1, 1], the generalised mean [B, C]", () => {
    assert.deepEqual(ag.globalAveragePool(constant(x)).shape, [2, 3, 1, 1]);
    assert.deepEqual(ag.globalMaxPool(constant(x)).shape, [2, 3, 1, 1]);
    assert.deepEqual(ag.gemPool(constant(x), constant(engine.full([1], 3))).shape, [2, 3]);
  });
});

describe("batch norm with running statistics", () => {
  const x = normal("batch", 4, 3, 2);
  const [weight, bias] = [normal("weight", 3), normal("bias", 3)];
  const settings = (training: boolean) => ({
    epsilon: 1e-5,
    momentum: 0.25,
    training,
    running: { mean: engine.tensor([1, 2, 3], [3]), variance: engine.tensor([4, 5, 6], [3]) },
  });

  it("moves them towards the batch, with the unbiased variance", () => {
    const options = settings(true);
    ag.batchNorm(constant(x), constant(weight), constant(bias), options);
    const mean = engine.reduce("mean", x, [0, 2], false).dataSync();
    const squares = engine.reduce("mean", engine.unary("square", x), [0, 2], false).dataSync();
    const unbiased = Array.from(squares, (square, c) => ((square - mean[c] ** 2) * 8) / 7); // 8 values a channel
    const moved = (old: number[], batch: ArrayLike<number>): number[] => old.map((v, c) => 0.75 * v + 0.25 * batch[c]);
    assertClose(options.running.mean.dataSync(), moved([1, 2, 3], mean), 1e-14);
    assertClose(options.running.variance.dataSync(), moved([4, 5, 6], unbiased), 1e-14);
  });

  it("uses them when not training, and leaves them alone", () => {
    const options = settings(false);
    const y = ag.batchNorm(constant(x), constant(weight), constant(bias), options).dataSync();
    const values = { x: x.dataSync(), weight: weight.dataSync(), bias: bias.dataSync() };
    const expected = Array.from(values.x, (value, i) => {
      const c = Math.floor(i / 2) % 3;
      return (values.weight[c] * (value - [1, 2, 3][c])) / Math.sqrt([4, 5, 6][c] + 1e-5) + values.bias[c];
    });
    assertClose(y, expected, 1e-14);
    assert.deepEqual([...options.running.mean.dataSync()], [1, 2, 3]);
    checkGradients(([a, w, b]) => ag.batchNorm(a, w, b, options), [x, weight, bias]);
  });

  it("keeps no tensor of its own", () => {
    const own = new ReferenceEngine("float64");
    const running = { mean: own.full([2], 0), variance: own.full([2], 1) };
    const leaves = [own.full([3, 2], 1), own.full([2], 1), own.full([2], 0)].map(parameter);
    for (const training of [true, false]) {
      own.scope(() => {
        const [a, w, b] = leaves;
        ag.sum(ag.batchNorm(a, w, b, { epsilon: 1e-5, momentum: 0.1, running, training })).backward();
      });
      assert.equal(own.memory().tensors, 2 + 3 + 3); // statistics, leaves, gradients
    }
  });
});

describe("cross-entropy", () => {
  const logits = normal("logits", 4, 5);
  const labels = Int32Array.of(2, 0, 4, 2);

  /** −Σ_c q_c log p_c of every row, by the definition, for target rows q. */
  function byDefinition(targets: number[][]): number[] {
    const values = logits.dataSync();
    return targets.map((target, row) => {
      const exponentials = Array.from(values.subarray(row * 5, row * 5 + 5), Math.exp);
      const total = exponentials.reduce((a, b) => a + b);
      return -target.reduce((sum, q, c) => sum + q * Math.log(exponentials[c] / total), 0);
    });
  }
  const rows = (target: (label: number, c: number) => number): number[][] =>
    Array.from(labels, (label) => Array.from({ length: 5 }, (_, c) => target(label, c)));
  const loss = (options: ag.CrossEntropyOptions): number[] =>
    Array.from(ag.crossEntropy(constant(logits), labels, options).dataSync());

  it("is −log p of the label, as mean, sum or one number a row", () => {
    const expected = byDefinition(rows((label, c) => (label === c ? 1 : 0)));
    const total = expected.reduce((a, b) => a + b);
    assertClose(loss({ reduction: "none" }), expected, 1e-14);
    assertClose([...loss({ reduction: "sum" }), ...loss({})], [total, total / 4], 1e-14);
  });

  it("smooths the target", () => {
    const expected = byDefinition(rows((label, c) => (label === c ? 0.7 : 0) + 0.3 / 5));
    assertClose(loss({ reduction: "none", smoothing: 0.3 }), expected, 1e-14);
  });

  it("weighs classes, and divides a mean by the weights of its labels", () => {
    const weight = [0.5, 1, 2, 0, 1.5];
    const expected = byDefinition(rows((label, c) => weight[c] * ((label === c ? 0.7 : 0) + 0.3 / 5)));
    const divisor = 2 + 0.5 + 1.5 + 2;
    assertClose(loss({ weight, smoothing: 0.3 }), [expected.reduce((a, b) => a + b) / divisor], 1e-14);
  });

  it("leaves ignored rows out of sum, mean and gradient", () => {
    const expected = byDefinition(rows((label, c) => (label === c && label !== 2 ? 1 : 0)));
    assertClose(loss({ ignoreIndex: 2 }), [(expected[1] + expected[2]) / 2], 1e-14);
    const x = parameter(logits);
    ag.crossEntropy(x, labels, { ignoreIndex: 2 }).backward();
    const gradient = x.grad?.dataSync() ?? [];
    assert.deepEqual([...gradient.slice(0, 5), ...gradient.slice(15)], new Array(10).fill(0));
  });

  it("stays finite for logits of any size", () => {
    const large = constant(engine.tensor([1000, 0, -1000], [1, 3]));
    assert.deepEqual([...ag.crossEntropy(large, Int32Array.of(2)).dataSync()], [2000]);
  });
});

describe("smooth L1", () => {
  it("is d²/2β within β of the target and |d| − β/2 beyond, on average", () => {
    const differences = [-3, -0.5, 0, 0.2, 0.5, 4];
    const x = constant(engine.affine(engine.tensor(differences, [6]), 1, 10));
    const each = differences.map((d) => (Math.abs(d) < 0.5 ? d ** 2 / (2 * 0.5) : Math.abs(d) - 0.25));
    const expected = each.reduce((a, b) => a + b) / 6;
    assertClose(ag.smoothL1(x, constant(engine.full([6], 10)), 0.5).dataSync(), [expected], 1e-15);
  });
});

describe("dropout", () => {
  const x = constant(engine.full([100, 50], 1));

  it("drops about the rate, keeps the expectation, and is a function of the key alone", () => {
    const y = ag.dropout(x, 0.3, [1, 2]).dataSync();
    assert.deepEqual([...new Set(y)].sort(), [0, 1 / 0.7]);
    const dropped = y.filter((value) => value === 0).length / y.length;
    assert.ok(Math.abs(dropped - 0.3) < 4 * Math.sqrt((0.3 * 0.7) / y.length), `${dropped}`); // four deviations
    assert.deepEqual(ag.dropout(x, 0.3, [1, 2]).dataSync(), y);
    assert.notDeepEqual(ag.dropout(x, 0.3, [1, 3]).dataSync(), y);
  });

  it("of rate 0 is its input", () => {
    assert.equal(ag.dropout(x, 0, [1, 2]), x);
  });
});

describe("gelu", () => {
  it("and its tanh approximation differ by less than 5e-4 (Hendrycks and Gimpel, section 2)", () => {
    const x = constant(
      engine.tensor(
        Array.from({ length: 121 }, (_, i) => (i - 60) / 10),
        [121],
      ),
    );
    assertClose(ag.geluTanh(x).dataSync(), ag.gelu(x).dataSync(), 5e-4);
  });
});
