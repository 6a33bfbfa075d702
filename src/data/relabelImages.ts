/**
 * A set under other labels: pseudo-classes from a clustering (Unicom) in place of the true ones, which stay readable as a column. Images
 * whose label is −1 (those of clusters that were dropped) are left out.
 */
import type { ImageSet, Reading } from "./ImageSet.js";
import { indicesWhere, selectImages } from "./selectImages.js";

/**
 * @param labels one an image, −1 for none; classes are renumbered without gaps in their order, as `selectImages` does
 * @returns a view with the true classes as column `trueClass`
 * @throws Error unless there is one whole label from −1 on for each image, and an image is left
 */
export function relabelImages<How extends Reading>(
  set: ImageSet<How>,
  labels: ArrayLike<number>,
  name: string,
): ImageSet<How> {
  if (labels.length !== set.count) {
    throw new Error(
      `${name}: one label an image is needed; given ${labels.length} labels for the ${set.count} images of ${set.name}: were they made from ` +
        `another data set, another split or other settings?`,
    );
  }
  const given = Int32Array.from(labels);
  const wrong = given.findIndex((label, image) => label !== labels[image] || label < -1);
  if (wrong >= 0) {
    throw new Error(
      `${name}: labels are whole numbers from 0 on, or −1 for none; image ${wrong} has ${labels[wrong]}.`,
    );
  }
  const labelled = given.reduce((largest, label) => Math.max(largest, label), -1) + 1;
  if (labelled === 0) throw new Error(`${name}: none of the ${set.count} images has a label.`);
  // −1 is no class: those images are left out before classes are counted
  const whole = { ...set, labels: given, classes: labelled, columns: { ...set.columns, trueClass: set.labels } };
  return selectImages(
    whole,
    indicesWhere(whole, (image) => given[image] >= 0),
    name,
  );
}
