/** Opens a trained run for a command: its data set, and its network with the weights of a checkpoint. */
import type { DataSet } from "../data/DataSet.js";
import type { Module } from "../nn/index.js";
import type { Engine } from "../tensor/engine.js";
import { buildBackbone } from "../training/buildModel.js";
import { loadBackbone } from "../training/checkpoint.node.js";
import type { Configuration } from "../training/configuration.js";
import { openConfigured } from "../training/openConfigured.js";
import { RunFolder } from "../training/runFolder.node.js";
import { openData } from "../training/train.node.js";

export interface TrainedFlags {
  readonly data?: string;
  readonly checkpoint?: string;
}

export interface Trained {
  readonly engine: Engine;
  readonly configuration: Configuration;
  readonly data: DataSet;
  readonly backbone: Module;
  /** The file that the weights are from. */
  readonly checkpoint: string;
  /** Updates after which the checkpoint was made. */
  readonly step: number;
  /** Where the run keeps the list that its tuples are drawn from, if it has one. */
  readonly predictions: string;
}

/** Calls `use` and closes the engine after it. */
export async function withTrained(
  folder: string,
  flags: TrainedFlags,
  use: (trained: Trained) => Promise<void>,
): Promise<void> {
  const { run, configuration } = await RunFolder.open(folder);
  const checkpoint = flags.checkpoint ?? run.model();
  const data = await openData(configuration, flags.data);
  const engine = await openConfigured(configuration);
  try {
    const { channels, height } = data.test;
    const backbone = buildBackbone(engine, configuration, { channels, side: height });
    const { step } = await loadBackbone(checkpoint, backbone);
    await use({ engine, configuration, data, backbone, checkpoint, step, predictions: run.predictions });
  } finally {
    await engine.close();
    await data.close?.();
  }
}
