/** Images of templates and media: free embeddings, videos of several frames, and media numbers that several templates use. */
import fc from "fast-check";
import { evenly, moderate } from "./numbers.js";

export interface ImageOfTemplate {
  readonly embedding: readonly number[];
  readonly template: number;
  readonly media: number;
  /** Of the face detector, ≥ 0. */
  readonly score: number;
}

/** 2 to 20 images of three dimensions, of at most four templates with at most three media each; two templates at least. */
export function imagesOfTemplates(): fc.Arbitrary<ImageOfTemplate[]> {
  const image = fc.record({
    embedding: fc.array(moderate(), { minLength: 3, maxLength: 3 }),
    template: fc.constantFrom(30, 7, -2, 11),
    media: fc.integer({ min: 0, max: 2 }),
    score: fc.oneof(fc.constantFrom(0, 1, 0.5), evenly(0.01, 1)),
  });
  return fc
    .array(image, { minLength: 2, maxLength: 20 })
    .map(([first, second, ...others]) => [{ ...first, template: 7 }, { ...second, template: 30 }, ...others]);
}
