/**
 * Claims 7 and 8: what a network learns from pseudo-classes, on emoji without their labels. Against instance discrimination with the same network,
 * batches and steps; and with few and many clusters.
 */
import type { ImageSet } from "../../src/data/ImageSet.js";
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
import { judge, type Judgement } from "./transfer.js";

/** k */
export const CLUSTERS = [30, 300, 1000, 3000, 6000] as const;
/** k of the comparison with instance discrimination. */
export const COMPARED = 1000;
/** Of a caption. */
export const WORDS = 4;

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

export async function clusterDiscrimination(
  engine: Engine,
  { train, test, texts }: { readonly train: ImageSet; readonly test: ImageSet; readonly texts: readonly string[] },
  seed: number,
): Promise<Discrimination> {
  const sides = { image: await imageFeatures(train), text: captionFeatures(train, texts, WORDS, seed) };
  const onClusters = async (fusion: Fusion, clusters: number): Promise<Method & { clusters: number }> => {
    const { labels } = await clusterFused(engine, sides, fusion, clusters, seed);
    const trained = await trainNetwork(engine, relabelImages(train, labels, fusion), overlay(EMOJI, { seed }));
    const judged = await finish(engine, trained.backbone, test);
    trained.head.dispose();
    const mutualInformation = normalizedMutualInformation(labels, train.labels);
    return { name: `clusters of ${fusion}, k = ${clusters}`, clusters, mutualInformation, judgement: judged };
  };
  const granularity = [];
  for (const clusters of CLUSTERS) granularity.push(await onClusters("average", clusters));
  const supervised = await trainNetwork(engine, train, overlay(EMOJI, { seed }));
  const methods: Method[] = [
    {
      name: "instance discrimination (InfoNCE)",
      judgement: await finish(engine, await trainOnInstances(engine, train, overlay(EMOJI, { seed })), test),
    },
    await onClusters("image", COMPARED),
    granularity.find(({ clusters }) => clusters === COMPARED)!,
    { name: "true classes", mutualInformation: 1, judgement: await finish(engine, supervised.backbone, test) },
  ];
  supervised.head.dispose();
  return { methods, granularity };
}

async function finish(engine: Engine, backbone: Module, test: ImageSet): Promise<Judgement> {
  const judged = await judge(engine, backbone, test);
  backbone.dispose();
  return judged;
}
