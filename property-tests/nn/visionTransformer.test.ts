/**
 * The vision transformer is what loops over its specification give; where a patch lies is known to its position embedding and to the head, and to
 * nothing else; and what it leaves out in training is a function of (seed, step, rank).
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { constant } from "../../src/autograd/index.js";
import { evaluating, training, type Context } from "../../src/nn/index.js";
import { smallViT } from "../../src/nn/smallViT.js";
import { TransformerBlock } from "../../src/nn/transformerBlock.js";
import type { VisionTransformer } from "../../src/nn/visionTransformer.js";
import { arrays } from "../arbitraries/arrays.js";
import { between, seeds } from "../arbitraries/numbers.js";
import { permutations } from "../arbitraries/shapes.js";
import { exact } from "../engines.js";
import { assertWithin } from "../operations/close.js";
import { property } from "../property.js";
import { plainBlocks, plainHead, plainTokens, type Weights } from "./plainViT.js";

const [GRID, PATCH, WIDTH, BATCH] = [3, 2, 4, 3];
const SIDE = GRID * PATCH;
const TOKENS = GRID ** 2;
const OPTIONS = { side: SIDE, patch: PATCH, width: WIDTH, depth: 2, heads: 2, mlpRatio: 2, embedding: 3 };

const images = arrays([BATCH, 1, SIDE, SIDE]).map(({ values }) => values);

/** Weights of order 1, so that every part of the network counts. */
function network(seed: number | string, options: { maskRate?: number; dropPath?: number } = {}): VisionTransformer {
  const made = smallViT(exact, { ...OPTIONS, ...options, seed });
  for (const { variable } of made.parameters())
    exact.blend(variable.tensor, 1, exact.affine(variable.tensor, 20, 0), 1);
  return made;
}

function embeddings(made: VisionTransformer, values: readonly number[], context: Context): number[] {
  return exact.scope(() => [
    ...made.forward(constant(exact.tensor(values, [values.length / SIDE ** 2, 1, SIDE, SIDE])), context).dataSync(),
  ]);
}

/** Patch order[t] of every image at place t. */
function patchesMoved(values: readonly number[], order: readonly number[]): number[] {
  return values.map((_, at) => {
    const [image, y, x] = [Math.floor(at / SIDE ** 2), Math.floor(at / SIDE) % SIDE, at % SIDE];
    const from = order[Math.floor(y / PATCH) * GRID + Math.floor(x / PATCH)];
    const row = Math.floor(from / GRID) * PATCH + (y % PATCH);
    return values[image * SIDE ** 2 + row * SIDE + (from % GRID) * PATCH + (x % PATCH)];
  });
}

/** Groups of WIDTH numbers of each row in another order. */
function groupsMoved(values: ArrayLike<number>, order: readonly number[]): number[] {
  const row = TOKENS * WIDTH;
  return Array.from({ length: values.length }, (_, at) => {
    const [start, place] = [at - (at % row), at % row];
    return values[start + order[Math.floor(place / WIDTH)] * WIDTH + (place % WIDTH)];
  });
}

/** Everything that it is made of, by its names. */
function weightsOf(made: VisionTransformer): Weights {
  return new Map([...made.stateDictionary()].map(([name, tensor]) => [name, [...tensor.dataSync()]]));
}

const imagesOf = (values: readonly number[]): number[][] =>
  Array.from({ length: values.length / SIDE ** 2 }, (_, i) => values.slice(i * SIDE ** 2, (i + 1) * SIDE ** 2));

/** float64 sums in another order, which every one of six norms of a variance of at least 1e-5 may raise. */
const nearby = (expected: readonly number[]): number[] => expected.map((x) => 1e-9 * Math.max(1, Math.abs(x)));

