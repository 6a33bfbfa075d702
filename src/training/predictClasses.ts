/**
 * What a trained network takes images for: of all class centers the one with the largest cosine. From such a list CFCD draws the hard tuples of its
 * second stage; its public code reads the list and has no program that writes it.
 */
import type { PartialFC } from "../pfc/index.js";
import type { Tensor } from "../tensor/tensor.js";
import { embedImages, type EmbedOptions } from "./embedImages.js";

/** Images that are compared at once. */
const ROWS = 4096;

export interface PredictedClasses {
  /** [N] */
  readonly predicted: Int32Array;
  /** The cosine with the center of that class: [N] */
  readonly scores: Float32Array;
}

export interface PredictOptions extends EmbedOptions {
  readonly head: PartialFC;
  /** Centers that are compared at once, default 65,536; the answer does not depend on it. */
  readonly chunk?: number;
}

/** Of every image of a set, in its order; of equal cosines the class that comes first. */
export async function predictClasses(options: PredictOptions): Promise<PredictedClasses> {
  const { engine, head, chunk = 65_536 } = options;
  const embeddings = await embedImages(options);
  const { embedding } = head;
  const count = embeddings.length / embedding;
  const predicted = new Int32Array(count);
  const scores = new Float64Array(count).fill(-Infinity); // as the engine has them: rounded ones would not tell ties apart
  for (let first = 0; first < head.centers.rows; first += chunk) {
    using centers = engine.scope(() => unitRows(head, first, Math.min(chunk, head.centers.rows - first)));
    for (let start = 0; start < count; start += ROWS) {
      await new Promise((resolve) => setTimeout(resolve, 0)); // timers and signals run
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
  return { predicted, scores: Float32Array.from(scores) };
}

/** Centers from `first` on, of length one: [rows, E] */
function unitRows({ centers }: PartialFC, first: number, rows: number): Tensor {
  const index = Int32Array.from({ length: rows }, (_, i) => first + i);
  return centers.engine.normalizeRows(centers.store.gather(index), 1e-12).y;
}
