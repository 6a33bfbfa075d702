/** How well a network that was trained on some classes tells others apart. */
import type { ImageSet } from "../../src/data/ImageSet.js";
import { recallAtK } from "../../src/evaluation/index.js";
import type { Module } from "../../src/nn/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import type { PartialConfiguration } from "../../src/training/configuration.js";
import { embedImages } from "../../src/training/embedImages.js";
import { trainNetwork } from "../trainNetwork.js";

/** Recall@1 on unseen classes, each image asking all the others. */
export async function recallAtOne(engine: Engine, backbone: Module, test: ImageSet): Promise<number> {
  const embeddings = await embedImages({ engine, backbone, set: test });
  const embedding = embeddings.length / test.count;
  return (await recallAtK({ embeddings, labels: test.labels, embedding, ks: [1] })).recall[0].recall;
}

/** The same of a network that is trained for it, and then forgotten. */
export async function transfer(
  engine: Engine,
  train: ImageSet,
  test: ImageSet,
  settings: PartialConfiguration,
): Promise<number> {
  const trained = await trainNetwork(engine, train, settings);
  const recall = await recallAtOne(engine, trained.backbone, test);
  trained.dispose();
  return recall;
}
