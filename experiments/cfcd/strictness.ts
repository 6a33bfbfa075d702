/** Claim 5: a smaller α is stricter. One batch, whose cosines are drawn, and the scale and margin of each α. */
import { Variable } from "../../src/autograd/index.js";
import { madaCos } from "../../src/cfcd/index.js";
import { PartialFC } from "../../src/pfc/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { stream } from "../../src/tensor/random.js";

export const ALPHAS = [0.02, 0.1, 0.3] as const;
const [BATCH, CLASSES, EMBEDDING] = [64, 136, 64];
/** How far images lie from their centers, against the length of these: t_med ≈ 1/√(1 + 0.8²) = 0.78, so that no bound acts. */
const SPREAD = 0.8;

export interface Strictness {
  readonly alpha: number;
  readonly scale: number;
  readonly margin: number;
  readonly median: number;
}

export function strictness(engine: Engine, seed: number): Strictness[] {
  return ALPHAS.map((alpha) =>
    engine.scope(() => {
      const head = new PartialFC(engine, {
        ...{ classes: CLASSES, embedding: EMBEDDING, ratio: 1, seed, deviation: 1 },
        margin: madaCos({ alpha }),
      });
      const labels = Int32Array.from({ length: BATCH }, (_, i) => i);
      const centers = head.centers.store.gather(labels).dataSync();
      const random = stream(seed, "strictness");
      const rows = Float32Array.from(centers, (value) => value + SPREAD * random.normal());
      head.loss(new Variable(engine.tensor(rows, [BATCH, EMBEDDING]), true), labels, 0);
      const { scale, margin, median } = head.lastSupplied!;
      const [[s], [m], [t]] = [scale, margin, median].map((tensor) => tensor.dataSync());
      head.dispose();
      return { alpha, scale: s, margin: m, median: t };
    }),
  );
}
