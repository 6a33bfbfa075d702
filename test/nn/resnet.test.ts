import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constant } from "../../src/autograd/variable.js";
import { evaluating } from "../../src/nn/context.js";
import { ResNet, resnetSpecification, type ResNetDepth } from "../../src/nn/resnet.js";
import { smallResnet, smallResnetSpecification } from "../../src/nn/smallResnet.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { sizeOf, type Shape } from "../../src/tensor/shape.js";
import { lossesOfOrder } from "./learnsOrder.js";
import { Flatten, Linear, Sequential } from "../../src/nn/layers/index.js";

/** What torchvision's ResNets with bottlenecks hold, written down layer by layer: parameters, then running statistics of the same batch norm. */
function published(blocks: readonly number[], classes: number | undefined) {
  const parameters: [string, Shape][] = [];
  const buffers: [string, Shape][] = [];
  const conv = (name: string, out: number, channels: number, kernel: number): void =>
    void parameters.push([`${name}.weight`, [out, channels, kernel, kernel]]);
  const norm = (name: string, channels: number): void => {
    for (const part of ["weight", "bias"]) parameters.push([`${name}.${part}`, [channels]]);
    for (const part of ["running_mean", "running_var"]) buffers.push([`${name}.${part}`, [channels]]);
  };
  conv("conv1", 64, 3, 7);
  norm("bn1", 64);
  let channels = 64;
  for (const [stage, count] of blocks.entries()) {
    const inner = 64 * 2 ** stage;
    for (let block = 0; block < count; block++) {
      const at = `layer${stage + 1}.${block}`;
      conv(`${at}.conv1`, inner, channels, 1);
      norm(`${at}.bn1`, inner);
      conv(`${at}.conv2`, inner, inner, 3);
      norm(`${at}.bn2`, inner);
      conv(`${at}.conv3`, 4 * inner, inner, 1);
      norm(`${at}.bn3`, 4 * inner);
      if (block === 0) {
        conv(`${at}.downsample.0`, 4 * inner, channels, 1);
        norm(`${at}.downsample.1`, 4 * inner);
      }
      channels = 4 * inner;
    }
  }
  if (classes !== undefined) parameters.push(["fc.weight", [classes, 2048]], ["fc.bias", [classes]]);
  return { parameters, buffers };
}

const pairs = (entries: readonly { name: string; shape: Shape }[]): [string, Shape][] =>
  entries.map(({ name, shape }) => [name, shape]);

const count = (shapes: readonly { shape: Shape }[]): number =>
  shapes.reduce((total, { shape }) => total + sizeOf(shape), 0);

function image(engine: ReferenceEngine, shape: Shape) {
  return constant(
    engine.tensor(
      Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * i * 0.37)),
      shape,
    ),
  );
}

