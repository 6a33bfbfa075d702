/** Batches of features and of images: [B, C], [B, C, L], [B, C, H, W], each channel with a level and a spread of its own. */
import fc from "fast-check";
import { between } from "./numbers.js";

export interface ChannelBatch {
  /** At least two values a channel. */
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** Levels within ±`level`, spreads from 0 (constant channels) to 2. */
export function channelBatches(level = 4): fc.Arbitrary<ChannelBatch> {
  return channelShapes().chain((shape) => ofShape(shape, level));
}

/** One to `most` batches of one number of channels and one rank. */
export function channelBatchSequences(most: number): fc.Arbitrary<readonly ChannelBatch[]> {
  return channelShapes().chain(([, channels, ...rest]) => {
    const batch = fc.integer({ min: 2, max: 6 }).chain((size) => ofShape([size, channels, ...rest], 4));
    return fc.array(batch, { minLength: 1, maxLength: most });
  });
}

function channelShapes(): fc.Arbitrary<number[]> {
  const extent = fc.integer({ min: 1, max: 4 });
  return fc
    .tuple(fc.integer({ min: 1, max: 6 }), extent, fc.array(extent, { maxLength: 2 }))
    .filter(([size, , rest]) => rest.reduce((product, n) => product * n, size) > 1)
    .map(([size, channels, rest]) => [size, channels, ...rest]);
}

function ofShape(shape: readonly number[], level: number): fc.Arbitrary<ChannelBatch> {
  const [size, channels, ...rest] = shape;
  const inner = rest.reduce((product, extent) => product * extent, 1);
  const spread = fc.oneof(fc.constantFrom(0, 1), between(0.01, 2));
  const levels = fc.array(fc.tuple(between(-level, level), spread), { minLength: channels, maxLength: channels });
  const count = size * channels * inner;
  return fc.tuple(levels, fc.array(between(-1, 1), { minLength: count, maxLength: count })).map(([own, noise]) => ({
    shape,
    values: noise.map((value, element) => {
      const [mean, deviation] = own[Math.floor(element / inner) % channels];
      return Math.fround(mean + deviation * value);
    }),
  }));
}
