/** Multi-head attention (Vaswani et al. 2017): a mean of values, whose weights depend on queries and keys and on no order of tokens. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { attentionOperation, type Operation } from "../../src/autograd/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { hashNormal } from "../../src/tensor/random.js";
import { arrays } from "../arbitraries/arrays.js";
import { moderate } from "../arbitraries/numbers.js";
import { permutations } from "../arbitraries/shapes.js";
import type { Call } from "../arbitraries/operationCalls.js";
import { engines, roundingOf, single } from "../engines.js";
import { answer, bounds, value } from "../operations/answer.js";
import { assertAnswer, assertWithin } from "../operations/close.js";
import { property } from "../property.js";

const attention = attentionOperation as unknown as Operation;
const UNIT = 2 ** -24;

interface Tokens {
  readonly batch: number;
  readonly tokens: number;
  readonly heads: number;
  /** d: features of a head. */
  readonly size: number;
  /** Query, key or value of a token, as [B, T, heads · d] each. */
  readonly parts: readonly [query: readonly number[], key: readonly number[], value: readonly number[]];
}

const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });

const layouts = fc.record({ batch: upTo(3), tokens: upTo(7), heads: upTo(3), size: upTo(5) });
const inputs: fc.Arbitrary<Tokens> = layouts.chain((layout) => {
  const part = arrays([layout.batch, layout.tokens, layout.heads * layout.size], moderate(2)).map(
    ({ values }) => values,
  );
  return fc.tuple(part, part, part).map((parts) => ({ ...layout, parts }));
});

/** One call of the operation. */
function callOf({ batch, tokens, heads, size, parts }: Tokens): Call {
  const width = heads * size;
  const values = Array.from({ length: batch * tokens }, (_, token) =>
    parts.flatMap((part) => part.slice(token * width, (token + 1) * width)),
  ).flat();
  return { inputs: [{ shape: [batch, tokens, 3 * width], values }], options: { heads } };
}

/** What it gives on an engine. */
function attended(engine: Engine, input: Tokens): number[] {
  return Array.from(value(engine, attention, callOf(input)));
}

/** What an engine may be off at each element. */
function allowed(input: Tokens): (engine: Engine) => number[] {
  const errors = Array.from(bounds(attention, callOf(input)).allowed.y);
  return (engine) => errors.map((error) => (error * roundingOf(engine)) / UNIT);
}

/** Both computed, so both may be off. */
function both(a: readonly number[], b: readonly number[]): number[] {
  return a.map((error, i) => error + b[i]);
}

/** Tokens of every image in another order. values: [B, T, M] */
function reordered(values: readonly number[], batch: number, order: readonly number[]): number[] {
  const columns = values.length / (batch * order.length);
  return Array.from({ length: batch }, (_, image) =>
    order.map((token) => {
      const start = (image * order.length + token) * columns;
      return values.slice(start, start + columns);
    }),
  ).flat(2);
}

/** The features of one head. values: [B, T, heads · d] */
function ofHead(values: readonly number[], { heads, size }: Tokens, head: number): number[] {
  return values.filter((_, i) => Math.floor(i / size) % heads === head);
}

/** softmax(q · kᵀ / √d) · v, image by image, head by head, query by query. */
function byLoops({ batch, tokens, heads, size, parts: [query, key, values] }: Tokens): number[] {
  const y = query.map(() => 0);
  for (let row = 0; row < batch * tokens * heads; row++) {
    const image = Math.floor(row / (tokens * heads));
    const others = Array.from({ length: tokens }, (_, t) => (image * tokens + t) * heads + (row % heads));
    const scores = others.map((other) => {
      let product = 0;
      for (let i = 0; i < size; i++) product += query[row * size + i] * key[other * size + i];
      return product / Math.sqrt(size);
    });
    const shares = scores.map((score) => Math.exp(score - Math.max(...scores)));
    const total = shares.reduce((sum, share) => sum + share, 0);
    for (const [t, other] of others.entries()) {
      for (let i = 0; i < size; i++) y[row * size + i] += (shares[t] / total) * values[other * size + i];
    }
  }
  return y;
}