describe("ResNet", () => {
  for (const [depth, blocks, total] of [
    [50, [3, 4, 6, 3], 25_557_032],
    [101, [3, 4, 23, 3], 44_549_160],
    [152, [3, 8, 36, 3], 60_192_808],
  ] as const) {
    it(`has the names, shapes and number of parameters of the published network at depth ${depth}`, () => {
      const network = new ResNet(resnetSpecification({ depth, classes: 1000 }));
      const expected = published(blocks, 1000);
      assert.deepEqual(pairs(network.parameterShapes()), expected.parameters);
      assert.deepEqual(pairs(network.bufferShapes()), expected.buffers);
      assert.equal(count(network.parameterShapes()), total);
      const headless = new ResNet(resnetSpecification({ depth }));
      assert.deepEqual(pairs(headless.parameterShapes()), published(blocks, undefined).parameters);
      assert.equal(count(headless.parameterShapes()), total - 2048 * 1000 - 1000);
      assert.equal(headless.mapChannels, 2048);
    });
  }

  it("names the depths that exist", () => {
    assert.throws(() => resnetSpecification({ depth: 18 as ResNetDepth }), /50, 101, 152; given 18/);
  });

  it("says what makes no network", () => {
    const small = smallResnetSpecification({});
    assert.throws(() => new ResNet({ ...small, widths: [4] }), /resnet: 1 widths and 3 block counts/);
    assert.throws(() => new ResNet({ ...small, strides: [2, 0, 1] }), /stride.*given 2, 0, 1 for 3 stages/);
    assert.throws(() => new ResNet({ ...small, strides: [2] }), /given 2 for 3 stages/);
    assert.throws(() => new ResNet({ ...small, stem: { ...small.stem, kernel: 4 } }), /odd.*given 4/);
  });

  it("says which images it was made for", () => {
    const engine = new ReferenceEngine("float64");
    const network = smallResnet(engine, { widths: [2], blocks: [1], seed: 0 });
    assert.throws(
      () => network.forward(image(engine, [1, 3, 4, 4]), evaluating),
      /\[B, 1, H, W\]; given \[1, 3, 4, 4\]/,
    );
  });

  it("classifies the mean of the map, and only where it has classes", () => {
    const engine = new ReferenceEngine("float64");
    const specification = { ...smallResnetSpecification({ widths: [2, 3], blocks: [1, 1] }), classes: 4 };
    const network = new ResNet(specification).allocate(engine, 1);
    const x = image(engine, [2, 1, 8, 8]);
    const map = network.forward(x, evaluating);
    assert.deepEqual(map.shape, [2, 3, 2, 2]);
    const [cells, state] = [map.dataSync(), network.stateDictionary()];
    const [weight, bias] = ["fc.weight", "fc.bias"].map((name) => state.get(name)!.dataSync());
    const logits = network.classify(x, evaluating);
    assert.deepEqual(logits.shape, [2, 4]);
    for (const [at, logit] of logits.dataSync().entries()) {
      const [b, k] = [Math.floor(at / 4), at % 4];
      let expected = bias[k];
      for (let c = 0; c < 3; c++)
        for (let cell = 0; cell < 4; cell++) expected += (weight[3 * k + c] * cells[12 * b + 4 * c + cell]) / 4;
      assert.ok(Math.abs(logit - expected) <= 1e-14, `${logit}, not ${expected}`);
    }
    const headless = new ResNet({ ...specification, classes: undefined }).allocate(engine, 1);
    assert.throws(() => headless.classify(x, evaluating), /no classifier/);
  });
});

describe("smallResnet", () => {
  it("leaves a map of 4×4 or 8×8 cells of 32 and 64 pixels", () => {
    const engine = new ReferenceEngine("float32");
    const cells = (side: number, options: { stemStride?: number; lastStride?: number }) =>
      smallResnet(engine, { ...options, widths: [2, 2, 3], seed: 0 }).forward(
        image(engine, [1, 1, side, side]),
        evaluating,
      ).shape;
    assert.deepEqual(cells(32, {}), [1, 3, 4, 4]);
    assert.deepEqual(cells(32, { lastStride: 1 }), [1, 3, 8, 8]);
    assert.deepEqual(cells(64, { stemStride: 2 }), [1, 3, 4, 4]);
    assert.deepEqual(cells(64, {}), [1, 3, 8, 8]);
  });

  it("has as many parameters as its docstring says", () => {
    // a block: two convolutions, the shortcut, and three batch norms of two numbers a channel
    const block = (a: number, b: number, shortcut: number): number =>
      9 * a * b + 9 * b * b + 4 * b + shortcut * (a * b + 2 * b);
    const expected = 9 * 16 + 2 * 16 + block(16, 16, 1) + block(16, 32, 1) + block(32, 64, 1);
    assert.equal(count(new ResNet(smallResnetSpecification({})).parameterShapes()), expected);
    assert.equal(Math.round(expected / 1000), 77);
  });

  for (const block of ["basic", "bottleneck"] as const) {
    it(`learns with ${block} blocks: the distance to a target that the last bias alone cannot approach falls to a tenth`, () => {
      const engine = new ReferenceEngine("float32");
      const backbone = new ResNet(smallResnetSpecification({ widths: [4, 8], blocks: [1, 1], block }));
      const network = new Sequential([backbone, new Flatten(), new Linear({ in: 8 * 4, out: 4 })]).allocate(engine, 3);
      const losses = lossesOfOrder(engine, network, image(engine, [6, 1, 8, 8]), 60);
      assert.ok(losses[59] < losses[0] / 10, losses.join(" "));
    });
  }
});
