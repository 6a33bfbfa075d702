/**
 * Embeddings on the host: checked, measured, summed with their mirrors, and brought to length one, in float64.
 *
 * The protocol of the face verification sets (the public code of ArcFace): an image and its mirror are embedded
 * separately, the two raw embeddings are ADDED, and only the sum is normalised. A row of zeros has no direction; it stays
 * zero (cosine 0 with everything), and every result of this folder says how many of those it met.
 *
 * Left out: anything that needs an engine; whoever evaluates hands over plain arrays.
 */

/** N embeddings of E numbers, row after row: [N, E]. */
export type EmbeddingRows = Float32Array | Float64Array;

/**
 * The number of rows N of `embeddings` [N, E].
 *
 * Throws when the length is no multiple of E, when there is no row, and when a number is NaN or infinite (naming its place).
 */
export function countRows(embeddings: EmbeddingRows, embedding: number): number {
  if (!Number.isInteger(embedding) || embedding < 1 || embeddings.length % embedding !== 0 || embeddings.length === 0) {
    throw new Error(
      `embeddings: one or more rows of E numbers with a whole E ≥ 1 are needed; given ${embeddings.length} numbers and E = ${embedding}.`,
    );
  }
  for (let i = 0; i < embeddings.length; i++) {
    if (!Number.isFinite(embeddings[i])) {
      throw new Error(
        `embeddings: every number must be finite, but row ${Math.floor(i / embedding)}, dimension ${i % embedding} is ${embeddings[i]} (${embeddings.length / embedding} rows of ${embedding}); has the training diverged?`,
      );
    }
  }
  return embeddings.length / embedding;
}

/** Throws unless there is one whole-number label for each of N rows; returns them as an Int32Array. */
export function checkedLabels(labels: ArrayLike<number>, rows: number, name = "labels"): Int32Array {
  if (labels.length !== rows) {
    throw new Error(`${name}: one entry a row is needed; given ${labels.length} for ${rows} rows.`);
  }
  const whole = Int32Array.from(labels);
  for (let i = 0; i < rows; i++) {
    if (whole[i] !== labels[i]) {
      throw new Error(`${name}: whole numbers of 32 bits are needed, but entry ${i} is ${labels[i]}.`);
    }
  }
  return whole;
}

/** Euclidean length of each row: [N, E] → [N]. The mean of these, before normalising, is what training logs call XNorm. */
export function rowNorms(embeddings: EmbeddingRows, embedding: number): Float64Array {
  const count = countRows(embeddings, embedding);
  const norms = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    const from = row * embedding;
    let sum = 0;
    for (let e = 0; e < embedding; e++) sum += embeddings[from + e] * embeddings[from + e];
    // Squares leave the range of float64 beyond lengths of 1e±154; hypot scales first, but costs ten times as much.
    norms[row] =
      sum > 1e-290 && sum < 1e290 ? Math.sqrt(sum) : Math.hypot(...embeddings.subarray(from, from + embedding));
  }
  return norms;
}

/** y = x / ‖x‖ row by row, in float64: [N, E] → [N, E]. Rows of zeros stay zero. `embeddings` is not changed. */
export function normalizeRows(embeddings: EmbeddingRows, embedding: number): Float64Array {
  const norms = rowNorms(embeddings, embedding);
  const unit = new Float64Array(embeddings.length);
  for (let row = 0; row < norms.length; row++) {
    if (norms[row] === 0) continue;
    const from = row * embedding;
    for (let e = 0; e < embedding; e++) unit[from + e] = embeddings[from + e] / norms[row];
  }
  return unit;
}

/** How many rows of `unit` [N, E] are all zeros. */
export function countZeroRows(unit: EmbeddingRows, embedding: number): number {
  let zeros = 0;
  for (let from = 0; from < unit.length; from += embedding) {
    let e = 0;
    while (e < embedding && unit[from + e] === 0) e++;
    if (e === embedding) zeros++;
  }
  return zeros;
}

/** Embeddings of images plus embeddings of their mirrors, both raw: [N, E] + [N, E] → [N, E] in float64. */
export function sumMirrored(embeddings: EmbeddingRows, mirrored: EmbeddingRows): Float64Array {
  if (embeddings.length !== mirrored.length) {
    throw new Error(
      `sumMirrored: an embedding and its mirror have the same shape; given ${embeddings.length} and ${mirrored.length} numbers.`,
    );
  }
  return Float64Array.from(embeddings, (value, i) => value + mirrored[i]);
}

/** ⟨row i, row j of others⟩ of rows [N, E], summed in order of e: the same bits as a cosine tile gives for that pair. */
export function rowDot(rows: EmbeddingRows, embedding: number, i: number, j: number, others = rows): number {
  let sum = 0;
  for (let e = 0, a = i * embedding, b = j * embedding; e < embedding; e++) sum += rows[a + e] * others[b + e];
  return sum;
}
