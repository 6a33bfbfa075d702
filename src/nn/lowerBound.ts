/** Bisection in ascending numbers: where a class stands in a sample, a row in a merged gradient. */

/** Position of the first element that is not less than `value`; the length where all are less. */
export function lowerBound(ascending: Int32Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
