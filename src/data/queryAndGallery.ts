/** The two sides of a test in which queries are compared with a gallery, instead of each image with all others. */
import type { ImageSet } from "./ImageSet.js";
import { indicesWhere } from "./selectImages.js";

/**
 * Which images of a part are queries and which are the gallery, by its column `gallery` (0, 1); undefined for a part without it, where each
 * image is a query and all others are the gallery, and for one that has queries only (held-out classes of the training part). Numbers of
 * images and not sets, so that labels stay those of the part.
 *
 * @throws Error if there is a gallery and no query.
 */
export function queryAndGallery(set: ImageSet): { query: Int32Array; gallery: Int32Array } | undefined {
  const { gallery: isGallery } = set.columns as { readonly gallery?: Int32Array };
  if (isGallery === undefined) return undefined;
  const query = indicesWhere(set, (image) => isGallery[image] === 0);
  const gallery = indicesWhere(set, (image) => isGallery[image] === 1);
  if (gallery.length === 0) return undefined;
  if (query.length === 0) {
    throw new Error(
      `${set.name}: queries are compared with a gallery, but all ${gallery.length} images are the gallery's.`,
    );
  }
  return { query, gallery };
}
