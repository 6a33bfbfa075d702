/** What k-means is told and what it tells, with the sentences about settings that cannot be. */
import type { RowSource } from "./rowSource.js";
import type { Start } from "./startCentroids.js";

export interface KMeansOptions {
  /** k */
  readonly clusters: number;
  /** Centroids of length one, compared by inner product (Dhillon and Modha 2001). Rows should have length one too. Default false. */
  readonly spherical?: boolean;
  /** Default "k-means++". An array: k rows to begin with. */
  readonly start?: Start;
  /** "lloyd" compares all rows in every iteration, "mini-batch" (Sculley 2010) a few drawn ones. Default "lloyd". */
  readonly method?: "lloyd" | "mini-batch";
  /** Rows of a mini-batch, at most all; default 1,024. */
  readonly batchRows?: number;
  /** At most so many; default by the method (`defaultIterations`). */
  readonly iterations?: number;
  /** Lloyd's method ends when fewer than this share of the labels change (and no cluster is empty); default 0.001. */
  readonly tolerance?: number;
  readonly seed?: number | string;
  /** Leave out comparisons whose outcome is certain; labels are the same. Costs 12 bytes a row. Default true. */
  readonly prune?: boolean;
  /** Rows that are read and compared at once; results do not depend on it. Default: 8 MiB of them. */
  readonly chunkRows?: number;
  /** Ends the run with the signal's reason, between chunks. */
  readonly signal?: AbortSignal;
  /** After every iteration. */
  readonly onIteration?: (progress: KMeansProgress) => void;
  /** Goes on from here instead of from a start: the same bits as a run that was never interrupted. */
  readonly resume?: KMeansState;
}

export interface KMeansProgress {
  /** From 1. */
  readonly iteration: number;
  /** Σ ‖x − c‖² over all rows before centroids move on; of a mini-batch an estimate from its rows. */
  readonly inertia: number;
  /** Labels that are others than one iteration before; of a mini-batch, which keeps no labels, undefined. */
  readonly changed: number | undefined;
  /** Clusters without a row; of a mini-batch those without a row since the run began. */
  readonly empty: number;
  /** Of this iteration. */
  readonly seconds: number;
  /** Scores of a row and a centroid that were computed, as a share of all rows times all centroids. */
  readonly compared: number;
  /** A copy of where the run stands, for `resume`. */
  state(): KMeansState;
}

/** Where a run stands after an iteration. Plain data. */
export interface KMeansState {
  readonly method: "lloyd" | "mini-batch";
  readonly spherical: boolean;
  readonly iteration: number;
  readonly converged: boolean;
  /** [k, columns] */
  readonly centroids: Float32Array;
  readonly columns: number;
  /** Of the rows, with these centroids; of a mini-batch empty. */
  readonly labels: Int32Array;
  /** Rows that every centroid has seen; of Lloyd's method empty. */
  readonly seen: Float64Array;
}

export interface KMeansResult {
  /** [k, columns] */
  readonly centroids: Float32Array;
  readonly columns: number;
  /** The best centroid of every row, of these centroids. */
  readonly labels: Int32Array;
  /** Σ ‖x − c‖² */
  readonly inertia: number;
  readonly iterations: number;
  /** Whether the run ended because labels had settled. */
  readonly converged: boolean;
  /** Clusters without a row. */
  readonly empty: number;
  readonly state: KMeansState;
}

/** Bytes of a chunk by default: rows beside their scores and sums stay within a last-level cache. */
const CHUNK_BYTES = 2 ** 23;

export type Settings = Required<Omit<KMeansOptions, "signal" | "onIteration" | "resume">> &
  Pick<KMeansOptions, "signal" | "onIteration" | "resume">;

export function defaultBatchRows(rows: number): number {
  return Math.min(1024, rows);
}

/** Of Lloyd's method, which gains little afterwards, and of mini-batches at least. */
const ITERATIONS = 50;
/**
 * How many times the number of rows mini-batches draw: 50 batches of 1,024 are a twentieth of a million rows. Twice as many passes lowered
 * inertia by another 0.3 to 1 % (20,000 × 32 into 400, 40,000 × 16 into 200), where it was 2 to 4 % above Lloyd's.
 */
const PASSES = 5;

/** Iterations where none are given. */
export function defaultIterations(method: "lloyd" | "mini-batch", rows: number, batchRows: number): number {
  return method === "lloyd" ? ITERATIONS : Math.max(ITERATIONS, Math.ceil((PASSES * rows) / batchRows));
}

/** Defaults filled in. @throws Error that names the setting, its rule and what was given */
export function settingsOf(source: RowSource, options: KMeansOptions): Settings {
  const { rows, columns } = source;
  const { method = "lloyd", batchRows = defaultBatchRows(rows) } = options;
  const settings: Settings = {
    ...options,
    spherical: options.spherical ?? false,
    start: options.start ?? "k-means++",
    method,
    batchRows,
    iterations: options.iterations ?? defaultIterations(method, rows, batchRows),
    tolerance: options.tolerance ?? 0.001,
    seed: options.seed ?? 0,
    prune: options.prune ?? true,
    chunkRows: options.chunkRows ?? Math.max(1, Math.floor(CHUNK_BYTES / (4 * columns))),
  };
  const { clusters, iterations, tolerance, chunkRows, resume } = settings;
  requireWhole("clusters (k)", clusters, 1);
  if (clusters > rows) {
    throw new Error(
      `k-means: k is at most the number of rows, for every cluster has one; k is ${clusters}, rows ${rows}.`,
    );
  }
  requireWhole("batchRows", batchRows, 1); // before what is computed from it
  requireWhole("iterations", iterations, 1);
  requireWhole("chunkRows", chunkRows, 1);
  if (batchRows > rows)
    throw new Error(`k-means: a mini-batch has at most the ${rows} rows there are; given ${batchRows}.`);
  if (!(tolerance >= 0 && tolerance <= 1)) {
    throw new Error(`k-means: tolerance is a share of the labels, from 0 to 1; given ${tolerance}.`);
  }
  if (resume) checkState(source, settings, resume);
  return settings;
}

function requireWhole(name: string, given: number, least: number): void {
  if (Number.isInteger(given) && given >= least) return;
  throw new Error(`k-means: ${name} is a whole number from ${least}; given ${given}.`);
}

function checkState({ rows, columns }: RowSource, { clusters, method, spherical }: Settings, state: KMeansState): void {
  const asked = { method, spherical, columns, centroids: clusters * columns, labels: method === "lloyd" ? rows : 0 };
  const given = { ...state, centroids: state.centroids.length, labels: state.labels.length };
  for (const name of ["method", "spherical", "columns", "centroids", "labels"] as const) {
    if (given[name] === asked[name]) continue;
    throw new Error(
      `k-means: the state to resume is of another run: its ${name} are ${given[name]}, where this one has ${asked[name]}.`,
    );
  }
  const seen = method === "mini-batch" ? clusters : 0;
  if (state.seen.length !== seen || !state.centroids.every(Number.isFinite)) {
    throw new Error(
      `k-means: the state to resume is damaged: its centroids are finite numbers, and it counts rows for ${seen} of them; ` +
        `it counts for ${state.seen.length}${state.centroids.every(Number.isFinite) ? "" : ", and a centroid is not finite"}.`,
    );
  }
  const row = state.labels.findIndex((label) => label < 0 || label >= clusters);
  if (row >= 0) {
    throw new Error(
      `k-means: labels of the state to resume go from 0 to ${clusters - 1}; that of row ${row} is ${state.labels[row]}.`,
    );
  }
}
