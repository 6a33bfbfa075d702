/** Miniature image sets and containers for the tests, packed bit by bit so as to share no code with the reader. */
import { byteImageSet, type HostImageSet } from "../../src/data/ImageSet.js";

export interface Miniature {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly bits: number;
  /** [N][L] */
  readonly labels: readonly (readonly number[])[];
  /** Raw value of a sample. */
  readonly sample: (image: number, channel: number, row: number, column: number) => number;
}

/** The bytes of a container, unzipped. */
export function ipkBytes({ height, width, channels, bits, labels, sample }: Miniature): Uint8Array {
  const bytes: number[] = [...Buffer.from("IPK1", "ascii")];
  const word = (value: number): void => {
    for (let k = 0; k < 4; k++) bytes.push((value >>> (8 * k)) & 255);
  };
  [labels.length, height, width, channels, bits, labels[0].length].forEach(word);
  labels.flat().forEach(word);
  for (let image = 0; image < labels.length; image++) {
    for (let row = 0; row < height; row++) {
      let digits = "";
      for (let column = 0; column < width; column++) {
        for (let channel = 0; channel < channels; channel++) {
          digits += sample(image, channel, row, column).toString(2).padStart(bits, "0");
        }
      }
      for (let at = 0; at < digits.length; at += 8) bytes.push(parseInt(digits.slice(at, at + 8).padEnd(8, "0"), 2));
    }
  }
  return Uint8Array.from(bytes);
}

/** `count` images of `side` x `side` whose pixels are all different modulo 251; `perClass` images a class. */
export function numberedSet(count: number, side = 4, channels = 1, perClass = 2): HostImageSet {
  return byteImageSet({
    name: "numbered",
    height: side,
    width: side,
    channels,
    pixels: Uint8Array.from({ length: count * channels * side * side }, (_, i) => (i * 37) % 251),
    labels: Int32Array.from({ length: count }, (_, i) => Math.floor(i / perClass)),
    columns: { number: Int32Array.from({ length: count }, (_, i) => i) },
    measures: { tenth: Float32Array.from({ length: count }, (_, i) => i / 10) },
  });
}

/** Everything that an asynchronous generator yields. */
export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

/** One image as a plain array. */
export function imageOf(set: HostImageSet, index: number): number[] {
  const out = new Float32Array(set.channels * set.height * set.width);
  set.read(index, out);
  return [...out];
}
