/**
 * Images sorted by class, so that "the others of my class" and "everything of later classes" are ranges.
 *
 * A counting of pairs rests on it: position p forms genuine pairs with p+1 .. end[p]−1 and impostor pairs with end[p] .. N−1, and every
 * unordered pair occurs once.
 */

export interface ClassGroups {
  /** Image at each position: classes in rising order, inside a class images in rising order. [N] */
  readonly order: Int32Array;
  /** First position of the class of the image at that position. [N] */
  readonly start: Int32Array;
  /** One past the last position of that class. [N] */
  readonly end: Int32Array;
  readonly classes: number;
}

/** Sorts the images of these labels, [N], by class. */
export function classGroups(labels: Int32Array): ClassGroups {
  const count = labels.length;
  const order = Int32Array.from({ length: count }, (_, i) => i).sort((a, b) => labels[a] - labels[b] || a - b);
  const start = new Int32Array(count);
  const end = new Int32Array(count);
  let classes = 0;
  for (let from = 0; from < count; classes++) {
    let to = from + 1;
    while (to < count && labels[order[to]] === labels[order[from]]) to++;
    start.fill(from, from, to);
    end.fill(to, from, to);
    from = to;
  }
  return { order, start, end, classes };
}
