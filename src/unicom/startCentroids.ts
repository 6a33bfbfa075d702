/** Where k-means begins: different rows drawn evenly, rows drawn by k-means++, or centroids that are given. */
import { stream } from "../tensor/random.js";
import { toUnitRows, type Centroids } from "./centroids.js";
import type { Problem } from "./assignment.js";
import { drawApart, textOf, tooFewDifferent } from "./drawApart.js";
import { gatherFrom, readRows } from "./rowSource.js";

export type Start = "k-means++" | "random" | Float32Array;

/** @throws Error where there are fewer different rows than clusters, or given centroids are not k finite rows */
export async function startCentroids(
  problem: Problem,
  clusters: number,
  { start, spherical, seed }: { start: Start; spherical: boolean; seed: number | string },
): Promise<Centroids> {
  const { origin, source } = problem;
  const { columns } = source;
  let values: Float32Array;
  if (start instanceof Float32Array) values = checkGiven(start, clusters, columns, spherical);
  else {
    const usable = spherical ? (row: number) => problem.squares[row] > 0 : () => true; // a row of zeros has no direction
    const rows =
      start === "random"
        ? await drawEvenly(problem, clusters, usable, seed)
        : await drawApart(problem, clusters, usable, seed);
    values = await gatherFrom(source, rows);
  }
  if (spherical) toUnitRows(values, columns);
  return { values, columns, spherical, origin };
}

function checkGiven(given: Float32Array, clusters: number, columns: number, spherical: boolean): Float32Array {
  const values = given.slice();
  if (values.length !== clusters * columns || !values.every(Number.isFinite)) {
    throw new Error(
      `k-means: ${clusters} centroids of ${columns} columns to begin with are ${clusters * columns} finite numbers; given ${values.length}.`,
    );
  }
  for (let j = 0; spherical && j < clusters; j++) {
    if (values.subarray(j * columns, (j + 1) * columns).every((value) => value === 0)) {
      throw new Error(`k-means: spherical centroids have a direction; row ${j} of those to begin with is zero.`);
    }
  }
  return values;
}

/** Rows in random order, those passed over that equal one before. */
async function drawEvenly(
  { source }: Problem,
  clusters: number,
  usable: (row: number) => boolean,
  seed: number | string,
): Promise<number[]> {
  const order = Int32Array.from({ length: source.rows }, (_, row) => row);
  stream(seed, "k-means", "random start").shuffle(order);
  const drawn: number[] = [];
  const seen = new Set<string>();
  for (const row of order) {
    if (!usable(row)) continue;
    const values = await readRows(source, row, row + 1);
    const text = textOf(values);
    if (seen.has(text)) continue;
    seen.add(text);
    drawn.push(row);
    if (drawn.length === clusters) return drawn;
  }
  throw tooFewDifferent(clusters, source.rows, drawn.length);
}
