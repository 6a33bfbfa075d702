/** Small pictures in three colours. */
import fc from "fast-check";
import type { Picture } from "../../test/data/picture.js";

export function pictures(height: fc.Arbitrary<number>, width: fc.Arbitrary<number>): fc.Arbitrary<Picture> {
  return fc.tuple(height, width).chain(([h, w]) => {
    const pixels = fc.array(fc.nat({ max: 255 }), { minLength: h * w * 3, maxLength: h * w * 3 });
    return pixels.map((values) => ({ height: h, width: w, pixels: values }));
  });
}
