/**
 * Which taps of a kernel reach which pixels: one dimension of a strided convolution, split into phases.
 *
 * With stride s, the inputs i = f + s·j of one phase f are reached by the taps k with (f + padding − k·dilation) ≡ 0 mod s
 * only, from the outputs j + q, q = (f + padding − k·dilation) / s. So the gradient of the input is, phase by phase, an ordinary
 * convolution of stride 1 over the gradient of the output, and no product with an inserted zero is ever made.
 */

/** Whether tap k reaches phase f. */
// @ts-ignore: decorator
@inline
export function reaches(f: i32, k: i32, stride: i32, padding: i32, dilation: i32): bool {
  return (f + padding - k * dilation) % stride == 0;
}

/** Where from: output j + q, for an input f + stride · j. */
// @ts-ignore: decorator
@inline
export function outputShift(f: i32, k: i32, stride: i32, padding: i32, dilation: i32): i32 {
  return (f + padding - k * dilation) / stride;
}

/** The number of taps that reach phase f. */
export function tapsOfPhase(f: i32, kernel: i32, stride: i32, padding: i32, dilation: i32): i32 {
  let count = 0;
  for (let k = 0; k < kernel; k++) count += i32(reaches(f, k, stride, padding, dilation));
  return count;
}

/** The smallest q over all phases and taps. */
export function smallestShift(kernel: i32, stride: i32, padding: i32, dilation: i32): i32 {
  let smallest = i32.MAX_VALUE;
  for (let f = 0; f < stride; f++) {
    for (let k = 0; k < kernel; k++) {
      if (reaches(f, k, stride, padding, dilation)) {
        smallest = min(smallest, outputShift(f, k, stride, padding, dilation));
      }
    }
  }
  return smallest;
}

/** The largest. */
export function largestShift(kernel: i32, stride: i32, padding: i32, dilation: i32): i32 {
  let largest = i32.MIN_VALUE;
  for (let f = 0; f < stride; f++) {
    for (let k = 0; k < kernel; k++) {
      if (reaches(f, k, stride, padding, dilation)) {
        largest = max(largest, outputShift(f, k, stride, padding, dilation));
      }
    }
  }
  return largest;
}

/** Whether there is a phase that no tap reaches (a kernel smaller than the stride has one): its gradient is zero. */
export function skipsPhases(kernel: i32, stride: i32, padding: i32, dilation: i32): bool {
  for (let f = 0; f < stride; f++) if (tapsOfPhase(f, kernel, stride, padding, dilation) == 0) return true;
  return false;
}
