/**
 * Face alignment by five landmarks: the turn, scale and shift that bring eyes, nose and corners of the mouth nearest to where a
 * recognition network expects them in an image of 112×112.
 *
 * The least-squares similarity of Umeyama (PAMI 13, 1991). In the plane it needs no singular values: with points as complex numbers a
 * similarity without reflection is z ↦ a z + t, and a is the regression coefficient of the centred targets on the centred points.
 *
 * Left out: warping the image.
 */

export type Point = readonly [x: number, y: number];

/** (x, y) ↦ (a x − b y + shiftX, b x + a y + shiftY): a turn by atan2(b, a) and a scale of √(a² + b²). */
export interface Similarity {
  readonly a: number;
  readonly b: number;
  readonly shiftX: number;
  readonly shiftY: number;
}

/**
 * Left eye, right eye, tip of the nose, left and right corner of the mouth, as seen in the image: the template of ArcFace's public code,
 * 96 pixels wide there and moved by 8 to the middle of 112.
 */
export const alignedLandmarks: readonly Point[] = [
  [38.2946, 51.6963],
  [73.5318, 51.5014],
  [56.0252, 71.7366],
  [41.5493, 92.3655],
  [70.7299, 92.2041],
];

/** The similarity that brings `points` nearest to `targets` (`alignedLandmarks`): least Σ ‖S(pointᵢ) − targetᵢ‖². Throws unless two points differ. */
export function fitSimilarity(points: readonly Point[], targets: readonly Point[] = alignedLandmarks): Similarity {
  if (points.length !== targets.length) {
    throw new Error(
      `fitSimilarity: each point has a target; given ${points.length} points, ${targets.length} targets.`,
    );
  }
  const [centre, targetCentre] = [centroid(points), centroid(targets)];
  let [dots, crosses, squares] = [0, 0, 0];
  points.forEach(([pointX, pointY], i) => {
    const [x, y] = [pointX - centre[0], pointY - centre[1]];
    const [u, v] = [targets[i][0] - targetCentre[0], targets[i][1] - targetCentre[1]];
    dots += x * u + y * v;
    crosses += x * v - y * u;
    squares += x * x + y * y;
  });
  if (!(squares > 0 && Number.isFinite(squares + dots + crosses))) {
    throw new Error(`fitSimilarity: finite points that are not all the same are needed, given ${points.join("; ")}.`);
  }
  const [a, b] = [dots / squares, crosses / squares];
  const [x, y] = centre;
  return { a, b, shiftX: targetCentre[0] - (a * x - b * y), shiftY: targetCentre[1] - (b * x + a * y) };
}

/** Where the similarity moves a point. */
export function applySimilarity({ a, b, shiftX, shiftY }: Similarity, [x, y]: Point): Point {
  return [a * x - b * y + shiftX, b * x + a * y + shiftY];
}

function centroid(points: readonly Point[]): Point {
  const mean = (axis: 0 | 1): number => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  return [mean(0), mean(1)];
}
