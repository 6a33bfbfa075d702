/** ResNet is what loops over its specification give; new blocks are relu(shortcut); maps follow images of any size. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { Variable, constant } from "../../src/autograd/index.js";
import {
  BasicBlock,
  Bottleneck,
  ResNet,
  evaluating,
  smallResnet,
  training,
  type Context,
  type Module,
  type ResNetSpecification,
} from "../../src/nn/index.js";
import { sizeOf } from "../../src/tensor/shape.js";
import { arrays } from "../arbitraries/arrays.js";
import { seeds } from "../arbitraries/numbers.js";
import { exact } from "../engines.js";
import { assertWithin } from "../operations/close.js";
import { property } from "../property.js";
import { plainResnet, plainShortcut, type Maps, type Weights } from "./plainResnet.js";

function weightsOf(module: Module): Weights {
  const state = module.stateDictionary();
  const values = new Map([...module.stateDictionary()].map(([name, tensor]) => [name, tensor.dataSync()]));
  return {
    shape: (name) => state.get(name)!.shape,
    values: (name) => values.get(name)!,
    has: (name) => values.has(name),
  };
}

/** As of a network that has learned: scales, shifts and statistics differ, and no branch is silent. */
function agitate(module: Module): void {
  for (const [at, tensor] of [...module.stateDictionary().values()].entries()) {
    if (tensor.rank !== 1) continue;
    const values = Array.from({ length: tensor.size }, (_, i) => 0.5 + ((7 * at + 3 * i) % 5) / 4);
    exact.assign(tensor, exact.tensor(values, tensor.shape));
  }
}

function answer(module: Module, { shape, values }: Maps, context: Context): Maps {
  const y = module.forward(constant(exact.tensor(values, shape)), context);
  return { shape: y.shape as unknown as Maps["shape"], values: [...y.dataSync()] };
}

/** float64 sums in another order, which every norm of a variance of at least 1e-5 may raise. */
const nearby = (expected: readonly number[]): number[] => expected.map((x) => 1e-8 * Math.max(1, Math.abs(x)));

function assertMaps(actual: Maps, expected: Maps, what: string): void {
  assert.deepEqual(actual.shape, expected.shape, what);
  assertWithin(actual.values, expected.values, nearby(expected.values), what);
}

const extents = fc.tuple(fc.integer({ min: 3, max: 7 }), fc.integer({ min: 3, max: 7 }));
const imagesOf = (channels: number): fc.Arbitrary<Maps> =>
  extents
    .chain(([H, W]) => arrays([2, channels, H, W]))
    .map(({ shape, values }) => ({ shape: shape as unknown as Maps["shape"], values }));
const contexts = fc.constantFrom(training(0), evaluating);
const stems = fc.record({
  width: fc.constant(2),
  kernel: fc.constantFrom(3, 7),
  stride: fc.constantFrom(1, 2),
  pool: fc.boolean(),
});
const specifications: fc.Arbitrary<ResNetSpecification> = fc.record({
  channels: fc.constant(2),
  stem: stems,
  block: fc.constantFrom("basic", "bottleneck"),
  widths: fc.constantFrom([4, 8], [4, 4]),
  blocks: fc.constantFrom([1, 1], [2, 1]),
  strides: fc.constantFrom([1, 2], [2, 1]),
});

describe("ResNet", () => {
  property(
    "is what loops over its specification give, in training and in evaluation",
    [specifications, imagesOf(2), seeds(), contexts],
    (specification, images, seed, context) =>
      exact.scope(() => {
        const made = new ResNet(specification).allocate(exact, seed);
        agitate(made);
        const expected = plainResnet(images, specification, weightsOf(made), context.training);
        assertMaps(answer(made, images, context), expected, context.training ? "in training" : "in evaluation");
        made.dispose();
      }),
    { runs: 40 },
  );

  property(
    "makes of an image of any size a map of its sides over the strides, rounded up, of numbers that are not negative",
    [fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.constantFrom(1, 2), fc.constantFrom(1, 2)],
    (height, width, stemStride, lastStride) =>
      exact.scope(() => {
        const options = { widths: [1, 1, 2], stemStride, lastStride };
        const made = smallResnet(exact, { ...options, seed: 1 });
        const images = exact.tensor(Array.from({ length: height * width }, (_, i) => Math.sin(i * i)), [1, 1, height, width]); // prettier-ignore
        const map = made.forward(constant(images), evaluating);
        const by = stemStride * 4 * lastStride;
        assert.deepEqual(map.shape, [1, 2, Math.ceil(height / by), Math.ceil(width / by)]);
        assert.ok(map.dataSync().every((value) => value >= 0));
        made.dispose();
      }),
    { runs: 60 },
  );
});

describe("a new residual block", () => {
  const shapes = fc.record({ in: fc.constant(4), out: fc.constantFrom(4, 8), stride: fc.constantFrom(1, 2) });

  property(
    "is relu(shortcut): its branch is silent",
    [shapes, fc.constantFrom(BasicBlock, Bottleneck), imagesOf(4), seeds(), contexts],
    (shape, Block, x, seed, context) =>
      exact.scope(() => {
        const made = new Block(shape).allocate(exact, seed);
        const { shape: size, values } = plainShortcut(x, weightsOf(made), "", shape.stride, context.training);
        const expected = { shape: size, values: values.map((value) => Math.max(value, 0)) };
        assertMaps(answer(made, x, context), expected, Block.name);
        made.dispose();
      }),
    { runs: 60 },
  );

  property(
    "hands the whole gradient on through its shortcut where that is the input",
    [fc.constantFrom(BasicBlock, Bottleneck), seeds(), contexts],
    (Block, seed, context) =>
      exact.scope(() => {
        const made = new Block({ in: 4, out: 4, stride: 1 }).allocate(exact, seed);
        const shape = [2, 4, 3, 3];
        const positive = Array.from({ length: sizeOf(shape) }, (_, i) => 1.5 + Math.sin(i)); // where relu hands all on
        const leaf = new Variable(exact.tensor(positive, shape), true);
        made.forward(leaf, context).backward(exact.full(shape, 1));
        assert.deepEqual([...leaf.grad!.dataSync()], new Array<number>(sizeOf(shape)).fill(1));
        leaf.zeroGrad();
        for (const { variable } of made.parameters()) variable.zeroGrad();
        made.dispose();
      }),
    { runs: 20 },
  );
});
