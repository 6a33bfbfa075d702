/**
 * A backbone with a regression unit (Boutros et al. 2023, "CR-FIQA: Face Image Quality Assessment by Learning Sample Relative
 * Classifiability", CVPR): one linear layer that predicts from an embedding how well an image can be classified.
 *
 *     q = ⟨e, w⟩ + b        e: the backbone's output, after its last batch norm and before any normalisation to length 1
 *
 * Names are those of the published weights: the backbone's own, and `qs.weight`, `qs.bias`.
 */
import { reshape, type Variable } from "../autograd/index.js";
import { Linear, Module, type Context, type Trainable } from "../nn/index.js";

/** Of images an embedding, of embeddings a score. */
export class QualityNetwork extends Module {
  private readonly unit: Linear;

  /** @param embedding E, the length of the backbone's output */
  constructor(
    readonly backbone: Module,
    embedding: number,
  ) {
    super();
    this.unit = new Linear({ in: embedding, out: 1 });
  }

  /** The backbone's children and the unit, side by side. */
  override children(): readonly (readonly [string, Module])[] {
    return [...this.backbone.children(), ["qs", this.unit]];
  }

  /** The unit alone, by its names in the network: what is trained on top of a finished backbone. */
  get regression(): Trainable {
    return { parameters: () => this.parameters().filter(({ name }) => name.startsWith("qs.")) };
  }

  /** images: [B, C, H, W] → embeddings [B, E], as of the backbone alone. */
  forward(images: Variable, context: Context): Variable {
    return this.backbone.forward(images, context);
  }

  /** The score of each image, of no fixed range; higher is better.  embeddings: [B, E] → [B] */
  quality(embeddings: Variable): Variable {
    return reshape(this.unit.forward(embeddings), [-1]);
  }
}
