/** Sums and numbers of the rows of every cluster, in float64 and in the order of the rows, whatever the chunks they come in. */
export class Tally {
  /** [k, columns] */
  readonly sums: Float64Array;
  /** [k] */
  readonly counts: Float64Array;

  constructor(
    clusters: number,
    private readonly columns: number,
  ) {
    this.sums = new Float64Array(clusters * columns);
    this.counts = new Float64Array(clusters);
  }

  get empty(): number {
    return this.counts.reduce((empty, count) => empty + Number(count === 0), 0);
  }

  /** Adds rows; `labels` are theirs. */
  add(rows: Float32Array, labels: Int32Array): void {
    const { sums, counts, columns } = this;
    for (let i = 0, from = 0; i < labels.length; i++) {
      counts[labels[i]]++;
      const to = labels[i] * columns;
      for (let k = 0; k < columns; k++, from++) sums[to + k] += rows[from];
    }
  }

  /** Moves a row from one cluster to another. */
  move(row: Float32Array, from: number, to: number): void {
    const { sums, counts, columns } = this;
    counts[from]--;
    counts[to]++;
    for (let k = 0; k < columns; k++) {
      sums[from * columns + k] -= row[k];
      sums[to * columns + k] += row[k];
    }
  }
}
