/**
 * Drawing curves into a small grey image: each curve is a chain of straight pieces, each piece a capsule.
 *
 * A pixel's ink is how far it lies inside the capsule, from 0 to 1 over the width of one pixel; where pieces overlap the larger
 * value counts. Only the pixels in a piece's bounding box are visited.
 */
import { CURVE_POINTS, curvePoint, type Stroke } from "./identityStrokes.js";

/** Draws strokes given in [−1, 1]² into `image` [side, side], ink 1; what is there is kept where it is darker. */
export function drawStrokes(strokes: readonly Stroke[], penRadius: number, image: Float32Array, side: number): void {
  const half = side / 2;
  const radius = penRadius * half;
  for (const stroke of strokes) {
    let [x0, y0] = curvePoint(stroke, 0);
    for (let i = 1; i < CURVE_POINTS; i++) {
      const [x1, y1] = curvePoint(stroke, i / (CURVE_POINTS - 1));
      drawPiece((x0 + 1) * half, (y0 + 1) * half, (x1 + 1) * half, (y1 + 1) * half, radius, image, side);
      [x0, y0] = [x1, y1];
    }
  }
}

/** A capsule from (x0, y0) to (x1, y1), in pixels; pixel (row, column) has its centre at (column + 1/2, row + 1/2). */
function drawPiece(
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  radius: number,
  image: Float32Array,
  side: number,
): void {
  const reach = radius + 0.5;
  const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
  const right = Math.min(side - 1, Math.floor(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
  const bottom = Math.min(side - 1, Math.floor(Math.max(y0, y1) + reach));
  const [dx, dy] = [x1 - x0, y1 - y0];
  const perLength = 1 / Math.max(dx * dx + dy * dy, 1e-12);
  for (let row = top; row <= bottom; row++) {
    const py = row + 0.5 - y0;
    for (let column = left; column <= right; column++) {
      const px = column + 0.5 - x0;
      const t = Math.min(1, Math.max(0, (px * dx + py * dy) * perLength)); // the nearest point of the piece
      const [ex, ey] = [px - t * dx, py - t * dy];
      const ink = reach - Math.sqrt(ex * ex + ey * ey);
      const at = row * side + column;
      if (ink > image[at]) image[at] = Math.min(1, ink);
    }
  }
}
