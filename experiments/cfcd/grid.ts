/** Claim 3: MadaCos and the other heads beside a grid of fixed scales and margins, each at its own learning rate. */
import { overlay, type PartialConfiguration } from "../../src/training/configuration.js";
import type { Engine } from "../../src/tensor/engine.js";
import { trainNetwork } from "../trainNetwork.js";
import { withHead, type Head } from "./heads.js";
import type { Parts } from "./images.js";
import { judge, type Judgement } from "./judge.js";
import { mean } from "../mean.js";

export interface HeadResult {
  readonly name: string;
  /** Scale and margin, where they are fixed. */
  readonly fixed?: Head["fixed"];
  readonly rate: number;
  readonly judgement: Judgement;
  /** Mean loss of the last tenth of the steps. */
  readonly loss: number;
}

export async function grid(
  engine: Engine,
  { train, test }: Parts,
  base: PartialConfiguration,
  heads: readonly Head[],
  seed: number,
): Promise<HeadResult[]> {
  const found: HeadResult[] = [];
  for (const head of heads) {
    const { name, fixed, rate } = head;
    const trained = await trainNetwork(engine, train, overlay(withHead(base, head), { seed }));
    const last = trained.steps.slice(-Math.ceil(trained.steps.length / 10));
    found.push({
      ...{ name, fixed, rate },
      judgement: await judge(engine, trained.backbone, test),
      loss: mean(last.map(({ loss }) => loss)),
    });
    trained.dispose();
  }
  return found;
}
