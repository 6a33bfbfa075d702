/**
 * Claim 1: clusters of image and text together are purer than those of either alone (arXiv 2304.05884, section 3.1).
 *
 * On a world where it can be computed: two views of a latent class, each with its own noise. And on emoji: pixels, and captions of a few words or of
 * all.
 */
import type { ImageSet } from "../../src/data/ImageSet.js";
import { pixelFeatures } from "../../src/data/pixelFeatures.js";
import { textFeatures } from "../../src/data/textFeatures.js";
import { hashNormal, stream } from "../../src/tensor/random.js";
import type { Engine } from "../../src/tensor/engine.js";
import {
  fuseModalities,
  kMeans,
  rowsOf,
  type Features,
  type Fusion,
  type KMeansResult,
} from "../../src/unicom/index.js";
import { agreementOf, type Agreement } from "./agreement.js";
import { captions } from "./captions.js";

export const FUSIONS: readonly Fusion[] = ["image", "text", "average", "concat"];

export interface FusionAgreement extends Agreement {
  readonly fusion: Fusion;
}

export interface WordsResult {
  /** Of a caption. */
  readonly words: number | "all";
  readonly agreements: readonly FusionAgreement[];
}

export interface ClusteringResult {
  /** Of two noisy views of a latent class. */
  readonly world: readonly FusionAgreement[];
  /** Distance of a view, and of the average of both, from its class's own direction: mean of ‖h − c‖². */
  readonly noise: Readonly<Record<"image" | "average", number>>;
  readonly emoji: readonly WordsResult[];
}

/** Averages need rows of one width: that of the pixels, 8 × 8 in three colours. */
const PIXEL_SIDE = 8;
export const CAPTION_WORDS: readonly (number | "all")[] = [1, 2, 4, "all"];
/** Of the world: rows, classes, dimensions, and how much longer the noise is than the signal. */
export const WORLD = { rows: 6000, classes: 200, dimensions: 32, noise: 1.1 } as const;

export async function clustering(
  engine: Engine,
  set: ImageSet,
  texts: readonly string[],
  seed: number,
): Promise<ClusteringResult> {
  const image = await imageFeatures(set);
  const emoji: WordsResult[] = [];
  for (const words of CAPTION_WORDS) {
    const sides = { image, text: captionFeatures(set, texts, words, seed) };
    emoji.push({ words, agreements: await agreements(engine, sides, set.labels, set.classes, seed) });
  }
  return { ...(await twoViews(engine, seed)), emoji };
}

export async function imageFeatures(set: ImageSet): Promise<Features> {
  return { values: await pixelFeatures(set, { side: PIXEL_SIDE }), columns: set.channels * PIXEL_SIDE ** 2 };
}

export function captionFeatures(
  set: ImageSet,
  texts: readonly string[],
  words: number | "all",
  seed: number,
): Features {
  const columns = set.channels * PIXEL_SIDE ** 2;
  return { values: textFeatures(captions(set, texts, words, seed), { dimensions: columns, seed }), columns };
}

/** Spherical k-means of one fusion. */
export async function clusterFused(
  engine: Engine,
  sides: { readonly image: Features; readonly text: Features },
  fusion: Fusion,
  clusters: number,
  seed: number,
): Promise<KMeansResult> {
  const { values, columns } = fuseModalities(sides, fusion);
  return kMeans(engine, rowsOf(values, columns), { clusters, spherical: true, seed });
}

async function agreements(
  engine: Engine,
  sides: { readonly image: Features; readonly text: Features },
  classes: Int32Array,
  clusters: number,
  seed: number,
): Promise<FusionAgreement[]> {
  const found: FusionAgreement[] = [];
  for (const fusion of FUSIONS) {
    const { labels } = await clusterFused(engine, sides, fusion, clusters, seed);
    found.push({ fusion, ...agreementOf(labels, classes, seed) });
  }
  return found;
}

/** Row i is of class i mod C; a view is its class's direction and noise of its own, both of random directions. */
async function twoViews(engine: Engine, seed: number): Promise<Pick<ClusteringResult, "world" | "noise">> {
  const { rows, classes, dimensions, noise } = WORLD;
  const keyOf = (name: string): readonly [number, number] => stream(seed, "two views", name).key();
  const centers = unitRows(classes, dimensions, (row, d) => hashNormal(keyOf("centers"), row, d));
  const view = (name: string): Features => {
    const key = keyOf(name);
    const scale = noise / Math.sqrt(dimensions);
    const values = unitRows(
      rows,
      dimensions,
      (row, d) => centers[(row % classes) * dimensions + d] + scale * hashNormal(key, row, d),
    );
    return { values, columns: dimensions };
  };
  const sides = { image: view("image"), text: view("text") };
  const labels = Int32Array.from({ length: rows }, (_, row) => row % classes);
  const distance = (fusion: Fusion): number => {
    const { values } = fuseModalities(sides, fusion);
    let sum = 0;
    values.forEach(
      (value, i) =>
        (sum += (value - centers[(Math.floor(i / dimensions) % classes) * dimensions + (i % dimensions)]) ** 2),
    );
    return sum / rows;
  };
  return {
    world: await agreements(engine, sides, labels, classes, seed),
    noise: { image: distance("image"), average: distance("average") },
  };
}

function unitRows(rows: number, columns: number, at: (row: number, column: number) => number): Float32Array {
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const own = Float64Array.from({ length: columns }, (_, column) => at(row, column));
    const length = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    own.forEach((value, column) => (values[row * columns + column] = value / length));
  }
  return values;
}
