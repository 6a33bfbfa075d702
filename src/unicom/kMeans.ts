/**
 * k-means and spherical k-means: pseudo-classes for rows of features that nobody labelled (Unicom, arXiv 2304.05884, section 3.1).
 *
 * Lloyd's iteration: every row goes to its nearest centroid (`assignment.ts`), every centroid to the mean of its rows (`moveCentroids.ts`).
 * The nearest one is found on the engine's fused matrix product (`nearestRows`), a chunk of rows at a time. Labels and centroids are
 * the same bits for a seed, whatever the number of threads, the chunks, the pruning and the interruptions.
 *
 * Scores are computed in float32, from the mean of all rows where that is far from zero (`origin.ts`): where zero lies does not matter.
 * Groups that lie thousands of times farther from that mean than their own rows from each other still lose the difference to rounding.
 * Spherical k-means compares directions from zero, and is not shifted.
 *
 * Left out: the paper's quantised search on many GPUs for 400 million rows.
 */
import type { Engine } from "../tensor/index.js";
import { Assignment, type Problem } from "./assignment.js";
import { Breath } from "./breath.js";
import type { Centroids } from "./centroids.js";
import { checkRows } from "./checkRows.js";
import { settingsOf, type KMeansOptions, type KMeansResult, type KMeansState, type Settings } from "./kMeansOptions.js";
import { miniBatchStep } from "./miniBatch.js";
import { moveCentroids } from "./moveCentroids.js";
import { originOf, squaresFrom } from "./origin.js";
import type { RowSource } from "./rowSource.js";
import { startCentroids } from "./startCentroids.js";

/**
 * Groups the rows of a source into k clusters. All rows are looked at once before: features have to be finite.
 *
 * @throws Error about settings, rows that cannot be used, or fewer different rows than clusters; the signal's reason
 */
export async function kMeans(engine: Engine, source: RowSource, options: KMeansOptions): Promise<KMeansResult> {
  const settings = settingsOf(source, options);
  const walk = { chunkRows: settings.chunkRows, signal: settings.signal };
  const { resume, spherical } = settings;
  const measures = await checkRows(source, walk);
  // a function of the rows alone, so that a state need not hold it
  const origin = spherical ? undefined : originOf(measures);
  const squares = origin ? await squaresFrom(source, origin, walk) : measures.squares;
  const problem: Problem = { engine, source, walk, origin, squares };
  const centroids = resume
    ? { values: resume.centroids.slice(), columns: source.columns, spherical, origin }
    : await startCentroids(problem, settings.clusters, settings);
  return settings.method === "lloyd" ? lloyd(problem, settings, centroids) : miniBatch(problem, settings, centroids);
}

async function lloyd(problem: Problem, settings: Settings, start: Centroids): Promise<KMeansResult> {
  const { source, squares } = problem;
  const { resume, onIteration } = settings;
  const assignment = new Assignment(problem, settings.prune);
  const { labels, distances } = assignment;
  let centroids = start;
  let iteration = resume?.iteration ?? 0;
  let converged = resume?.converged ?? false;
  let tally = resume && (await assignment.restore(resume.labels, centroids));
  const state = (): KMeansState => stateOf(settings, centroids, { iteration, converged, labels: labels.slice() });

  while (!tally || (iteration < settings.iterations && !converged)) {
    const started = performance.now();
    if (tally) ({ centroids } = await moveCentroids(source, centroids, tally, { labels, distances, squares }));
    const pass = await assignment.assign(centroids);
    ({ tally } = pass);
    iteration++;
    const { empty } = tally;
    const isSettled = pass.changed === 0 || pass.changed < settings.tolerance * source.rows;
    converged = isSettled && empty === 0;
    const seconds = (performance.now() - started) / 1000;
    const { changed, compared } = pass;
    onIteration?.({ iteration, inertia: assignment.inertia, changed, empty, seconds, compared, state });
  }
  return resultOf(state(), labels, assignment.inertia, tally.empty);
}

async function miniBatch(problem: Problem, settings: Settings, start: Centroids): Promise<KMeansResult> {
  const { resume, onIteration, clusters, batchRows, signal } = settings;
  const { rows } = problem.source;
  const breath = new Breath();
  let centroids = start;
  let seen: Float64Array = resume?.seen.slice() ?? new Float64Array(clusters);
  let iteration = resume?.iteration ?? 0;
  const state = (): KMeansState => stateOf(settings, centroids, { iteration, seen: seen.slice() });

  while (iteration < settings.iterations) {
    const started = performance.now();
    await breath.take(signal);
    const step = await miniBatchStep(problem, centroids, seen, { ...settings, iteration });
    ({ centroids, seen } = step);
    iteration++;
    const empty = seen.reduce((count, of) => count + Number(of === 0), 0);
    const seconds = (performance.now() - started) / 1000;
    const inertia = step.meanDistance * rows;
    onIteration?.({ iteration, inertia, changed: undefined, empty, seconds, compared: batchRows / rows, state });
  }
  const assignment = new Assignment(problem, false);
  const { tally } = await assignment.assign(centroids);
  return resultOf(state(), assignment.labels, assignment.inertia, tally.empty);
}

function stateOf(
  { method, spherical }: Settings,
  { values, columns }: Centroids,
  rest: Partial<KMeansState> & Pick<KMeansState, "iteration">,
): KMeansState {
  const none = { converged: false, labels: new Int32Array(0), seen: new Float64Array(0) };
  return { method, spherical, centroids: values.slice(), columns, ...none, ...rest };
}

function resultOf(state: KMeansState, labels: Int32Array, inertia: number, empty: number): KMeansResult {
  const { centroids, columns, iteration, converged } = state;
  return { centroids, columns, labels, inertia, iterations: iteration, converged, empty, state };
}
