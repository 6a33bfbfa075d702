/**
 * The margin softmax over given centers on host arrays, written a second time for tests: cosines, CosFace margin, log Σ exp.
 *
 * Gradients come from central differences, so that not even the derivative is shared with what is tested.
 */
export type Matrix = number[][];

/** −1/N Σ log softmax(s·(cos θ − m·onehot))_y.  x: [N, E], w: [S, E], y: [N] */
export function fullSoftmaxLoss(x: Matrix, w: Matrix, y: readonly number[], scale: number, margin: number): number {
  let total = 0;
  for (const [i, row] of x.entries()) {
    const logits = w.map((center, j) => scale * (cosineOf(row, center) - (j === y[i] ? margin : 0)));
    const highest = Math.max(...logits);
    total += highest + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - highest), 0)) - logits[y[i]];
  }
  return total / x.length;
}

function cosineOf(a: number[], b: number[]): number {
  const dot = a.reduce((sum, value, i) => sum + value * b[i], 0);
  return dot / (Math.hypot(...a) * Math.hypot(...b));
}

/**
 * d loss/d matrix by central differences: [f(v + h) − f(v − h)]/2h. With h = 1e-5 the truncation is h²/6 times the third derivative
 * (some s³/‖v‖³), the rounding 1e-16/h: both under 1e-7 for the small scales and unit-sized rows of these tests.
 */
export function differences(matrix: Matrix, loss: (changed: Matrix) => number): Matrix {
  const h = 1e-5;
  return matrix.map((row, i) =>
    row.map((value, j) => {
      const changed = matrix.map((other) => [...other]);
      changed[i][j] = value + h;
      const above = loss(changed);
      changed[i][j] = value - h;
      return (above - loss(changed)) / (2 * h);
    }),
  );
}
