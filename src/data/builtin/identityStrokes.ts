/**
 * The shape of a built-in identity: three to five curved pen strokes.
 *
 * A stroke is a cubic Bézier curve. Half of the later strokes start somewhere on an earlier one, as the strokes of written
 * characters do. The shape is centred and scaled to a common size, so that position and size tell nothing about who it is.
 */
import { stream, type Random } from "../../tensor/random.js";

/** Four control points, x0 y0 … x3 y3; the image spans [−1, 1] in both directions, y downwards. */
export type Stroke = Float64Array;

/** Half of the longer side of every shape's bounding box. */
const HALF_EXTENT = 0.7;
/** How strongly strokes bend, as a share of their length. */
const BEND = 0.45;
/** Points on each curve by which it is measured and drawn. */
export const CURVE_POINTS = 11;

/** The strokes of an identity: a pure function of (seed, identity). */
export function identityStrokes(seed: number | string, identity: number): Stroke[] {
  const random = stream(seed, "identity", identity);
  const strokes: Stroke[] = [];
  const count = 3 + random.integer(3);
  for (let k = 0; k < count; k++) {
    const attached = k > 0 && random.uniform() < 0.5;
    const [x0, y0] = attached
      ? curvePoint(strokes[random.integer(k)], random.uniform())
      : [1.4 * random.uniform() - 0.7, 1.4 * random.uniform() - 0.7];
    strokes.push(drawStroke(x0, y0, random));
  }
  return centred(strokes);
}

/** A curve from (x0, y0) to somewhere else within the square, bent to both sides at will. */
function drawStroke(x0: number, y0: number, random: Random): Stroke {
  let [x3, y3, length] = [x0, y0, 0];
  while (length < 0.6) {
    x3 = 1.6 * random.uniform() - 0.8;
    y3 = 1.6 * random.uniform() - 0.8;
    length = Math.hypot(x3 - x0, y3 - y0);
  }
  const bend = (): number => BEND * length * random.normal();
  const along = (share: number, from: number, to: number): number => from + share * (to - from) + bend();
  return Float64Array.of(
    x0,
    y0,
    along(1 / 3, x0, x3),
    along(1 / 3, y0, y3),
    along(2 / 3, x0, x3),
    along(2 / 3, y0, y3),
    x3,
    y3,
  );
}

/** The point of a cubic Bézier curve at t in [0, 1] (Bernstein form). */
export function curvePoint(stroke: Stroke, t: number): [number, number] {
  const u = 1 - t;
  const [a, b, c, d] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
  return [
    a * stroke[0] + b * stroke[2] + c * stroke[4] + d * stroke[6],
    a * stroke[1] + b * stroke[3] + c * stroke[5] + d * stroke[7],
  ];
}

/** Moves and scales all strokes so that their common bounding box is centred and HALF_EXTENT large. */
function centred(strokes: Stroke[]): Stroke[] {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const stroke of strokes) {
    for (let i = 0; i < CURVE_POINTS; i++) {
      const [x, y] = curvePoint(stroke, i / (CURVE_POINTS - 1));
      [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
    }
  }
  const scale = (2 * HALF_EXTENT) / Math.max(right - left, bottom - top);
  const middle = [(left + right) / 2, (top + bottom) / 2];
  return strokes.map((stroke) => stroke.map((value, index) => scale * (value - middle[index % 2])));
}
