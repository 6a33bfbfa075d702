/**
 * Claims 7 and 8: what a network learns from pseudo-classes, on emoji without their labels. Against instance discrimination with the same network,
 * batches and steps; and with few and many clusters.
 */
import { relabelImages } from "../../src/data/relabelImages.js";
import type { Module } from "../../src/nn/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { overlay, type PartialConfiguration } from "../../src/training/configuration.js";
import type { Fusion } from "../../src/unicom/index.js";
import { trainNetwork } from "../trainNetwork.js";
import { agreementOf, type Agreement } from "./agreement.js";
import { captionFeatures, clusterFused, imageFeatures } from "./clustering.js";
import { trainOnInstances } from "./instanceDiscrimination.js";
import { COMPARISON, EMOJI } from "./settings.js";
import type { Images } from "./images.js";
import { judge, judgeEmbeddings, type Judgement } from "./judge.js";

/** k */
export const CLUSTERS = [30, 300, 1000, 3000, 6000] as const;
/** k of the comparison with instance discrimination. */
export const COMPARED = 1000;
/** Of a caption. */
const WORDS = 4;

/** What is compared. */
export const METHODS = {
  untrained: "pixels, nothing trained",
  instances: "instance discrimination (InfoNCE)",
  ofImages: `clusters of image, k = ${COMPARED}`,
  ofBoth: `clusters of average, k = ${COMPARED}`,
  supervised: "true classes",
} as const;

export interface Method {
  readonly name: string;
  /** Of the pseudo-classes with the true ones. */
  readonly agreement?: Agreement;
  readonly judgement: Judgement;
}

export interface Discrimination {
  readonly methods: readonly Method[];
  readonly granularity: readonly (Method & { readonly clusters: number })[];
}

/** @returns also the network that was trained on `COMPARED` clusters of image and text, which its caller disposes */
export async function clusterDiscrimination(
  engine: Engine,
  { train, test, texts }: Images["emoji"],
  seed: number,
): Promise<{ readonly discrimination: Discrimination; readonly trained: Module }> {
  const sides = { image: await imageFeatures(train), text: captionFeatures(train, texts, WORDS, seed) };
  const settings = overlay(EMOJI, { seed });
  const onClusters = async (fusion: Fusion, clusters: number, own: PartialConfiguration): Promise<Clustered> => {
    const { labels } = await clusterFused(engine, sides, fusion, clusters, seed);
    const { backbone, head } = await trainNetwork(engine, relabelImages(train, labels, fusion), overlay(settings, own));
    head.dispose();
    const agreement = agreementOf(labels, train.labels, seed);
    const judgement = await judge(engine, backbone, test);
    return { name: `clusters of ${fusion}, k = ${clusters}`, clusters, agreement, judgement, backbone };
  };
  const granularity: Clustered[] = [];
  for (const clusters of CLUSTERS) granularity.push(await onClusters("average", clusters, {}));
  const compared = granularity.find(({ clusters }) => clusters === COMPARED)!;
  const ofImages = await onClusters("image", COMPARED, COMPARISON.clusters);
  const { temperature, ...own } = COMPARISON.instances;
  const instances = await trainOnInstances(engine, train, overlay(settings, own), temperature);
  const supervised = await trainNetwork(engine, train, settings);
  const pixels = (await imageFeatures(test)).values;
  const methods: Method[] = [
    { name: METHODS.untrained, judgement: await judgeEmbeddings(pixels, test) },
    { name: METHODS.instances, judgement: await judge(engine, instances, test) },
    numbers(ofImages),
    numbers(compared),
    { name: METHODS.supervised, judgement: await judge(engine, supervised.backbone, test) },
  ];
  for (const held of [instances, supervised, ofImages.backbone]) held.dispose();
  for (const other of granularity) if (other !== compared) other.backbone.dispose();
  const discrimination = { methods, granularity: granularity.map((of) => ({ ...numbers(of), clusters: of.clusters })) };
  return { discrimination, trained: compared.backbone };
}

interface Clustered extends Method {
  readonly clusters: number;
  readonly backbone: Module;
}

/** Without the network. */
function numbers({ name, agreement, judgement }: Method): Method {
  return { name, agreement, judgement };
}
