/**
 * One clustering as the command line sees it: features, k-means, sizes, progress, Ctrl-C, files.
 *
 * The state is saved every half minute, and when Ctrl-C ends the run after the iteration that is under way; gone on with, it has the same
 * labels in the end, bit for bit.
 */
import { openEngine } from "../../tensor/openEngine.js";
import { openPairFeatures, type PairFeatures } from "../../training/pairFeatures.node.js";
import {
  defaultBatchRows,
  defaultIterations,
  kMeans,
  limitClusterSizes,
  rowsOf,
  type KMeansResult,
} from "../../unicom/index.js";
import type { Engine } from "../../tensor/engine.js";
import { listenForInterrupts } from "../listenForInterrupts.js";
import { digestOf, type ClusterFolder, type Finished, type Iteration, type Standing } from "./clusterFolder.js";
import { clusterProgress } from "./clusterProgress.js";
import { clusterResult, type ClusterResult } from "./clusterResult.js";
import type { ClusterSettings } from "./clusterSettings.js";

/** Milliseconds between two savings. */
const SAVE_INTERVAL = 30_000;

export interface Clustering {
  readonly folder: ClusterFolder;
  readonly settings: ClusterSettings;
  /** Goes on from what the folder holds. */
  readonly resume: boolean;
}

/** What came out, or after Ctrl-C the iterations that are saved: 0 if there was nothing to save yet. */
export type ClusteringEnd = { readonly result: ClusterResult } | { readonly saved: number };

export async function runClustering(clustering: Clustering): Promise<ClusteringEnd> {
  if (!clustering.resume) return runClaimed(clustering);
  const release = clustering.folder.claim();
  try {
    return await runClaimed(clustering);
  } finally {
    release();
  }
}

async function runClaimed({ folder, settings: given, resume }: Clustering): Promise<ClusteringEnd> {
  const engine = await openEngine(given.engine);
  try {
    const pairs = await openPairFeatures(engine, given);
    if (pairs.withoutDirection > 0) {
      console.error(`note: ${pairs.withoutDirection} of ${pairs.rows} rows have no direction (all zeros)`);
    }
    const standing = resume ? await folder.load() : undefined;
    const digest = digestOf(pairs.values);
    if (standing && standing.digest !== digest) {
      throw new Error(
        `${folder.path} was begun with other features than there are now; put those back, or begin another clustering.`,
      );
    }
    const settings = filledIn(given, pairs.rows);
    return await cluster(engine, { folder, settings, resume }, { pairs, digest, standing });
  } finally {
    await engine.close();
  }
}

/** With what the number of rows decides. */
function filledIn(given: ClusterSettings, rows: number): Filled {
  const { method } = given;
  const batchRows = given.batchRows ?? defaultBatchRows(rows);
  const iterations = given.iterations ?? defaultIterations(method, rows, batchRows);
  return { ...given, iterations, batchRows: method === "lloyd" ? null : batchRows };
}

type Filled = ClusterSettings & { readonly iterations: number };

interface Given {
  readonly pairs: PairFeatures;
  readonly digest: string;
  readonly standing: Standing | undefined;
}

async function cluster(
  engine: Engine,
  { folder, settings, resume }: Clustering & { readonly settings: Filled },
  given: Given,
): Promise<ClusteringEnd> {
  const { pairs, standing } = given;
  const { clusters, spherical, method, start, iterations, batchRows, seed } = settings;
  const history: Iteration[] = [...(standing?.history ?? [])];
  const before = history.reduce((sum, { seconds }) => sum + seconds, 0);
  const view = clusterProgress(iterations, pairs.rows);
  const stop = new AbortController();
  const keeper = new Keeper({ folder, settings, resume }, given.digest, stop);
  let isStopping = false;
  const ignoreInterrupts = listenForInterrupts({
    onFirst: () => {
      view.note("stopping after this iteration, and saving; Ctrl-C again ends at once");
      isStopping = true;
      if (history.length === 0) stop.abort(STOPPED); // still looking for centroids to begin with
    },
    onSecond: () => view.stop(),
  });
  const started = performance.now();
  try {
    const found = await kMeans(engine, rowsOf(pairs.values, pairs.columns), {
      ...{ clusters, spherical, method, start, iterations, seed, resume: standing?.state, signal: stop.signal },
      ...(batchRows !== null && { batchRows }),
      onIteration: (progress) => {
        const { iteration, inertia, changed, empty, seconds, compared } = progress;
        const line = { iteration, inertia, changed, empty, seconds, compared };
        history.push(line);
        view.show(line);
        if (isStopping || keeper.isDue) keeper.save({ state: progress.state(), history: [...history] });
        if (isStopping) stop.abort(STOPPED);
      },
    });
    await keeper.saved;
    view.stop();
    const seconds = before + (performance.now() - started) / 1000;
    const finished = outcomeOf(settings, { pairs, found, history, seconds });
    keeper.begin();
    folder.finish(settings, finished);
    return { result: finished.result };
  } catch (error) {
    view.stop();
    await keeper.saved;
    if (error === STOPPED) return { saved: history.length };
    throw error;
  } finally {
    ignoreInterrupts();
    keeper.release();
  }
}

/** The reason of the signal that a person gave. */
const STOPPED = new Error("stopped");

/** What the folder keeps, in the sizes that were asked for. */
function outcomeOf(
  settings: ClusterSettings,
  outcome: {
    readonly pairs: PairFeatures;
    readonly found: KMeansResult;
    readonly history: readonly Iteration[];
    readonly seconds: number;
  },
): Finished {
  const { clusters, minSize, maxPerCluster, seed } = settings;
  const { found } = outcome;
  const { columns } = found;
  const most = maxPerCluster ?? Infinity;
  const limited = limitClusterSizes(found.labels, clusters, { minClusterSize: minSize, maxPerCluster: most, seed });
  if (limited.clusters === 0) {
    throw new Error(
      `none of ${clusters} clusters has the ${minSize} rows that --min-size asks for, so no class is left.`,
    );
  }
  const result = clusterResult({ ...outcome, limited });
  const centroids = new Float32Array(limited.clusters * columns);
  for (const [place, cluster] of limited.kept.entries()) {
    centroids.set(found.centroids.subarray(cluster * columns, (cluster + 1) * columns), place * columns);
  }
  return { labels: limited.labels, centroids, columns, result };
}

/** Saves one state after another; a failure ends the clustering. The folder of a new one is begun, and claimed, with the first. */
class Keeper {
  /** Settles with the last saving. */
  saved: Promise<void> = Promise.resolve();
  private last = performance.now();
  private giveBack: (() => void) | undefined;

  constructor(
    private readonly clustering: Clustering,
    private readonly digest: string,
    private readonly stop: AbortController,
  ) {}

  get isDue(): boolean {
    return performance.now() - this.last > SAVE_INTERVAL;
  }

  save(standing: Omit<Standing, "digest">): void {
    this.last = performance.now();
    this.saved = this.saved.then(async () => {
      this.begin();
      await this.clustering.folder.save({ ...standing, digest: this.digest });
    });
    this.saved.catch((error: unknown) => this.stop.abort(error));
  }

  begin(): void {
    const { folder, settings, resume } = this.clustering;
    if (!resume) this.giveBack ??= folder.begin(settings);
  }

  release(): void {
    this.giveBack?.();
  }
}
