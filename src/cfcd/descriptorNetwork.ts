/**
 * The network of CFCD (Zhu et al. 2023, section 3.1): a backbone's last map, and one global descriptor made of it.
 *
 *     f = backbone(image)        [B, C, H, W]    local descriptors, one a cell
 *     g = BN(W · GeM(f) + b)     [B, E]          the global descriptor; nobody has brought it to length 1 yet
 *
 * GeM is the generalised mean over all cells, (mean of max(f, 1e-6)^p)^(1/p), with p = 3 fixed in the paper; the linear layer stands for
 * whitening. In training the local descriptors teach the backbone besides (`localTriplets`); at test time the global one is all there is.
 *
 * Names: the backbone's own under `backbone.`, then `pooling.p` where p is learned, `fc.weight`, `fc.bias`, `bn.weight`, …. Weights of
 * torchvision belong to the backbone alone: `network.backbone.loadStateDictionary(weights)`, after `network.allocate(engine, seed)`.
 */
import type { Variable } from "../autograd/index.js";
import { BatchNorm1d, GeM, Linear, Module, type Context, type GeMOptions } from "../nn/index.js";
import { formatShape } from "../tensor/shape.js";

export interface DescriptorNetworkOptions extends GeMOptions {
  /** Makes images a map [B, mapChannels, H, W]. */
  readonly backbone: Module;
  readonly mapChannels: number;
  /** E, 512 in the paper. */
  readonly embedding: number;
}

/** What one pass says of a batch of images. */
export interface Description {
  /** f: [B, C, H, W] */
  readonly map: Variable;
  /** g, not normalised: [B, E] */
  readonly descriptor: Variable;
}

/** Backbone → GeM → linear → BN; without memory until `allocate`. */
export class DescriptorNetwork<Backbone extends Module = Module> extends Module {
  readonly backbone: Backbone;
  readonly pooling: GeM;
  readonly fc: Linear;
  readonly bn: BatchNorm1d;
  private readonly mapChannels: number;

  constructor({
    backbone,
    mapChannels,
    embedding,
    ...gem
  }: DescriptorNetworkOptions & { readonly backbone: Backbone }) {
    super();
    this.backbone = backbone;
    this.mapChannels = mapChannels;
    this.pooling = new GeM(gem);
    this.fc = new Linear({ in: mapChannels, out: embedding });
    this.bn = new BatchNorm1d(embedding);
  }

  get embedding(): number {
    return this.bn.weight.shape[0];
  }

  /** images: what the backbone takes → g: [B, E] */
  forward(images: Variable, context: Context): Variable {
    return this.describe(images, context).descriptor;
  }

  /** Map and descriptor of one pass, both on the same tape. @throws Error unless the backbone gives a map of as many channels as it was said to */
  describe(images: Variable, context: Context): Description {
    const map = this.backbone.forward(images, context); // [B, C, H, W]
    if (map.shape.length !== 4 || map.shape[1] !== this.mapChannels) {
      throw new Error(
        `descriptor network: the backbone must give a map [B, ${this.mapChannels}, H, W]; it gave ${formatShape(map.shape)}.`,
      );
    }
    const pooled = this.pooling.forward(map); // [B, C]
    return { map, descriptor: this.bn.forward(this.fc.forward(pooled), context) };
  }
}
