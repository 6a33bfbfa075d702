/**
 * The engine's matrix product for protocols that compare everything with everything: `RowProduct` of the room evaluation, which knows no engine.
 *
 * The gallery is uploaded once a protocol and stays until the next one, or `dispose`; products are float32, so that cosines closer than about E · 6e-8
 * may change places.
 */
import type { RowProduct } from "../evaluation/similarityBands.js";
import type { Engine } from "../tensor/engine.js";
import type { Tensor } from "../tensor/tensor.js";

export class EngineRowProduct {
  private gallery: Tensor | undefined;

  constructor(private readonly engine: Engine) {}

  /** To be handed to a protocol. */
  readonly product: RowProduct = (queries, gallery, width) => {
    const { engine } = this;
    this.dispose();
    const all = engine.keep(engine.tensor(new Float32Array(gallery), [gallery.length / width, width])); // [N, width]
    this.gallery = all;
    return async (start, end) => {
      const block = engine.scope(() => {
        const rows = engine.tensor(new Float32Array(queries.subarray(start * width, end * width)), [
          end - start,
          width,
        ]);
        return engine.matmul(rows, all, false, true); // [B, width] · [N, width]ᵀ → [B, N]
      });
      try {
        return await block.data();
      } finally {
        block.dispose();
      }
    };
  };

  dispose(): void {
    this.gallery?.dispose();
    this.gallery = undefined;
  }
}
