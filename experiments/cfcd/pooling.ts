/** Claim 10: the power of the generalised mean: 1, 3, and learned from 3 on. */
import type { DescriptorNetwork } from "../../src/cfcd/index.js";
import { overlay, type PartialConfiguration } from "../../src/training/configuration.js";
import type { Engine } from "../../src/tensor/engine.js";
import { trainNetwork } from "../trainNetwork.js";
import type { Parts } from "./images.js";
import { judge, type Judgement } from "./judge.js";

export interface Pooling {
  /** p at first. */
  readonly power: number;
  readonly learned: boolean;
  /** p at last. */
  readonly final: number;
  readonly judgement: Judgement;
}

const TRIALS = [
  { power: 1, learned: false },
  { power: 3, learned: false },
  { power: 3, learned: true },
] as const;

/** @param fixed what the network of the settings, with p = 3, was found to be */
export async function pooling(
  engine: Engine,
  { train, test }: Parts,
  settings: PartialConfiguration,
  fixed: Judgement,
): Promise<Pooling[]> {
  const found: Pooling[] = [];
  for (const { power, learned } of TRIALS) {
    if (power === 3 && !learned) {
      found.push({ power, learned, final: power, judgement: fixed });
      continue;
    }
    const resnet = { power, learnPower: learned };
    const trained = await trainNetwork(engine, train, overlay(settings, { network: { resnet } }));
    const { p } = (trained.backbone as DescriptorNetwork).pooling;
    const [final] = p ? await p.variable.tensor.data() : [power];
    found.push({ power, learned, final, judgement: await judge(engine, trained.backbone, test) });
    trained.dispose();
  }
  return found;
}
