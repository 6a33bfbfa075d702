/**
 * Which centroid every row belongs to, and what is known of the distances to the others.
 *
 * The engine's `nearestRows` decides, always. Bounds only tell beforehand that it would decide as before: each row keeps a distance that
 * all centroids but its own are known to keep from it. Centroids move, and the bound shrinks by as much; where it still exceeds the
 * distance to the own centroid by more than float32 may lose (`scoreSlack.ts`), no score need be computed, or only those of the
 * centroids that moved far (`restless.ts`). So labels are, bit for bit, those of comparing all with all.
 */
import type { Engine } from "../tensor/index.js";
import { SearchTable, biasesOf, type Centroids } from "./centroids.js";
import { squaredDistance } from "./distances.js";
import { chooseRestless, driftOf, type Drift, type Restless } from "./restless.js";
import { chunksOf, type RowSource, type Walk } from "./rowSource.js";
import { ScoreSlack } from "./scoreSlack.js";
import { Tally } from "./tally.js";

/** What a pass over all rows found. */
export interface Pass {
  readonly tally: Tally;
  /** Rows whose label is another one now. */
  readonly changed: number;
  /** Scores that were computed, as a share of all. */
  readonly compared: number;
}

/** The rows, what was measured of each before, and the engine that compares. */
export interface Problem {
  readonly engine: Engine;
  readonly source: RowSource;
  /** What scores are computed from; missing: zero. */
  readonly origin?: Float32Array | undefined;
  /** ‖x − origin‖² of every row. */
  readonly squares: Float64Array;
  readonly walk: Walk;
}

/** Of one pass: the centroids, what they did since the last one, and tables to search. */
interface Round {
  readonly centroids: Centroids;
  readonly slack: ScoreSlack;
  readonly all: SearchTable;
  /** Missing: nothing is known, every row meets every centroid. */
  readonly since?: { readonly drift: Drift; readonly restless: Restless; readonly table: SearchTable | undefined };
}

interface Chunk {
  readonly start: number;
  readonly values: Float32Array;
}

export class Assignment {
  /** −1 before the first pass. */
  readonly labels: Int32Array;
  /** ‖x − c‖² of every row and its centroid. */
  readonly distances: Float64Array;
  /** What every other centroid is away at least. */
  private readonly least: Float64Array;
  /** Score of the own centroid where that has not moved since it was computed; else NaN. */
  private readonly scores: Float32Array;
  private last: Centroids | undefined;
  private computed = 0;

  /** @param prune false: every pass compares all with all */
  constructor(
    private readonly problem: Problem,
    private readonly prune: boolean,
  ) {
    const { rows } = problem.source;
    this.labels = new Int32Array(rows).fill(-1);
    this.distances = new Float64Array(rows);
    this.least = new Float64Array(rows);
    this.scores = new Float32Array(rows).fill(NaN);
  }

  /** Σ ‖x − c‖² */
  get inertia(): number {
    return this.distances.reduce((sum, distance) => sum + distance, 0);
  }

  /** Gives every row the label of its best centroid. */
  async assign(centroids: Centroids): Promise<Pass> {
    const { engine, source, walk } = this.problem;
    const clusters = centroids.values.length / centroids.columns;
    const tally = new Tally(clusters, centroids.columns);
    const round = this.begin(engine, centroids);
    let changed = 0;
    this.computed = 0;
    try {
      for await (const { start, end, values } of chunksOf(source, walk)) {
        const before = this.labels.slice(start, end);
        await this.assignChunk(round, { start, values });
        const labels = this.labels.subarray(start, end);
        for (let i = 0; i < before.length; i++) if (labels[i] !== before[i]) changed++;
        tally.add(values, labels);
      }
    } finally {
      round.all.dispose();
      round.since?.table?.dispose();
    }
    this.last = centroids;
    return { tally, changed, compared: this.computed / (source.rows * clusters) };
  }

  /** Takes labels over that an earlier run gave with these centroids. */
  async restore(labels: Int32Array, centroids: Centroids): Promise<Tally> {
    const { source, walk } = this.problem;
    const { values: centers, columns } = centroids;
    const tally = new Tally(centers.length / columns, columns);
    this.labels.set(labels);
    for await (const { start, end, values } of chunksOf(source, walk)) {
      for (let row = start; row < end; row++) this.measure(row, { start, values }, centroids);
      tally.add(values, labels.subarray(start, end));
    }
    return tally;
  }

  private begin(engine: Engine, centroids: Centroids): Round {
    const shared = { centroids, slack: new ScoreSlack(centroids), all: new SearchTable(engine, centroids) };
    if (!this.prune || !this.last) return shared;
    const drift = driftOf(this.last, centroids);
    const restless = chooseRestless(
      drift,
      this.least.map((least, row) => least - Math.sqrt(this.distances[row])),
    );
    const table = restless.index.length > 0 ? new SearchTable(engine, ...part(centroids, restless.index)) : undefined;
    return { ...shared, since: { drift, restless, table } };
  }

