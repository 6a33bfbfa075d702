/**
 * The ROC curve of ALL pairs of N images: genuine when the classes agree, scored by the cosine.
 *
 * N(N−1)/2 cosines (85 million for 13,000 images) are not kept but counted in 2^16 bins of the cosine, so that memory is 1 MB whatever N is.
 * A bin is 2/65536 ≈ 3.1e-5 wide; pairs inside a bin enter together. Hence every vertex of the counted curve is a vertex
 * of the exact one, and TAR at a FAR by the rule "not-above" never exceeds the exact value: it misses at most the genuine pairs of the one bin in
 * which the exact threshold lies. `exactAllPairsRoc` keeps every cosine and is for small N and for comparing.
 */
import { forEachPairTile } from "./cosineTiles.js";
import { checkedLabels, countRows, type EmbeddingRows } from "./normalizeRows.js";
import type { SimilarityBlock, SimilarityTile } from "./similarityBands.js";
import { rocOfScores, rocOfSteps, type RocCurve, type RocStep } from "./roc.js";

export interface AllPairsOptions {
  /** [N, E]; raw, they are normalised here. */
  readonly embeddings: EmbeddingRows;
  /** [N] */
  readonly labels: ArrayLike<number>;
  /** E */
  readonly embedding: number;
  /** Cosines from elsewhere, used instead of float64 products; of each pair the value of the lower image's row counts. */
  readonly similarityBlock?: SimilarityBlock;
  /** Stops a long evaluation: the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Most images for the exact curve: 8 million cosines in 64 MB. */
const EXACT_LIMIT = 4000;

/**
 * The curve of all pairs in bins of the cosine; thresholds are the lower edges of occupied bins.
 *
 * `bins`: default 2^16, at most 2^24. Cosines beyond ±1 by rounding go to the outermost bins. Throws as `rocOfSteps` when all images are
 * of one class or no class has two.
 */
export async function allPairsRoc(options: AllPairsOptions, bins = 65536): Promise<RocCurve> {
  if (!Number.isInteger(bins) || bins < 2 || bins > 2 ** 24) {
    throw new Error(`allPairsRoc: a whole number of bins in 2 .. ${2 ** 24} is needed, given ${bins}.`);
  }
  const labels = checkedLabels(options.labels, countRows(options.embeddings, options.embedding));
  const genuine = new Float64Array(bins);
  const impostor = new Float64Array(bins);
  const half = bins / 2;
  const { embeddings, embedding, similarityBlock, signal } = options;
  const count = (tile: SimilarityTile): void => {
    for (let i = tile.rowStart; i < tile.rowEnd; i++) {
      const from = (i - tile.rowStart) * tile.stride - tile.columnStart;
      for (let j = Math.max(tile.columnStart, i + 1); j < tile.columnEnd; j++) {
        const bin = Math.min(bins - 1, Math.max(0, Math.floor((tile.values[from + j] + 1) * half)));
        if (labels[i] === labels[j]) genuine[bin]++;
        else impostor[bin]++;
      }
    }
  };
  await forEachPairTile(embeddings, embedding, similarityBlock, count, signal);
  const steps: RocStep[] = [];
  for (let bin = bins - 1; bin >= 0; bin--) {
    if (genuine[bin] + impostor[bin] === 0) continue;
    steps.push({ threshold: bin / half - 1, genuine: genuine[bin], impostor: impostor[bin] });
  }
  return rocOfSteps(steps);
}

/** The exact curve of all pairs, for N ≤ 4000: every cosine in float64, equal ones entering together. */
export async function exactAllPairsRoc(options: AllPairsOptions): Promise<RocCurve> {
  const count = countRows(options.embeddings, options.embedding);
  if (count > EXACT_LIMIT) {
    throw new Error(
      `exactAllPairsRoc: ${count} images have ${(count * (count - 1)) / 2} pairs; all are kept only up to ${EXACT_LIMIT} images. Use allPairsRoc.`,
    );
  }
  const labels = checkedLabels(options.labels, count);
  const scores = { genuine: new Float64Array((count * (count - 1)) / 2), impostor: new Float64Array(0) };
  // Genuine scores fill the one array from its front, impostor scores from its back.
  const pairs = scores.genuine;
  let [front, back] = [0, pairs.length];
  const collect = (tile: SimilarityTile): void => {
    for (let i = tile.rowStart; i < tile.rowEnd; i++) {
      const from = (i - tile.rowStart) * tile.stride - tile.columnStart;
      for (let j = Math.max(tile.columnStart, i + 1); j < tile.columnEnd; j++) {
        if (labels[i] === labels[j]) pairs[front++] = tile.values[from + j];
        else pairs[--back] = tile.values[from + j];
      }
    }
  };
  await forEachPairTile(options.embeddings, options.embedding, options.similarityBlock, collect, options.signal);
  return rocOfScores(pairs.subarray(0, front), pairs.subarray(back));
}