describe("attention", () => {
  property("is softmax(q · kᵀ / √d) · v of every image and head, by loops", [inputs], (input) => {
    const expected = byLoops(input);
    const errors = allowed(input);
    for (const engine of engines) {
      const slack = errors(engine).map((error) => error + 1e-13); // and the loops' own rounding
      assertWithin(attended(engine, input), expected, slack, engine.name);
    }
  });

  property(
    "gives tokens in another order their outputs in that order",
    [inputs.chain((input) => fc.tuple(fc.constant(input), permutations(input.tokens)))],
    ([input, order]) => {
      const turn = (values: readonly number[]): number[] => reordered(values, input.batch, order);
      const [query, key, values] = input.parts;
      const turned: Tokens = { ...input, parts: [turn(query), turn(key), turn(values)] };
      const errorsBefore = allowed(input);
      const errorsAfter = allowed(turned);
      for (const engine of engines) {
        const slack = both(turn(errorsBefore(engine)), errorsAfter(engine));
        assertWithin(attended(engine, turned), turn(attended(engine, input)), slack, engine.name);
      }
    },
  );

  property(
    "has weights that are not negative and sum to one: values that name their token show them",
    [inputs],
    (input) => {
      const { batch, tokens, heads, size, parts } = input;
      const wide = Math.max(tokens, size); // room for the unit vector of every token, zeros behind query and key
      const rowsOf = (element: (row: number, i: number) => number): number[] =>
        Array.from({ length: batch * tokens * heads * wide }, (_, at) => element(Math.floor(at / wide), at % wide));
      const [query, key] = parts.map((part) => rowsOf((row, i) => (i < size ? part[row * size + i] : 0)));
      const names = rowsOf((row, i) => (i === Math.floor(row / heads) % tokens ? 1 : 0));
      const shown: Tokens = { ...input, size: wide, parts: [query, key, names] };
      const sums = (row: readonly number[]): number[] =>
        Array.from({ length: row.length / wide }, (_, k) =>
          row.slice(k * wide, (k + 1) * wide).reduce((sum, x) => sum + x, 0),
        );
      const errors = allowed(shown);
      for (const engine of engines) {
        const y = attended(engine, shown); // rows of the softmax
        assert.ok(
          y.every((weight) => weight >= 0),
          engine.name,
        );
        const total = sums(y);
        const slack = sums(errors(engine)).map((error) => error + 1e-15 * tokens); // and of the sum here
        assertWithin(
          total,
          total.map(() => 1),
          slack,
          engine.name,
        );
      }
    },
  );

  property("leaves values of one as they are", [inputs], (input) => {
    const [query, key] = input.parts;
    const ones: Tokens = { ...input, parts: [query, key, query.map(() => 1)] };
    const errors = allowed(ones);
    for (const engine of engines) {
      const y = attended(engine, ones);
      assertWithin(
        y,
        y.map(() => 1),
        errors(engine),
        engine.name,
      );
    }
  });

  property("gives a single token its own value, to the bit", [inputs], (input) => {
    const one = input.batch * input.heads * input.size;
    const [query, key, values] = input.parts.map((part) => part.slice(0, one));
    for (const engine of engines) {
      const y = attended(engine, { ...input, tokens: 1, parts: [query, key, values] });
      assert.deepEqual(
        y.map((x) => x + 0),
        values.map((x) => x + 0),
        engine.name,
      );
    }
  });

  property("gives the mean of the values where all keys are equal", [inputs], (input) => {
    const { batch, tokens, heads, size, parts } = input;
    const width = heads * size;
    const [query, key, values] = parts;
    const equal: Tokens = { ...input, parts: [query, key.map((_, i) => key[i % width]), values] };
    const expected = values.map((_, i) => {
      const image = Math.floor(i / (tokens * width));
      let sum = 0;
      for (let token = 0; token < tokens; token++) sum += values[(image * tokens + token) * width + (i % width)];
      return sum / tokens;
    });
    assert.equal(expected.length, batch * tokens * width);
    const errors = allowed(equal);
    for (const engine of engines) {
      const slack = errors(engine).map((error) => error + 1e-14); // the mean here is off by T roundings of float64
      assertWithin(attended(engine, equal), expected, slack, engine.name);
    }
  });

  property(
    "does not see what is added to all keys alike",
    [inputs, fc.array(fc.constantFrom(-1, -0.5, 0, 0.25, 1), { minLength: 15, maxLength: 15 })],
    (input, shift) => {
      const width = input.heads * input.size;
      const [query, key, values] = input.parts;
      // quarters, so that the sum is exact
      const coarse = key.map((x) => Math.round(4 * x) / 4);
      const moved: Tokens = { ...input, parts: [query, coarse.map((x, i) => x + shift[i % width]), values] };
      const still: Tokens = { ...input, parts: [query, coarse, values] };
      const errorsBefore = allowed(still);
      const errorsAfter = allowed(moved);
      for (const engine of engines) {
        const slack = both(errorsBefore(engine), errorsAfter(engine));
        assertWithin(attended(engine, moved), attended(engine, still), slack, engine.name);
      }
    },
  );

  property("computes every head as if it were alone, to the bit", [inputs], (input) => {
    for (const engine of engines) {
      const y = attended(engine, input);
      for (let head = 0; head < input.heads; head++) {
        const [query, key, values] = input.parts.map((part) => ofHead(part, input, head));
        const alone = attended(engine, { ...input, heads: 1, parts: [query, key, values] });
        assert.deepEqual(ofHead(y, input, head), alone, `${engine.name}, head ${head}`);
      }
    }
  });

  property("computes every image as if it were alone, to the bit", [inputs], (input) => {
    for (const engine of engines) {
      const y = attended(engine, input);
      const share = y.length / input.batch;
      for (let image = 0; image < input.batch; image++) {
        const ofImage = (part: readonly number[]): number[] => part.slice(image * share, (image + 1) * share);
        const [query, key, values] = input.parts.map(ofImage);
        const alone = attended(engine, { ...input, batch: 1, parts: [query, key, values] });
        assert.deepEqual(ofImage(y), alone, `${engine.name}, image ${image}`);
      }
    }
  });

  property(
    "is the same function, with the same derivative, across blocks of queries",
    [fc.record({ tokens: fc.integer({ min: 30, max: 70 }), heads: upTo(2), size: upTo(9), key: fc.nat() })],
    ({ tokens, heads, size, key }) => {
      const normal = (name: number): number[] =>
        Array.from({ length: tokens * heads * size }, (_, i) => Math.fround(hashNormal([key, name], 0, i)));
      const call = callOf({ batch: 1, tokens, heads, size, parts: [normal(0), normal(1), normal(2)] });
      const expected = bounds(attention, call);
      for (const engine of single) assertAnswer(answer(engine, attention, call), expected, engine.name);
    },
    { runs: 12 },
  );
});
