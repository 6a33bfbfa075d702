/** The networks of this experiment: its settings, and the regression unit beside some of them. */
import { QualityNetwork } from "../../src/crfiqa/index.js";
import type { ImageSet } from "../../src/data/ImageSet.js";
import type { Engine } from "../../src/tensor/engine.js";
import { overlay, type PartialConfiguration } from "../../src/training/configuration.js";
import { trainNetwork, type Trained } from "../trainNetwork.js";
import { loadInto } from "../loadInto.js";
import { SETTINGS } from "./settings.js";

/** @param onto a trained network whose backbone and centers stay as they are: the variant onTop */
export async function trainWithSettings(
  engine: Engine,
  set: ImageSet,
  changes: PartialConfiguration,
  onto?: Trained,
): Promise<Trained> {
  return trainNetwork(engine, set, overlay(SETTINGS, changes), onto && ((trainee) => loadInto(trainee, onto)));
}

/** Its network with a unit. @throws Error where quality was not learned */
export function qualityNetworkOf({ backbone }: Trained): QualityNetwork {
  if (backbone instanceof QualityNetwork) return backbone;
  throw new Error("this network was trained without a regression unit.");
}
