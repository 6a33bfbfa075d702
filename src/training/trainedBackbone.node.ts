/** The network of a finished run by itself: what embeds images that are not of the run's own data set. */
import type { Module } from "../nn/index.js";
import type { Engine } from "../tensor/engine.js";
import { buildBackbone } from "./buildModel.js";
import { fitsCheckpoint, loadBackbone } from "./checkpoint.node.js";
import type { Configuration } from "./configuration.js";
import { describeBackbone } from "./describeBackbone.js";
import { RunFolder } from "./runFolder.node.js";

export interface TrainedBackbone {
  readonly backbone: Module;
  readonly configuration: Configuration;
  /** What it takes. */
  readonly images: { readonly channels: 1 | 3; readonly side: number };
  /** Updates after which the checkpoint was made. */
  readonly step: number;
}

/** @param checkpoint default: the run's best, else its last. @throws Error where there is no run, or a checkpoint of another network */
export async function openTrainedBackbone(
  engine: Engine,
  folder: string,
  { checkpoint }: { readonly checkpoint?: string } = {},
): Promise<TrainedBackbone> {
  const { run, configuration } = await RunFolder.open(folder);
  const file = checkpoint ?? run.model();
  const { side } = configuration.dataset;
  // a configuration does not say whether images are grey: the stored weights do
  const takesGrey = /^(small|i?resnet\d+|small-resnet|small-vit)$/.test(configuration.network.kind); // the others are published for colour
  const isGrey =
    takesGrey && (await fitsCheckpoint(file, describeBackbone(configuration.network, { channels: 1, side })));
  const images = { channels: isGrey ? 1 : 3, side } as const;
  const backbone = buildBackbone(engine, configuration, images);
  const { step } = await loadBackbone(file, backbone);
  return { backbone, configuration, images, step };
}
