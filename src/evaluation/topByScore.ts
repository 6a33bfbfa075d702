/**
 * The head of a ranking: larger scores first, of equal scores the lower index.
 *
 * A heap holds the best so far with the worst of them on top, so that most images cost one comparison; sorting is left to those that
 * stay. O(N + K log K log N) on average instead of a sort of all N.
 */

/** The `limit` best of images 0 … N−1 in order, without the image `leaveOut`; all of them where there are fewer. No score is NaN. */
export function topByScore(scores: Float64Array | Float32Array, limit: number, leaveOut = -1): Int32Array {
  const isLeftOut = leaveOut >= 0 && leaveOut < scores.length;
  const kept = new Int32Array(Math.min(limit, scores.length - (isLeftOut ? 1 : 0)));
  const order = (a: number, b: number): number => (scores[a] === scores[b] ? a - b : scores[b] - scores[a]);
  let image = 0;
  for (let size = 0; size < kept.length; image++) if (image !== leaveOut) kept[size++] = image;
  for (let node = (kept.length >> 1) - 1; node >= 0; node--) sink(kept, node, order);
  for (; image < scores.length; image++) {
    // images come by rising index: among equal scores those already kept are before this one
    if (image === leaveOut || !(scores[image] > scores[kept[0]])) continue;
    kept[0] = image;
    sink(kept, 0, order);
  }
  return kept.sort(order);
}

/** Moves the entry of a node down until no child is worse. */
function sink(heap: Int32Array, from: number, order: (a: number, b: number) => number): void {
  const entry = heap[from];
  let node = from;
  for (;;) {
    let child = 2 * node + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && order(heap[child + 1], heap[child]) > 0) child++;
    if (order(heap[child], entry) <= 0) break;
    heap[node] = heap[child];
    node = child;
  }
  heap[node] = entry;
}
