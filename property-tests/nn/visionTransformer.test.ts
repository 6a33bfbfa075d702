/** The vision transformer: where a patch lies is known to its position embedding and to the head, and to nothing else. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { constant } from "../../src/autograd/index.js";
import { evaluating, training, type Context } from "../../src/nn/index.js";
import { smallViT } from "../../src/nn/smallViT.js";
import type { VisionTransformer } from "../../src/nn/visionTransformer.js";
import { arrays } from "../arbitraries/arrays.js";
import { seeds } from "../arbitraries/numbers.js";
import { permutations } from "../arbitraries/shapes.js";
import { exact } from "../engines.js";
import { assertWithin } from "../operations/close.js";
import { property } from "../property.js";

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

describe("the vision transformer", () => {
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
});
