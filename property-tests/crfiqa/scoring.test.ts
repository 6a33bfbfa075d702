/** Scores of images are a function of the image: whatever else is in its batch, and in whatever order (specification, section 7). */
import assert from "node:assert/strict";
import { after, describe } from "node:test";
import fc from "fast-check";
import { QualityNetwork } from "../../src/crfiqa/qualityNetwork.js";
import { IResNet, smallIresnetSpecification, training } from "../../src/nn/index.js";
import { constant, noGrad } from "../../src/autograd/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { hashUniform } from "../../src/tensor/random.js";
import { scoreBatch } from "../../src/training/scoreImages.js";
import { permutations } from "../arbitraries/shapes.js";
import { engines } from "../engines.js";
import { property } from "../property.js";

const SIDE = 8;
const PIXELS = SIDE * SIDE;

/** Image `number`: noise of its own. */
function image(number: number): Float32Array {
  return Float32Array.from({ length: PIXELS }, (_, i) => hashUniform([3, number], 0, i));
}

/** Two blocks, after a forward pass in training: its running statistics are no longer 0 and 1. */
function network(engine: Engine): QualityNetwork {
  const specification = smallIresnetSpecification({
    ...{ side: SIDE, channels: 1, widths: [4, 6], blocks: [1, 1], embedding: 5, dropout: 0.4 },
  });
  const made = new QualityNetwork(new IResNet(specification), specification.embedding).allocate(engine, 4);
  engine.scope(() => {
    const batch = Float32Array.from({ length: 4 * PIXELS }, (_, i) => hashUniform([1, 1], 0, i));
    noGrad(() => made.forward(constant(engine.tensor(batch, [4, 1, SIDE, SIDE])), training(0)));
  });
  return made;
}

const networks = engines.map((engine) => ({ engine, network: network(engine) }));
after(() => {
  for (const { network } of networks) network.dispose();
});

async function scores(of: (typeof networks)[number], numbers: readonly number[]): Promise<number[]> {
  const images = new Float32Array(numbers.length * PIXELS);
  numbers.forEach((number, place) => images.set(image(number), place * PIXELS));
  return Array.from(await scoreBatch(of, images, [numbers.length, 1, SIDE, SIDE]));
}

describe("a score", () => {
  property(
    "is the same bits for an image alone and in any batch, in any order",
    [fc.integer({ min: 1, max: 9 }).chain((count) => fc.tuple(fc.array(fc.nat({ max: 20 }), { minLength: count, maxLength: count }), permutations(count)))], // prettier-ignore
    async ([numbers, order]) => {
      for (const of of networks) {
        const together = await scores(of, numbers);
        const alone: number[] = [];
        for (const number of numbers) alone.push(...(await scores(of, [number])));
        assert.deepEqual(together, alone, of.engine.name);
        const shuffled = await scores(of, order.map((place) => numbers[place])); // prettier-ignore
        assert.deepEqual(shuffled, order.map((place) => together[place])); // prettier-ignore
      }
    },
    { runs: 25 },
  );

  property(
    "tells images apart: those of two images differ",
    [fc.nat({ max: 50 })],
    async (number) => {
      for (const of of networks) {
        const [one, other] = await scores(of, [number, number + 1]);
        assert.notEqual(one, other, of.engine.name);
      }
    },
    { runs: 20 },
  );
});
