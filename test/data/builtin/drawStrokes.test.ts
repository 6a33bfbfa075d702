import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { drawStrokes } from "../../../src/data/builtin/drawStrokes.js";
import { curvePoint, identityStrokes } from "../../../src/data/builtin/identityStrokes.js";

describe("a stroke", () => {
  it("is a cubic Bézier curve: de Casteljau's construction gives the same points", () => {
    const [stroke] = identityStrokes(1, 2);
    for (const t of [0, 0.2, 0.5, 0.9, 1]) {
      let points = [0, 2, 4, 6].map((k) => [stroke[k], stroke[k + 1]]);
      while (points.length > 1) {
        points = points.slice(1).map(([x, y], k) => [points[k][0] * (1 - t) + x * t, points[k][1] * (1 - t) + y * t]);
      }
      const [x, y] = curvePoint(stroke, t);
      assert.ok(Math.hypot(x - points[0][0], y - points[0][1]) < 1e-12);
    }
  });
  it("drawn straight across has as much ink as its area", () => {
    const image = new Float32Array(64 * 64);
    drawStrokes([Float64Array.of(-0.5, 0, -0.2, 0, 0.2, 0, 0.5, 0)], 0.1, image, 64);
    // A capsule of length 32 and radius 3.2 pixels: 32 · 6.4 + π · 3.2². Soft borders cover the area to about a per cent.
    const area = 32 * 6.4 + Math.PI * 3.2 ** 2;
    const ink = image.reduce((sum, value) => sum + value, 0);
    assert.ok(Math.abs(ink / area - 1) < 0.02, `${ink} ${area}`);
    assert.equal(image[32 * 64 + 32], 1);
    assert.equal(image[0], 0);
  });
  it("outside the image draws nothing and fails nowhere", () => {
    const image = new Float32Array(16 * 16);
    drawStrokes([Float64Array.of(3, 3, 4, 4, -5, 9, 8, 8)], 0.1, image, 16);
    assert.ok(image.every((value) => value === 0));
  });
});

describe("the shape of an identity", () => {
  it("has three to five strokes within the image, centred, of one size", () => {
    for (let identity = 0; identity < 100; identity++) {
      const strokes = identityStrokes(0, identity);
      assert.ok(strokes.length >= 3 && strokes.length <= 5);
      const points = strokes.flatMap((stroke) => Array.from({ length: 101 }, (_, i) => curvePoint(stroke, i / 100)));
      for (const axis of [0, 1]) {
        const values = points.map((point) => point[axis]);
        const [low, high] = [Math.min(...values), Math.max(...values)];
        // The box is measured at 11 points a curve; between them a curve may bulge a little.
        assert.ok(Math.abs(low + high) < 0.1 && high < 0.78, `${identity}: ${low} ${high}`);
      }
    }
  });
});
