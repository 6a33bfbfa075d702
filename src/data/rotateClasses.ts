/**
 * Each class times four quarter turns: a turned character is a further class.
 *
 * The custom of few-shot work on Omniglot (Santoro et al. 2016; Vinyals et al. 2016): 964 characters become 3,856
 * classes. The result is a view: images are turned when they are read, which costs a microsecond and no memory.
 */
import { checkIndex, imageSize, type ImageSet } from "./ImageSet.js";

/**
 * Image `turns · N + i` is image i turned counterclockwise by `turns` times 90 degrees, of class `turns · classes + label(i)`; column
 * `turns` says so. Throws for images that are not square.
 */
export function rotateClasses(set: ImageSet): ImageSet<Promise<void>> {
  const { height, width, channels } = set;
  if (height !== width) {
    throw new Error(`${set.name}: quarter turns need square images, these are ${height} high and ${width} wide.`);
  }
  const count = 4 * set.count;
  const repeat = <T extends Int32Array | Float32Array>(values: T, repeated: T): T => {
    for (let turns = 0; turns < 4; turns++) repeated.set(values, turns * set.count);
    return repeated;
  };
  const turnsOf = Int32Array.from({ length: count }, (_, index) => Math.floor(index / set.count));
  const labels = repeat(set.labels, new Int32Array(count)).map((label, index) => label + turnsOf[index] * set.classes);
  const columns: Record<string, Int32Array> = { turns: turnsOf };
  for (const [column, values] of Object.entries(set.columns)) columns[column] = repeat(values, new Int32Array(count));
  const measures: Record<string, Float32Array> = {};
  for (const [measure, values] of Object.entries(set.measures)) {
    measures[measure] = repeat(values, new Float32Array(count));
  }

  const read = async (index: number, out: Float32Array, offset = 0): Promise<void> => {
    checkIndex(set.name, index, count);
    const source = index % set.count;
    if (turnsOf[index] === 0) return set.read(source, out, offset);
    const upright = new Float32Array(imageSize(set)); // its own, as several images may be on their way
    await set.read(source, upright);
    for (let channel = 0; channel < channels; channel++) {
      turnPlane(upright, channel * height * width, width, turnsOf[index], out, offset + channel * height * width);
    }
  };
  const name = `${set.name}, 4 turns`;
  return { name, count, height, width, channels, classes: 4 * set.classes, labels, columns, measures, read };
}

/** Turns a square plane counterclockwise by `turns` quarter turns: after one, the right edge is the top edge. */
export function turnPlane(
  input: Float32Array,
  inputOffset: number,
  side: number,
  turns: number,
  output: Float32Array,
  outputOffset: number,
): void {
  // Pixel (row, column) of the result is pixel (origin + row · down + column · right) of the input.
  const last = side - 1;
  const [origin, down, right] = [
    [0, side, 1],
    [last, -1, side],
    [last * side + last, -side, -1],
    [last * side, 1, -side],
  ][((turns % 4) + 4) % 4];
  for (let row = 0; row < side; row++) {
    let from = inputOffset + origin + row * down;
    for (let column = 0; column < side; column++, from += right) {
      output[outputOffset + row * side + column] = input[from];
    }
  }
}
