/**
 * How well clusters agree with classes: purity, and normalised mutual information.
 *
 * Both look at the table of counts n_cj of rows in cluster c and class j only, so the numbers that clusters and classes go by do not
 * matter. Rows whose cluster or class is −1 are left out.
 */

/** Rows of every cluster and class: n_cj, and its two margins. */
interface Contingency {
  readonly rows: number;
  readonly cells: readonly { readonly cluster: number; readonly class: number; readonly count: number }[];
  readonly clusterSizes: ReadonlyMap<number, number>;
  readonly classSizes: ReadonlyMap<number, number>;
}

/**
 * The share of rows that are of the most frequent class of their cluster: (1/n) Σ_c max_j n_cj, in (0, 1]. It rises with the number of
 * clusters, and is 1 where each row is one.
 *
 * @throws Error where numbers of labels differ or no row is left
 */
export function purity(clusters: Int32Array, classes: Int32Array): number {
  const { rows, cells } = contingency(clusters, classes);
  const largest = new Map<number, number>();
  for (const { cluster, count } of cells) largest.set(cluster, Math.max(largest.get(cluster) ?? 0, count));
  return [...largest.values()].reduce((sum, count) => sum + count, 0) / rows;
}

/**
 * I(clusters; classes) divided by the arithmetic mean of the two entropies, in [0, 1]: scikit-learn's default. 1 where clusters are the
 * classes, also where there is one of each; 0 where they are independent, and where one side is a single group and the other is not.
 *
 * @throws Error where numbers of labels differ or no row is left
 */
export function normalizedMutualInformation(clusters: Int32Array, classes: Int32Array): number {
  const { rows, cells, clusterSizes, classSizes } = contingency(clusters, classes);
  if (clusterSizes.size === 1 && classSizes.size === 1) return 1;
  let information = 0;
  for (const cell of cells) {
    const expected = (clusterSizes.get(cell.cluster)! * classSizes.get(cell.class)!) / rows;
    information += (cell.count / rows) * Math.log(cell.count / expected);
  }
  const mean = (entropy(clusterSizes, rows) + entropy(classSizes, rows)) / 2;
  return Math.min(1, Math.max(0, information / mean)); // but for rounding it is between
}

function entropy(sizes: ReadonlyMap<number, number>, rows: number): number {
  return [...sizes.values()].reduce((sum, size) => sum - (size / rows) * Math.log(size / rows), 0);
}

function contingency(clusters: Int32Array, classes: Int32Array): Contingency {
  if (clusters.length !== classes.length) {
    throw new Error(
      `cluster agreement: every row has a cluster and a class; given ${clusters.length} and ${classes.length} labels.`,
    );
  }
  const table = new Map<number, Map<number, number>>();
  const [clusterSizes, classSizes] = [new Map<number, number>(), new Map<number, number>()];
  const count = (sizes: Map<number, number>, label: number): void => void sizes.set(label, (sizes.get(label) ?? 0) + 1);
  let rows = 0;
  for (const [row, cluster] of clusters.entries()) {
    if (cluster === -1 || classes[row] === -1) continue;
    rows++;
    const line = table.get(cluster) ?? new Map<number, number>();
    table.set(cluster, line);
    count(line, classes[row]);
    count(clusterSizes, cluster);
    count(classSizes, classes[row]);
  }
  if (rows === 0) throw new Error("cluster agreement: no row has both a cluster and a class (−1 is none).");
  const cells = [...table].flatMap(([cluster, line]) =>
    [...line].map(([label, of]) => ({ cluster, class: label, count: of })),
  );
  return { rows, cells, clusterSizes, classSizes };
}
