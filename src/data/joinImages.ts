/** Several sets with the same kind of image as one: a view, labels and columns one after the other. */
import { checkIndex, type ImageSet, type Reading } from "./ImageSet.js";

/** Joins two sets whose labels already number one common list of classes. Columns that both have are kept. */
export function joinImages<How extends Reading>(
  first: ImageSet<How>,
  second: ImageSet<How>,
  name: string,
): ImageSet<How> {
  const { height, width, channels } = first;
  if (second.height !== height || second.width !== width || second.channels !== channels) {
    const size = (set: ImageSet): string => `${set.height}x${set.width}x${set.channels}`;
    throw new Error(`${name}: images of ${size(first)} and ${size(second)} do not make one set.`);
  }
  const count = first.count + second.count;
  const columns: Record<string, Int32Array> = {};
  for (const column of Object.keys(first.columns)) {
    if (second.columns[column]) columns[column] = join(first.columns[column], second.columns[column]);
  }
  const labels = join(first.labels, second.labels);
  const classes = Math.max(first.classes, second.classes);
  const read = (index: number, out: Float32Array, offset = 0): How => {
    checkIndex(name, index, count);
    return index < first.count ? first.read(index, out, offset) : second.read(index - first.count, out, offset);
  };
  return { name, count, height, width, channels, classes, labels, columns, measures: {}, read };
}

function join(first: Int32Array, second: Int32Array): Int32Array {
  const joined = new Int32Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