describe("the vision transformer", () => {
  property(
    "is what loops over its specification give, in training and in evaluation",
    [images, seeds(), fc.boolean()],
    (values, seed, isTraining) =>
      exact.scope(() => {
        const made = network(seed);
        const state = made.stateDictionary();
        // as of a network that has learned: norms that differ, statistics that are not 0 and 1
        for (const [at, tensor] of [...state.values()].entries()) {
          if (tensor.rank !== 1) continue;
          const values = Array.from({ length: tensor.size }, (_, i) => 0.5 + ((7 * at + 3 * i) % 5) / 4);
          exact.assign(tensor, exact.tensor(values, tensor.shape));
        }
        const weights = weightsOf(made);
        const tokens = imagesOf(values).map((image) =>
          plainBlocks(plainTokens(image, made.specification, weights), made.specification, weights),
        );
        const expected = plainHead(tokens, weights, isTraining).flat();
        const found = embeddings(made, values, isTraining ? training(3) : evaluating);
        assertWithin(found, expected, nearby(expected), isTraining ? "in training" : "in evaluation");
        made.dispose();
      }),
    { runs: 30 },
  );

  property(
    "does not see where patches are, if position embeddings and the weights of the head move with them",
    [images, permutations(TOKENS), seeds()],
    (values, order, seed) =>
      exact.scope(() => {
        const made = network(seed);
        const before = embeddings(made, values, evaluating);
        const state = made.stateDictionary();
        for (const name of ["pos_embed", "feature.0.weight"]) {
          const tensor = state.get(name)!;
          exact.assign(tensor, exact.tensor(groupsMoved(tensor.dataSync(), order), tensor.shape));
        }
        // float64 sums in another order, which norms of a variance of at least 1e-5 raise by 300 at most each
        const after = embeddings(made, patchesMoved(values, order), evaluating);
        assertWithin(
          after,
          before,
          before.map((x) => 1e-10 * Math.max(1, Math.abs(x))),
          "sums in another order",
        );
        made.dispose();
      }),
    { runs: 40 },
  );

  property(
    "gives an image the embedding that it has alone, in evaluation, whatever its rates in training",
    [images, seeds()],
    (values, seed) =>
      exact.scope(() => {
        const made = network(seed, { maskRate: 0.3, dropPath: 0.5 });
        const all = embeddings(made, values, evaluating);
        for (let image = 0; image < BATCH; image++) {
          const alone = embeddings(made, values.slice(image * SIDE ** 2, (image + 1) * SIDE ** 2), evaluating);
          assert.deepEqual(alone, all.slice(image * 3, image * 3 + 3));
        }
        made.dispose();
      }),
    { runs: 40 },
  );

  property(
    "trains as a function of seed, step and rank: the same again",
    [images, seeds(), fc.nat(), fc.nat({ max: 7 })],
    (values, seed, step, rank) =>
      exact.scope(() => {
        const answers = [0, 1].map(() => {
          const made = network(1, { maskRate: 0.3, dropPath: 0.5 });
          const y = embeddings(made, values, training(step, { seed, rank }));
          made.dispose();
          return y;
        });
        assert.deepEqual(answers[1], answers[0]);
      }),
    { runs: 20 },
  );

  property(
    "leaves out other tokens and other branches in another step, on another rank, from another seed",
    [images, fc.nat(), fc.nat({ max: 6 }), fc.constantFrom({ maskRate: 0.5 }, { dropPath: 0.5 })],
    (values, step, rank, rates) =>
      exact.scope(() => {
        const made = network(1, rates);
        const at = (of: number, where: { seed: number; rank: number }): string =>
          embeddings(made, values, training(of, where)).join();
        const first = Array.from({ length: 8 }, (_, i) => at(step + i, { seed: 1, rank }));
        // eight draws of one of 126 sets, or of whether to skip two branches, for each of three images: all equal by chance once in 2^48
        const others: Record<string, string[]> = {
          step: first.map(() => first[0]),
          rank: first.map((_, i) => at(step + i, { seed: 1, rank: rank + 1 })),
          seed: first.map((_, i) => at(step + i, { seed: 2, rank })),
        };
        const differ = new Set(imagesOf(values).map((image) => image.join())).size === BATCH;
        if (differ) for (const [name, drawn] of Object.entries(others)) assert.notDeepEqual(drawn, first, name);
        made.dispose();
      }),
    { runs: 10 },
  );

  property(
    "raises the rate of stochastic depth evenly from nothing at the first block to that of the last",
    [fc.integer({ min: 2, max: 6 }), between(0, 0.9)],
    (depth, dropPath) => {
      const made = smallViT(exact, { ...OPTIONS, depth, dropPath, seed: 0 });
      const rates = made.blocks.children().map(([, block]) => {
        assert.ok(block instanceof TransformerBlock, "a block");
        assert.equal(block.dropPath1.rate, block.dropPath2.rate);
        return block.dropPath1.rate;
      });
      const expected = Array.from({ length: depth }, (_, block) => (block / (depth - 1)) * dropPath);
      assertWithin(rates, expected, rates.map(() => 1e-15), "rates"); // prettier-ignore
      made.dispose();
    },
    { runs: 20 },
  );
});