  private async assignChunk(round: Round, chunk: Chunk): Promise<void> {
    const count = chunk.values.length / round.centroids.columns;
    const open = round.since
      ? await this.meetRestless(round, round.since, chunk)
      : Array.from({ length: count }, (_, i) => chunk.start + i);
    if (open.length > 0) await this.meetAll(round, chunk, open);
  }

  /** Settles the rows whose bounds allow it, some of them after meeting the restless centroids. Returns the others. */
  private async meetRestless(round: Round, since: NonNullable<Round["since"]>, chunk: Chunk): Promise<number[]> {
    const { labels, distances, least, scores } = this;
    const { squares } = this.problem;
    const { slack, centroids } = round;
    const { drift, restless, table } = since;
    const open: number[] = [];
    const some: number[] = [];
    const end = chunk.start + chunk.values.length / centroids.columns;
    for (let row = chunk.start; row < end; row++) {
      const moved = drift.each[labels[row]] > 0;
      if (moved) {
        this.measure(row, chunk, centroids);
        scores[row] = NaN;
      }
      const [afterAll, afterCalm] = [least[row] - drift.largest, least[row] - restless.threshold];
      if (slack.isAhead(squares[row], distances[row], afterAll)) least[row] = shrunk(least[row], drift.largest);
      else if (!slack.isAhead(squares[row], distances[row], afterCalm)) open.push(row);
      else if (table) some.push(row);
      else least[row] = shrunk(least[row], restless.threshold);
    }
    if (!table || some.length === 0) return open;

    const isMost = 2 * some.length > end - chunk.start; // then few scores too many cost less than a copy of the rows
    const found = await table.search(isMost ? chunk.values : gather(chunk, some, centroids.columns));
    this.computed += found.best.length * table.count;
    for (const [i, row] of some.entries()) {
      const position = isMost ? row - chunk.start : i;
      const own = labels[row];
      const winner = restless.index[found.index[position]];
      const best = found.best[position];
      const rest = shrunk(least[row], restless.threshold); // of all that are calm
      const restUnderBest = Math.min(rest, slack.leastDistance(squares[row], best));
      const restUnderSecond = Math.min(rest, slack.leastDistance(squares[row], found.second[position]));
      if (drift.each[own] > restless.threshold) {
        // the own centroid was among them, and nothing else can be best
        least[row] = restUnderSecond;
        this.settle(row, winner, best, chunk, centroids);
      } else if (scores[row] > best || (scores[row] === best && own < winner)) {
        least[row] = restUnderBest; // the own centroid stands still, and its score is what it was
      } else if (scores[row] <= best) {
        least[row] = Math.min(restUnderSecond, slack.leastDistance(squares[row], scores[row]));
        this.settle(row, winner, best, chunk, centroids);
      } else if (slack.isAhead(squares[row], distances[row], restUnderBest)) {
        least[row] = restUnderBest;
      } else {
        open.push(row);
      }
    }
    return open;
  }

  private async meetAll({ centroids, slack, all }: Round, chunk: Chunk, open: readonly number[]): Promise<void> {
    const isWhole = open.length * centroids.columns === chunk.values.length;
    const order = isWhole ? open.toSorted((a, b) => a - b) : open;
    const found = await all.search(isWhole ? chunk.values : gather(chunk, open, centroids.columns));
    this.computed += open.length * all.count;
    for (const [position, row] of order.entries()) {
      this.least[row] = slack.leastDistance(this.problem.squares[row], found.second[position]);
      this.settle(row, found.index[position], found.best[position], chunk, centroids);
    }
  }

  private settle(row: number, label: number, score: number, chunk: Chunk, centroids: Centroids): void {
    this.labels[row] = label;
    this.scores[row] = score;
    this.measure(row, chunk, centroids);
  }

  private measure(row: number, { start, values }: Chunk, { values: centers, columns }: Centroids): void {
    const label = this.labels[row];
    this.distances[row] = squaredDistance(values, (row - start) * columns, centers, label * columns, columns);
  }
}

/** A bound on a distance after a move of that length, rounded down. */
function shrunk(least: number, drift: number): number {
  return (least - drift) * (1 - 2 ** -52);
}

/** Those centroids with their biases, for a table of their own. */
function part(centroids: Centroids, index: Int32Array): [Centroids, Float32Array] {
  const { columns } = centroids;
  const biases = biasesOf(centroids);
  const values = new Float32Array(index.length * columns);
  for (const [position, j] of index.entries()) {
    values.set(centroids.values.subarray(j * columns, (j + 1) * columns), position * columns);
  }
  return [{ ...centroids, values }, Float32Array.from(index, (j) => biases[j])];
}

/** Rows of a chunk, by their numbers among all. */
function gather({ start, values }: Chunk, rows: readonly number[], columns: number): Float32Array {
  const gathered = new Float32Array(rows.length * columns);
  for (const [position, row] of rows.entries()) {
    const from = (row - start) * columns;
    gathered.set(values.subarray(from, from + columns), position * columns);
  }
  return gathered;
}
