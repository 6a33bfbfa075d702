/**
 * k-means++ (Arthur and Vassilvitskii 2007): each next centroid is a row drawn with a probability proportional to D², its squared
 * distance from the nearest centroid so far.
 *
 * Written down plainly that is a pass over all rows a centroid. Here it is one pass for many, without changing what is drawn: D² only
 * falls, so a row is proposed by the D² of the last pass and accepted with the share of it that is left, which takes the distances of
 * one row. A row that was drawn is not drawn again, nor is one that equals it, even where rounding finds another centroid nearer to it.
 * The next pass then compares all rows with all that were drawn meanwhile, in one matrix product. All passes together take
 * about one and a half times as long as one iteration of Lloyd's (200,000 rows of 128 columns, 10,000 centroids).
 */
import { stream, type Random } from "../tensor/random.js";
import { SearchTable, type Centroids } from "./centroids.js";
import type { Problem } from "./assignment.js";
import { squaredDistance } from "./distances.js";
import { chunksOf, readRows } from "./rowSource.js";
import { ScoreSlack } from "./scoreSlack.js";

/** Rows drawn between two passes: so large a share of those drawn before, … */
const SHARE = 1 / 8;
/** … and not more, for each proposal meets all of them on the host. */
const MOST_PENDING = 512;
/** Proposals that are refused in a row before D² is computed anew. */
const PATIENCE = 16;

/** Numbers of `clusters` different rows, in the order in which they were drawn. @throws Error where there are not so many */
export async function drawApart(
  problem: Problem,
  clusters: number,
  usable: (row: number) => boolean,
  seed: number | string,
): Promise<number[]> {
  const { source } = problem;
  const random = stream(seed, "k-means", "k-means++");
  const weights = Float64Array.from({ length: source.rows }, (_, row) => Number(usable(row))); // D², evenly at first
  const drawn: number[] = [];
  const buffer = new Float32Array(Math.min(MOST_PENDING, clusters) * source.columns);
  const different = new Set<string>();
  let pending = 0;
  let refused = 0;
  let sums = runningSums(weights);
  while (drawn.length < clusters) {
    const room = Math.min(MOST_PENDING, Math.ceil(drawn.length * SHARE));
    if ((pending > 0 && pending >= room) || refused >= PATIENCE) {
      const added = buffer.subarray(0, pending * source.columns);
      if (pending > 0) await lower(problem, weights, added, drawn.length === pending);
      sums = runningSums(weights);
      pending = refused = 0;
    }
    const total = sums.at(-1) ?? 0;
    if (!(total > 0)) throw tooFewDifferent(clusters, source.rows, drawn.length);
    const row = firstAbove(sums, uniform53(random) * total);
    const x = await readRows(source, row, row + 1);
    const text = textOf(x);
    if (different.has(text)) weights[row] = 0; // whatever the scores of the last pass say
    const left = Math.min(weights[row], nearest(x, buffer.subarray(0, pending * source.columns)));
    if (uniform53(random) * weights[row] >= left) {
      refused++;
      continue;
    }
    refused = 0;
    drawn.push(row);
    different.add(text);
    weights[row] = 0;
    buffer.set(x, pending++ * source.columns);
  }
  return drawn;
}

/** Equal numbers, equal text; 0 and −0 are one. */
export function textOf(row: Float32Array): string {
  return row.join();
}

export function tooFewDifferent(clusters: number, rows: number, different: number): Error {
  return new Error(
    `k-means: ${clusters} clusters need as many different rows to begin with; of the ${rows} rows given only ${different} ` +
      `${different === 1 ? "is" : "are"} different (rows of zeros have no direction and do not count if spherical).`,
  );
}

/** D² of every row after the new ones were added. */
async function lower(problem: Problem, weights: Float64Array, values: Float32Array, isFirst: boolean): Promise<void> {
  const { engine, source, origin, squares, walk } = problem;
  const { columns } = source;
  const centroids: Centroids = { values, columns, spherical: false, origin };
  const slack = new ScoreSlack(centroids);
  const table = new SearchTable(engine, centroids);
  try {
    for await (const { start, end, values: rows } of chunksOf(source, walk)) {
      const { index, best } = await table.search(rows);
      for (let row = start; row < end; row++) {
        const position = row - start;
        const least = slack.leastDistance(squares[row], best[position]);
        if (weights[row] === 0 || (!isFirst && least * least > weights[row])) continue;
        const distance = squaredDistance(rows, position * columns, values, index[position] * columns, columns);
        weights[row] = isFirst ? distance : Math.min(weights[row], distance);
      }
    }
  } finally {
    table.dispose();
  }
}

/** ‖x − c‖² from the nearest of some rows; ∞ from none. */
function nearest(x: Float32Array, rows: Float32Array): number {
  let least = Infinity;
  for (let start = 0; start < rows.length; start += x.length) {
    least = Math.min(least, squaredDistance(x, 0, rows, start, x.length));
  }
  return least;
}

function runningSums(weights: Float64Array): Float64Array {
  let sum = 0;
  return weights.map((weight) => (sum += weight));
}

/** The first place whose running sum is above the target. A row of weight 0 is never that. */
function firstAbove(sums: Float64Array, target: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] > target) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A number in [0, 1) of 53 random bits: 32 are too few to reach each of many rows. */
function uniform53(random: Random): number {
  return random.uniform() + Math.floor(random.uniform() * 2 ** 21) * 2 ** -53;
}
