/**
 * A caption for every image: some of the words that are written of its class, drawn anew for each image, as two pictures of one thing have
 * captions that differ. So texts of a class agree in part and are not the class by another name, which they would be with all its words.
 */
import type { ImageSet } from "../../src/data/ImageSet.js";
import { stream } from "../../src/tensor/random.js";

/** @param words at most so many, at least one; "all": the same text for all images of a class */
export function captions(set: ImageSet, texts: readonly string[], words: number | "all", seed: number): string[] {
  return Array.from(set.columns.class, (label, image) => {
    const known = [
      ...new Set(
        texts[label]
          .toLowerCase()
          .split(/\s+/)
          .filter((word) => /[\p{L}\p{N}]/u.test(word)),
      ),
    ];
    if (words === "all" || known.length <= words) return known.join(" ");
    return stream(seed, "caption", image).shuffle(known).slice(0, words).join(" ");
  });
}
