/** The same search for every head: each learning rate, as many steps as in the test, judged on held-out classes. */
import { overlay } from "../../src/training/configuration.js";
import type { Engine } from "../../src/tensor/engine.js";
import { trainNetwork } from "../trainNetwork.js";
import { HEADS, MADACOS_TRIALS, RATES, withHead, type Head } from "./heads.js";
import type { Parts } from "./images.js";
import { judge, type Judgement } from "./judge.js";
import { DRAWN } from "./settings.js";

export interface RateTrial {
  readonly head: string;
  /** In the order of `RATES`. */
  readonly judgements: readonly Judgement[];
}

export async function searchRates(
  engine: Engine,
  { train, test }: Parts,
  seed: number,
  say: (text: string) => void,
  heads: readonly Head[] = [...HEADS, ...MADACOS_TRIALS],
): Promise<RateTrial[]> {
  const trials: RateTrial[] = [];
  for (const head of heads) {
    const judgements: Judgement[] = [];
    for (const rate of RATES) {
      const settings = overlay(withHead(DRAWN, head, rate), { seed });
      const trained = await trainNetwork(engine, train, settings);
      judgements.push(await judge(engine, trained.backbone, test));
      trained.dispose();
    }
    trials.push({ head: head.name, judgements });
    say(`${head.name}: ${judgements.map(({ recall, map }) => `${recall.toFixed(3)} / ${map.toFixed(3)}`).join(", ")}`);
  }
  return trials;
}
