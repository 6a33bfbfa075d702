/**
 * What a trained network takes images for: of all class centers the one with the largest cosine. From such a list CFCD draws the hard tuples of its
 * second stage; its public code reads the list and has no program that writes it.
 */
import type { PartialFC } from "../pfc/index.js";
import type { Tensor } from "../tensor/tensor.js";
import { embedImages, type EmbedOptions } from "./embedImages.js";

/** Centers that are compared at once. */
const CHUNK = 65_536;
/** Images that are compared at once. */
const ROWS = 4096;

export interface PredictedClasses {
  /** [N] */
  readonly predicted: Int32Array;
  /** The cosine with the center of that class: [N] */
  readonly scores: Float32Array;
}

/** Of every image of a set, in its order. */
export async function predictClasses(options: EmbedOptions & { readonly head: PartialFC }): Promise<PredictedClasses> {
  const { engine, head } = options;
  const embeddings = await embedImages(options);
  const { embedding } = head;
  const count = embeddings.length / embedding;
  const predicted = new Int32Array(count);
  const scores = new Float32Array(count).fill(-Infinity);
  for (let first = 0; first < head.centers.rows; first += CHUNK) {
    using centers = engine.scope(() => unitRows(head, first));
    for (let start = 0; start < count; start += ROWS) {
      options.signal?.throwIfAborted();
      const rows = embeddings.subarray(start * embedding, (start + ROWS) * embedding);
      const found = engine.scope(() => {
        const x = engine.normalizeRows(engine.tensor(rows, [rows.length / embedding, embedding]), 1e-12).y;
        return engine.nearestRows(x, centers, engine.full([centers.shape[0]], 0));
      });
      const [index, best] = [await found.index.data(), await found.best.data()];
      for (const tensor of [found.index, found.best, found.second]) tensor.dispose();
      best.forEach((score, row) => {
        if (score <= scores[start + row]) return;
        scores[start + row] = score;
        predicted[start + row] = first + index[row];
      });
    }
  }
  return { predicted, scores };
}

/** Centers from `first` on, of length one: [rows, E] */
function unitRows({ centers }: PartialFC, first: number): Tensor {
  const rows = Math.min(CHUNK, centers.rows - first);
  const index = Int32Array.from({ length: rows }, (_, i) => first + i);
  return centers.engine.normalizeRows(centers.store.gather(index), 1e-12).y;
}
