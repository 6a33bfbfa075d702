/**
 * Labelled embeddings, small ones in which everything special happens, and large ones that cross the tiles of a blocked computation.
 *
 * Small: rows of free numbers beside rows of −1, 0 and 1 (ties, rows of zeros, cosines at ±1), copies and opposites of earlier rows, few
 * classes, so that labels repeat and some occur once.
 */
import fc from "fast-check";
import { clusters, tied, type Labelled } from "../../test/evaluation/embeddings.js";
import { moderate } from "./numbers.js";

export interface EmbeddingSizes {
  readonly minCount?: number;
  readonly maxCount?: number;
  readonly maxEmbedding?: number;
}

export function labelledEmbeddings(sizes: EmbeddingSizes = {}): fc.Arbitrary<Labelled> {
  const { minCount = 2, maxCount = 14, maxEmbedding = 5 } = sizes;
  return fc
    .tuple(fc.integer({ min: minCount, max: maxCount }), fc.integer({ min: 1, max: maxEmbedding }))
    .chain(([count, embedding]) =>
      fc.record({
        embeddings: rowsOf(count, embedding),
        labels: classLabels(count),
        embedding: fc.constant(embedding),
      }),
    );
}

/** As `labelledEmbeddings`, with two images of one class and one of another at least: the first three. */
export function verifiableEmbeddings(sizes: EmbeddingSizes = {}): fc.Arbitrary<Labelled> {
  return labelledEmbeddings({ ...sizes, minCount: Math.max(3, sizes.minCount ?? 3) }).map((set) => {
    const [first] = set.labels;
    return { ...set, labels: set.labels.map((label, i) => (i === 1 ? first : i === 2 ? first + 1 : label)) };
  });
}

/** 90 to 330 rows, by default a few times the side of a tile; free directions or rows of −1, 0 and 1. */
export function largeEmbeddings(minCount = 90, maxCount = 330): fc.Arbitrary<Labelled> {
  return fc
    .record({
      seed: fc.string({ maxLength: 4 }),
      count: fc.integer({ min: minCount, max: maxCount }),
      embedding: fc.integer({ min: 1, max: 6 }),
      classes: fc.integer({ min: 2, max: 60 }),
      ties: fc.boolean(),
    })
    .map(({ seed, count, embedding, classes, ties }) =>
      ties ? tied(seed, count, embedding, classes) : clusters(seed, count, embedding, classes, 0.8),
    );
}

/** Labels of `count` images of few classes, negative ones among them. */
export function classLabels(count: number): fc.Arbitrary<Int32Array> {
  return fc
    .integer({ min: 0, max: Math.max(1, count - 1) })
    .chain((last) => fc.array(fc.integer({ min: -1, max: last }), { minLength: count, maxLength: count }))
    .map((labels) => Int32Array.from(labels));
}

/** Powers of two, which scale without rounding; rows of them far apart in length. */
export function powersOfTwo(count: number, largest = 40): fc.Arbitrary<number[]> {
  const power = fc.integer({ min: -largest, max: largest }).map((exponent) => 2 ** exponent);
  return fc.array(power, { minLength: count, maxLength: count });
}

/** Row i times factors[i]. */
export function scaleRows({ embeddings, embedding }: Labelled, factors: readonly number[]): Float64Array {
  return embeddings.map((value, i) => value * factors[Math.floor(i / embedding)]);
}

/** Image order[i] at place i. */
export function reorder({ embeddings, labels, embedding }: Labelled, order: readonly number[]): Labelled {
  return {
    embeddings: Float64Array.from(
      order.flatMap((i) => Array.from(embeddings.subarray(i * embedding, (i + 1) * embedding))),
    ),
    labels: Int32Array.from(order, (i) => labels[i]),
    embedding,
  };
}

/** [count, embedding]; every row is new, or equal or opposite to an earlier one. */
export function rowsOf(count: number, embedding: number): fc.Arbitrary<Float64Array> {
  const free = fc.array(moderate(), { minLength: embedding, maxLength: embedding });
  const few = fc.array(fc.integer({ min: -1, max: 1 }), { minLength: embedding, maxLength: embedding });
  const repeated = fc.tuple(fc.nat({ max: count }), fc.constantFrom(1, -1, 2));
  const row = fc.tuple(
    fc.oneof({ weight: 3, arbitrary: free }, { weight: 2, arbitrary: few }),
    fc.option(repeated, { freq: 4 }),
  );
  return fc.array(row, { minLength: count, maxLength: count }).map((rows) => {
    const made: number[][] = [];
    for (const [fresh, repetition] of rows) {
      const earlier = repetition && made[repetition[0] % Math.max(1, made.length)];
      made.push(earlier ? earlier.map((value) => value * repetition[1]) : fresh);
    }
    // tiny numbers would make lengths whose squares leave float64: see the rows scaled by powers of two for those
    return Float64Array.from(made.flat(), (value) => (Math.abs(value) < 1e-6 ? 0 : value));
  });
}
