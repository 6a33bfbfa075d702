/**
 * One-shot classification in runs: the 20 official ones of Omniglot are 20 test images each against 20 training images, one a class.
 *
 * Lake, Salakhutdinov, Tenenbaum (Science 350, 2015). A test image gets the class of the training image of ITS run with the largest
 * cosine, of equal cosines that with the lower index. Accuracy a run, and the mean over the runs; floating point in float64.
 */
import { checkedLabels, countRows, countZeroRows, normalizeRows, rowDot, type EmbeddingRows } from "./normalizeRows.js";

export interface OneShotOptions {
  /** [N, E]; raw, they are normalised here. */
  readonly embeddings: EmbeddingRows;
  /** E */
  readonly embedding: number;
  /** The run of each image, whether it is a test image (1) or a training image (0), and its class within the run. [N] each. */
  readonly runs: ArrayLike<number>;
  readonly isTest: ArrayLike<number>;
  readonly classes: ArrayLike<number>;
}

export interface OneShotResult {
  /** Mean of the runs' accuracies, in [0, 1]. */
  readonly accuracy: number;
  /** In rising order of the run's number. */
  readonly runs: readonly {
    readonly run: number;
    readonly accuracy: number;
    readonly tests: number;
    readonly ways: number;
  }[];
  readonly zeroEmbeddings: number;
}

/** Accuracy of each run. Throws when a run has no test image, two training images of a class, or a test image of a class it lacks. */
export function oneShot(options: OneShotOptions): OneShotResult {
  const { embeddings, embedding } = options;
  const count = countRows(embeddings, embedding);
  const runs = checkedLabels(options.runs, count, "runs");
  const isTest = checkedLabels(options.isTest, count, "isTest");
  const classes = checkedLabels(options.classes, count, "classes");
  const unit = normalizeRows(embeddings, embedding);
  const results = [...new Set(runs)]
    .sort((a, b) => a - b)
    .map((run) => {
      const images = Array.from(runs.keys()).filter((image) => runs[image] === run);
      const training = images.filter((image) => isTest[image] === 0);
      const tests = images.filter((image) => isTest[image] !== 0);
      const known = new Set(training.map((image) => classes[image]));
      const strange = tests.find((image) => !known.has(classes[image]));
      if (tests.length === 0 || known.size !== training.length || strange !== undefined) {
        throw new Error(
          `oneShot: a run has one training image a class, and test images of these classes; run ${run} has ${training.length} training images of ${known.size} classes and ${tests.length} test images` +
            (strange === undefined ? "." : `, of which image ${strange} has the class ${classes[strange]}.`),
        );
      }
      const right = tests.filter((test) => classes[nearest(unit, embedding, test, training)] === classes[test]).length;
      return { run, accuracy: right / tests.length, tests: tests.length, ways: known.size };
    });
  const accuracy = results.reduce((sum, { accuracy }) => sum + accuracy, 0) / results.length;
  return { accuracy, runs: results, zeroEmbeddings: countZeroRows(unit, embedding) };
}

/** The candidate with the largest cosine; candidates in rising order, the first of equals wins. */
function nearest(unit: Float64Array, embedding: number, query: number, candidates: readonly number[]): number {
  let [best, bestCosine] = [-1, -Infinity];
  for (const candidate of candidates) {
    const cosine = rowDot(unit, embedding, query, candidate);
    if (cosine > bestCosine) [best, bestCosine] = [candidate, cosine];
  }
  return best;
}
