/**
 * What a trained network takes the images of a set for, as a text file: one line `path true predicted score` an image.
 *
 * It is the list from which the second stage of CFCD draws hard tuples. Fields are separated by one space and read from the right, so that a
 * path may hold spaces. Lines are in the order of the set.
 */

export interface Predictions {
  /** The name of each image, each another one, [N]. */
  readonly paths: readonly string[];
  /** Its class, [N]. */
  readonly truth: Int32Array;
  /** The class that the network gives it, [N]. */
  readonly predicted: Int32Array;
  /** How sure the network is of that, finite, [N]. */
  readonly scores: Float32Array;
}

const LINE = /^(\S(?:.*\S)?) (\d+) (\d+) ([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)$/is;
const LARGEST_CLASS = 2 ** 31 - 1;

/** The file's text. @throws Error if the lists differ in length, or the text could not be read back */
export function formatPredictions({ paths, truth, predicted, scores }: Predictions): string {
  const lengths = [paths, truth, predicted, scores].map(({ length }) => length);
  if (new Set(lengths).size > 1) {
    throw new Error(
      `predictions: paths, true and predicted classes and scores are one an image, given ${lengths.join(", ")}.`,
    );
  }
  const text = paths.map((path, i) => `${path} ${truth[i]} ${predicted[i]} ${shortest(scores[i])}\n`).join("");
  paths.forEach((path) => {
    if (/[\r\n]/.test(path) || path.trim() !== path || path === "") {
      throw new Error(
        `predictions: a path fills part of a line and neither begins nor ends with a space, given ${JSON.stringify(path)}.`,
      );
    }
  });
  parsePredictions(text, "predictions"); // whatever it refuses is not written either
  return text;
}

/** Nine digits tell any two float32 numbers apart. */
function shortest(score: number): string {
  return String(Number(score.toPrecision(9)));
}

/**
 * Reads the text of a predictions file.
 *
 * @param name of the file, for messages
 * @throws Error naming the line that is not `path true predicted score`, or names an image a second time
 */
export function parsePredictions(text: string, name: string): Predictions {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/); // a byte order mark is no part of a path
  if (lines[lines.length - 1] === "") lines.pop();
  if (lines.length === 0) throw new Error(`${name}: a predictions file has one line an image, this one is empty.`);
  const lineOf = new Map<string, number>();
  const truth = new Int32Array(lines.length);
  const predicted = new Int32Array(lines.length);
  const scores = new Float32Array(lines.length);
  for (const [i, line] of lines.entries()) {
    const fields = LINE.exec(line);
    const numbers = fields ? fields.slice(2).map(Number) : [];
    const isWhole = Math.max(numbers[0], numbers[1]) <= LARGEST_CLASS;
    if (!fields || !isWhole || !Number.isFinite(Math.fround(numbers[2]))) {
      throw new Error(
        `${name}: a line is a path, the true class, the predicted class (whole numbers up to ${LARGEST_CLASS}) and a finite score, ` +
          `but line ${i + 1} is ${JSON.stringify(line.slice(0, 120))}.`,
      );
    }
    const path = fields[1];
    const before = lineOf.get(path);
    if (before !== undefined) {
      throw new Error(
        `${name}: an image has one line, but lines ${before} and ${i + 1} are both of ${JSON.stringify(path)}.`,
      );
    }
    lineOf.set(path, i + 1);
    [truth[i], predicted[i], scores[i]] = numbers;
  }
  return { paths: [...lineOf.keys()], truth, predicted, scores };
}
