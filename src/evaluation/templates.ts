/**
 * Templates: several images of one person, still pictures and frames of videos, become one unit embedding (IJB-B and IJB-C).
 *
 * As the public evaluation beside ArcFace pools them: every image's raw embedding is weighted, there by how sure the face detector was; images of
 * one media item are averaged, so that a video of a hundred frames counts as much as one photograph; the media items are summed; only
 * the sum is normalised. Embeddings of mirrored images are added before (`sumMirrored`).
 *
 * Left out: reading the lists of the benchmark. Weights from image quality: `qualityWeights`.
 */
import { checkedLabels, countRows, countZeroRows, normalizeRows, type EmbeddingRows } from "./normalizeRows.js";

export interface TemplateImages {
  /** [N, E]; raw, with the mirror's embedding added. */
  readonly embeddings: EmbeddingRows;
  /** E */
  readonly embedding: number;
  /** The template that each image belongs to. [N] */
  readonly templates: ArrayLike<number>;
  /** Its photograph or video; two templates may use the same number for different media. [N] */
  readonly media: ArrayLike<number>;
  /** How much it counts, ≥ 0: how sure the face detector was, or its quality (`qualityWeights`); all alike where left out. [N] */
  readonly weights?: ArrayLike<number>;
}

export interface Templates {
  /** In rising order. [T] */
  readonly ids: Int32Array;
  /** Unit rows in the order of `ids`, in float64. [T, E] */
  readonly embeddings: Float64Array;
  /** Templates without a direction; they stay rows of zeros. */
  readonly zeroEmbeddings: number;
}

/** One unit embedding a template: [N, E] → [T, E]. Throws for labels or weights that do not fit the embeddings. */
export function poolTemplates(images: TemplateImages): Templates {
  const { embeddings, embedding } = images;
  const count = countRows(embeddings, embedding);
  const templates = checkedLabels(images.templates, count, "templates");
  const media = checkedLabels(images.media, count, "media");
  const weights = imageWeights(images.weights, templates, media);
  const ids = Int32Array.from(new Set(templates)).sort();
  const position = new Map(Array.from(ids, (id, row) => [id, row]));
  const sums = new Float64Array(ids.length * embedding);
  for (let image = 0; image < count; image++) {
    const from = image * embedding;
    const to = position.get(templates[image])! * embedding;
    for (let e = 0; e < embedding; e++) sums[to + e] += weights[image] * embeddings[from + e];
  }
  return {
    ids,
    embeddings: normalizeRows(sums, embedding),
    zeroEmbeddings: countZeroRows(sums, embedding),
  };
}

/** Its weight over the number of images that the template has of the same media item. [N] */
function imageWeights(given: ArrayLike<number> | undefined, templates: Int32Array, media: Int32Array): Float64Array {
  if (given !== undefined && given.length !== templates.length) {
    throw new Error(`weights: one entry a row is needed; given ${given.length} for ${templates.length} rows.`);
  }
  const item = (image: number): string => `${templates[image]} ${media[image]}`;
  const sizes = new Map<string, number>();
  for (let image = 0; image < templates.length; image++) sizes.set(item(image), (sizes.get(item(image)) ?? 0) + 1);
  return Float64Array.from(templates, (_, image) => {
    const weight = given === undefined ? 1 : given[image];
    if (!(weight >= 0 && weight < Infinity)) {
      throw new Error(`weights: a weight is a finite number ≥ 0, but that of image ${image} is ${weight}.`);
    }
    return weight / sizes.get(item(image))!;
  });
}
