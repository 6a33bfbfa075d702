/** Token masking: a part of the tokens passes, every part as likely as any other, and the others leave no trace. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { constant, parameter } from "../../src/autograd/index.js";
import { evaluating } from "../../src/nn/index.js";
import { drawKeptTokens, keepTokens, keptCount, restoreTokens } from "../../src/nn/layers/tokenMasking.js";
import { TransformerBlock } from "../../src/nn/transformerBlock.js";
import type { Engine } from "../../src/tensor/engine.js";
import { stream } from "../../src/tensor/random.js";
import { arrays } from "../arbitraries/arrays.js";
import { between, seeds } from "../arbitraries/numbers.js";
import { engines, exact } from "../engines.js";
import { property } from "../property.js";
import { assertShares } from "../statistics.js";

const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });

/** x: [B, T, D], and K of the T tokens of each sample. */
const masked = fc.tuple(upTo(3), upTo(7), upTo(3), seeds()).chain(([batch, tokens, width, seed]) =>
  fc.tuple(arrays([batch, tokens, 2 * width]), upTo(tokens)).map(([x, count]) => ({
    x,
    kept: drawKeptTokens(batch, tokens, count, stream(seed, "kept")),
  })),
);

describe("token masking", () => {
  property("puts what it kept back in its place, and the mask token everywhere else", [masked], ({ x, kept }) => {
    const [, tokens, width] = x.shape;
    const token = Array.from({ length: width }, (_, i) => 100 + i);
    const expected = x.values.map((value, at) => {
      const row = Math.floor(at / width);
      return kept[Math.floor(row / tokens)].includes(row % tokens) ? value : token[at % width];
    });
    for (const engine of engines) {
      engine.scope(() => {
        const maskToken = constant(engine.tensor(token, [1, 1, width]));
        const some = keepTokens(constant(engine.tensor(x.values, x.shape)), kept);
        assert.deepEqual(some.shape, [x.shape[0], kept[0].length, width]);
        const all = restoreTokens(some, kept, { tokens, maskToken });
        assert.deepEqual(all.shape, x.shape);
        assert.deepEqual([...all.dataSync()], expected, engine.name);
      });
    }
  });

  property(
    "gives the mask token the gradient of all places that it stands in, and tokens that it replaces none",
    [masked],
    ({ x, kept }) => {
      const [batch, tokens, width] = x.shape;
      const isKept = (row: number): boolean => kept[Math.floor(row / tokens)].includes(row % tokens);
      for (const engine of engines) {
        engine.scope(() => {
          const [input, maskToken] = [parameter(engine.full(x.shape, 1)), parameter(engine.full([1, 1, width], 1))];
          const dy = Array.from({ length: batch * tokens * width }, (_, i) => i % 32); // sums of them are exact
          restoreTokens(keepTokens(input, kept), kept, { tokens, maskToken }).backward(engine.tensor(dy, x.shape));
          const sums = new Array<number>(width).fill(0);
          for (const [at, d] of dy.entries()) if (!isKept(Math.floor(at / width))) sums[at % width] += d;
          assert.deepEqual(
            [...input.grad!.dataSync()],
            dy.map((d, at) => (isKept(Math.floor(at / width)) ? d : 0)),
          );
          assert.deepEqual([...maskToken.grad!.dataSync()], sums);
          for (const leaf of [input, maskToken]) {
            leaf.zeroGrad();
            leaf.tensor.dispose();
          }
        });
      }
    },
  );

  property(
    "lets no masked token reach a kept one through a block, to the bit",
    [masked, between(-4, 4)],
    ({ x, kept }, other) => {
      const [, tokens, width] = x.shape;
      const changed = x.values.map((value, at) => {
        const row = Math.floor(at / width);
        return kept[Math.floor(row / tokens)].includes(row % tokens) ? value : other;
      });
      const through = (engine: Engine, values: readonly number[]): number[] =>
        engine.scope(() => {
          const block = new TransformerBlock({ width, heads: 2, mlpRatio: 2, dropPath: 0 }).allocate(engine, 1);
          const y = block.forward(keepTokens(constant(engine.tensor(values, x.shape)), kept), evaluating);
          const found = [...y.dataSync()];
          block.dispose();
          return found;
        });
      for (const engine of engines) assert.deepEqual(through(engine, changed), through(engine, x.values), engine.name);
    },
  );

  property("changes nothing at rate 0", [masked], ({ x }) => {
    const [batch, tokens, width] = x.shape;
    const all = drawKeptTokens(batch, tokens, keptCount(tokens, 0), stream("all"));
    exact.scope(() => {
      const maskToken = constant(exact.full([1, 1, width], 100));
      const some = keepTokens(constant(exact.tensor(x.values, x.shape)), all);
      assert.deepEqual([...restoreTokens(some, all, { tokens, maskToken }).dataSync()], [...x.values]);
    });
  });

  property(
    "draws distinct tokens in order, each as often as any other (false alarms: 1e-9 a case)",
    [fc.integer({ min: 2, max: 12 }), seeds()],
    (tokens, seed) => {
      for (let count = 1; count <= tokens; count += 3) {
        const counts = new Array<number>(tokens).fill(0);
        const samples = drawKeptTokens(500, tokens, count, stream(seed, "kept"));
        for (const kept of samples) {
          assert.equal(kept.length, count);
          assert.ok(kept.every((token, i) => token >= 0 && token < tokens && (i === 0 || token > kept[i - 1])));
          for (const token of kept) counts[token]++;
        }
        assertShares(counts, 500, count / tokens);
      }
    },
    { runs: 30 },
  );

  property(
    "keeps the largest number of tokens that is no more than the share that is to be kept",
    [fc.integer({ min: 1, max: 300 }), fc.oneof(between(0, 1), fc.constantFrom(0, 0.1, 0.25, 0.5, 1))],
    (tokens, rate) => {
      const kept = keptCount(tokens, rate);
      const share = tokens * (1 - rate);
      assert.ok(Number.isInteger(kept) && kept <= share && kept + 1 > share, `${kept} of ${tokens} at rate ${rate}`);
    },
  );
});
