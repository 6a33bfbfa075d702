/** The similarity that aligns landmarks: it finds what moved them, and nothing near it fits better. */
import { describe } from "node:test";
import fc from "fast-check";
import { alignedLandmarks, applySimilarity, fitSimilarity, type Point } from "../../src/evaluation/faceAlignment.js";
import { between } from "../arbitraries/numbers.js";
import { property } from "../property.js";
import { assertNear, assertNotAbove } from "./assertions.js";

const similarity = fc.record({
  turn: between(-Math.PI, Math.PI),
  scale: between(0.05, 20),
  shiftX: between(-500, 500),
  shiftY: between(-500, 500),
});

const points: fc.Arbitrary<Point[]> = fc
  .array(fc.tuple(between(-100, 100), between(-100, 100)), { minLength: 1, maxLength: 7 })
  // two points far apart, so that scale and turn are well determined
  .map((free) => [[-90, 3], [80, -20], ...free]);

function residuals(from: readonly Point[], to: readonly Point[]): Point[] {
  const fitted = fitSimilarity(from, to);
  return from.map((point, i) => {
    const [x, y] = applySimilarity(fitted, point);
    return [x - to[i][0], y - to[i][1]];
  });
}

describe("similarity of landmarks", () => {
  property(
    "is found again from where it moved the points",
    [similarity, points],
    ({ turn, scale, shiftX, shiftY }, from) => {
      const moved = { a: scale * Math.cos(turn), b: scale * Math.sin(turn), shiftX, shiftY };
      const found = fitSimilarity(from, from.map((point) => applySimilarity(moved, point))); // prettier-ignore
      // Positions below 20 · 142 + 500 are rounded relative to their size, nine points are added, and the points spread over more than 100
      const rounding = 9 * 8 * 3400 * Number.EPSILON;
      for (const name of ["a", "b"] as const) assertNear(found[name], moved[name], rounding / 100, name);
      for (const name of ["shiftX", "shiftY"] as const) assertNear(found[name], moved[name], 4 * rounding, name);
    },
  );

  property(
    "leaves residuals that no shift, turn or scale makes smaller",
    [points, fc.array(fc.tuple(between(-100, 100), between(-100, 100)), { minLength: 9, maxLength: 9 })],
    (from, free) => {
      // normal equations: residuals are orthogonal to the derivative by each of the four parameters, whatever the targets are
      const to = from.map((_, i) => free[i]);
      const off = residuals(from, to);
      const sum = (term: (residual: Point, point: Point) => number): number =>
        off.reduce((total, residual, i) => total + term(residual, from[i]), 0);
      // nine terms; residuals below 1000 from a dozen roundings each, points below 100
      const rounding = 9 * 12 * 1000 * Number.EPSILON;
      assertNear(sum(([x]) => x), 0, rounding, "derivative by shiftX"); // prettier-ignore
      assertNear(sum(([, y]) => y), 0, rounding, "derivative by shiftY"); // prettier-ignore
      assertNear(sum(([x, y], [u, v]) => x * u + y * v), 0, 200 * rounding, "derivative by a"); // prettier-ignore
      assertNear(sum(([x, y], [u, v]) => y * u - x * v), 0, 200 * rounding, "derivative by b"); // prettier-ignore
    },
  );

  property("brings a moved face onto the aligned landmarks", [similarity], ({ turn, scale, shiftX, shiftY }) => {
    const moved = { a: scale * Math.cos(turn), b: scale * Math.sin(turn), shiftX, shiftY };
    const face = alignedLandmarks.map((point) => applySimilarity(moved, point));
    // A face of 0.05 times the size lies up to 700 away and is enlarged twenty times
    const tolerance = 9 * 8 * 20 * 3000 * Number.EPSILON;
    for (const [x, y] of residuals(face, alignedLandmarks)) assertNotAbove(Math.hypot(x, y), tolerance, "residual");
  });
});
