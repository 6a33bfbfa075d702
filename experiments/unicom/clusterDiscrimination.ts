/**
 * Claims 7 and 8: what a network learns from pseudo-classes, on emoji without their labels. Against instance discrimination with the same network,
 * batches and steps; and with few and many clusters.
 */
import { relabelImages } from "../../src/data/relabelImages.js";
import { normalizedMutualInformation } from "../../src/evaluation/index.js";
import type { Module } from "../../src/nn/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { overlay } from "../../src/training/configuration.js";
import type { Fusion } from "../../src/unicom/index.js";
import { trainNetwork } from "../trainNetwork.js";
import { captionFeatures, clusterFused, imageFeatures } from "./clustering.js";
import { trainOnInstances } from "./instanceDiscrimination.js";
import { EMOJI } from "./settings.js";
import type { Images } from "./images.js";
import { judge, type Judgement } from "./judge.js";

/** k */
export const CLUSTERS = [30, 300, 1000, 6000] as const;
/** k of the comparison with instance discrimination. */
export const COMPARED = 1000;
/** Of a caption. */
const WORDS = 4;

export interface Method {
  readonly name: string;
  /** Of the pseudo-classes with the true ones. */
  readonly mutualInformation?: number;
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
  const onClusters = async (fusion: Fusion, clusters: number): Promise<Clustered> => {
    const { labels } = await clusterFused(engine, sides, fusion, clusters, seed);
    const { backbone, head } = await trainNetwork(engine, relabelImages(train, labels, fusion), settings);
    head.dispose();
    const mutualInformation = normalizedMutualInformation(labels, train.labels);
    const judgement = await judge(engine, backbone, test);
    return { name: `clusters of ${fusion}, k = ${clusters}`, clusters, mutualInformation, judgement, backbone };
  };
  const granularity: Clustered[] = [];
  for (const clusters of CLUSTERS) granularity.push(await onClusters("average", clusters));
  const compared = granularity.find(({ clusters }) => clusters === COMPARED)!;
  const ofImages = await onClusters("image", COMPARED);
  const instances = await trainOnInstances(engine, train, settings);
  const supervised = await trainNetwork(engine, train, settings);
  const methods: Method[] = [
    { name: "instance discrimination (InfoNCE)", judgement: await judge(engine, instances, test) },
    numbers(ofImages),
    numbers(compared),
    { name: "true classes", mutualInformation: 1, judgement: await judge(engine, supervised.backbone, test) },
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
function numbers({ name, mutualInformation, judgement }: Method): Method {
  return { name, mutualInformation, judgement };
}
