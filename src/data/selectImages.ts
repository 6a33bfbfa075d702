/** A choice of a set's images as a set of its own: a view, no pixel is copied. Splits into train, validation and test are made of it. */
import { checkIndex, type ImageSet, type Reading } from "./ImageSet.js";

/**
 * The images of `set` at `indices`, in that order, with their classes renumbered 0 .. classes-1 in ascending order of the old
 * number (classes that do not occur leave no gap). The old number stays readable as column `class`, unless the set has one by
 * that name already, which is then kept.
 */
export function selectImages<How extends Reading>(
  set: ImageSet<How>,
  indices: Int32Array,
  name: string,
): ImageSet<How> {
  for (const index of indices) checkIndex(set.name, index, set.count);
  const take = (values: Int32Array): Int32Array => indices.map((index) => values[index]);
  const chosen = take(set.labels);
  const { labels, classes } = renumber(chosen);
  const columns: Record<string, Int32Array> = { class: chosen };
  for (const [column, values] of Object.entries(set.columns)) columns[column] = take(values);
  const measures: Record<string, Float32Array> = {};
  for (const [measure, values] of Object.entries(set.measures)) {
    measures[measure] = Float32Array.from(indices, (index) => values[index]);
  }
  const read = (index: number, out: Float32Array, offset = 0): How => {
    checkIndex(name, index, indices.length);
    return set.read(indices[index], out, offset);
  };
  const { height, width, channels } = set;
  const nameOf = set.nameOf && ((index: number): string => set.nameOf!(indices[index]));
  return {
    name,
    count: indices.length,
    height,
    width,
    channels,
    classes,
    labels,
    columns,
    measures,
    ...(nameOf && { nameOf }),
    read,
  };
}

/** The indices of the images for which `keep` holds. */
export function indicesWhere(set: ImageSet, keep: (index: number) => boolean): Int32Array {
  return Int32Array.from({ length: set.count }, (_, index) => index).filter(keep);
}

/** Distinct values become 0, 1, 2, … in ascending order. */
export function renumber(values: Int32Array): { labels: Int32Array; classes: number } {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  const numberOf = new Map(distinct.map((value, index) => [value, index]));
  return { labels: values.map((value) => numberOf.get(value)!), classes: distinct.length };
}
