/**
 * One row of features from the image and the text of a pair (Unicom, arXiv 2304.05884, section 3.1: clusters are found on both jointly).
 *
 * Both sides are scaled to length one first. `average` is their mean scaled to length one, so that equal and independent noise on both
 * halves in variance; `concat` puts them side by side divided by √2, so that the inner product of two rows is the mean of the cosines of
 * their images and of their texts.
 */
import { squaredLength } from "./distances.js";

export type Fusion = "image" | "text" | "average" | "concat";

/** Row-major features of all pairs. */
export interface Features {
  readonly values: Float32Array;
  readonly columns: number;
}

export interface FusedFeatures extends Features {
  /** Rows without a direction: sides of zeros, or two that cancel. They are rows of zeros here. */
  readonly withoutDirection: number;
}

/**
 * Fused rows of length one, [pairs, columns], of `concat` with the columns of both. A side that is zero adds nothing: the average is then
 * the other side, and a concatenated row is scaled to length one all the same.
 *
 * @param sides image and text features; the fusions `image` and `text` need their own only
 * @throws Error where a side that is needed is missing, rows differ in number, columns differ (`average`), or a feature is not finite
 */
export function fuseModalities(
  { image, text }: { readonly image?: Features | undefined; readonly text?: Features | undefined },
  fusion: Fusion = "average",
): FusedFeatures {
  if (fusion === "image") return unitRows(needed(image, "image", fusion));
  if (fusion === "text") return unitRows(needed(text, "text", fusion));
  const [first, second] = [needed(image, "image", fusion), needed(text, "text", fusion)];
  const rows = rowCount(first, "image");
  if (rowCount(second, "text") !== rows) {
    throw new Error(
      `fuseModalities: image and text features have a row for every pair; given ${rows} rows of images and ${rowCount(second, "text")} of texts.`,
    );
  }
  const [images, texts] = [unitRows(first).values, unitRows(second).values];
  const columns = fusion === "average" ? first.columns : first.columns + second.columns;
  if (fusion === "average" && first.columns !== second.columns) {
    throw new Error(
      `fuseModalities: an average needs image and text features of one space; given ${first.columns} columns and ${second.columns}.`,
    );
  }
  const joined = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const [i, t] = [row * first.columns, row * second.columns];
    if (fusion === "average") {
      for (let k = 0; k < columns; k++) joined[row * columns + k] = images[i + k] / 2 + texts[t + k] / 2;
    } else {
      joined.set(images.subarray(i, i + first.columns), row * columns);
      joined.set(texts.subarray(t, t + second.columns), row * columns + first.columns);
    }
  }
  return unitRows({ values: joined, columns }); // of two unit sides, side by side: divided by √2
}

function needed(side: Features | undefined, name: string, fusion: Fusion): Features {
  if (side) return side;
  throw new Error(`fuseModalities: the fusion "${fusion}" needs ${name} features, and none were given.`);
}

function rowCount({ values, columns }: Features, name: string): number {
  const rows = values.length / columns;
  if (Number.isInteger(columns) && columns >= 1 && Number.isInteger(rows)) return rows;
  throw new Error(
    `fuseModalities: ${name} features are whole rows; given ${values.length} numbers for rows of ${columns} columns.`,
  );
}

function unitRows(features: Features): FusedFeatures {
  const { columns } = features;
  const rows = rowCount(features, "given");
  const values = new Float32Array(features.values.length);
  let withoutDirection = 0;
  for (let row = 0, start = 0; row < rows; row++, start += columns) {
    const length = Math.sqrt(squaredLength(features.values, start, columns));
    if (!Number.isFinite(length)) {
      const column = features.values.subarray(start, start + columns).findIndex((value) => !Number.isFinite(value));
      throw new Error(
        `fuseModalities: features are finite numbers; row ${row}, column ${column} is ${features.values[start + column]}.`,
      );
    }
    if (length === 0) withoutDirection++;
    else for (let k = 0; k < columns; k++) values[start + k] = features.values[start + k] / length;
  }
  return { values, columns, withoutDirection };
}
