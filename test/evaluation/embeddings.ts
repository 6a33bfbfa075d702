/** Embeddings for the tests of this folder: clustered, with chosen difficulty, and a whole-number kind that makes ties. */
import { stream } from "../../src/tensor/random.js";

export interface Labelled {
  /** [N, E] */
  readonly embeddings: Float64Array;
  /** [N] */
  readonly labels: Int32Array;
  readonly embedding: number;
}

/** `count` rows around `classes` random directions, classes in random order; `noise` is the standard deviation a dimension. */
export function clusters(seed: string, count: number, embedding: number, classes: number, noise: number): Labelled {
  const random = stream(seed, "clusters");
  const centers = Float64Array.from({ length: classes * embedding }, () => random.normal());
  const labels = Int32Array.from({ length: count }, () => random.integer(classes));
  const embeddings = Float64Array.from({ length: count * embedding }, (_, i) => {
    const center = centers[labels[Math.floor(i / embedding)] * embedding + (i % embedding)];
    return center + noise * random.normal();
  });
  return { embeddings, labels, embedding };
}

/** Rows of −1, 0 and 1: many equal cosines, equal rows and rows of zeros. */
export function tied(seed: string, count: number, embedding: number, classes: number): Labelled {
  const random = stream(seed, "tied");
  const labels = Int32Array.from({ length: count }, () => random.integer(classes));
  const embeddings = Float64Array.from({ length: count * embedding }, () => random.integer(3) - 1);
  return { embeddings, labels, embedding };
}

/** Rows as arrays, divided by their length; zeros stay. */
export function unitRows({ embeddings, embedding }: Labelled): number[][] {
  const rows = Array.from({ length: embeddings.length / embedding }, (_, row) =>
    Array.from(embeddings.subarray(row * embedding, (row + 1) * embedding)),
  );
  return rows.map((row) => {
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    return length === 0 ? row : row.map((value) => value / length);
  });
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, e) => sum + value * b[e], 0);
}
