/** Everything that is measured of one seed. */
import { overlay, type PartialConfiguration } from "../../src/training/configuration.js";
import type { Engine } from "../../src/tensor/engine.js";
import { coarseStage, type Coarse } from "./coarseStage.js";
import { fineStage, type Fine, type VariantName } from "./fineStage.js";
import { grid, type HeadResult } from "./grid.js";
import { EMOJI_HEADS, HEADS, MADACOS, withHead } from "./heads.js";
import type { Images, Parts } from "./images.js";
import { judge, type Judgement } from "./judge.js";
import { pooling, type Pooling } from "./pooling.js";
import { COARSE, DRAWN, EMOJI, FINE } from "./settings.js";
import { severalScales, type SeveralScales } from "./severalScales.js";
import { strictness, type Strictness } from "./strictness.js";
import { syntheticRankings, type SyntheticRankings } from "./syntheticRankings.js";
import { teller } from "../teller.js";

/** A coarse stage of MadaCos and what is made of its network. */
export interface Stages {
  readonly coarse: Coarse;
  /** Before the fine stage. */
  readonly judgement: Judgement;
  readonly fine: readonly Fine[];
  readonly severalScales: SeveralScales;
}

export interface SeedResult {
  readonly seed: number;
  readonly drawn: Stages;
  readonly emoji: Stages;
  readonly grid: readonly HeadResult[];
  readonly emojiGrid: readonly HeadResult[];
  readonly strictness: readonly Strictness[];
  readonly rankings: SyntheticRankings;
  readonly pooling: readonly Pooling[];
}

export async function measureSeed(
  engine: Engine,
  { drawn, emoji }: Images,
  seed: number,
  say: (text: string) => void,
): Promise<SeedResult> {
  const told = teller(seed, say);
  const stagesDrawn = await told("coarse and fine stage, Omniglot", () =>
    stages(engine, drawn, COARSE, seed, ["without", "published", "heavy", "everywhere"]),
  );
  const heads = await told("grid, Omniglot", () => grid(engine, drawn, DRAWN, HEADS, seed));
  const madaCos = heads.find(({ name }) => name === MADACOS.name)!;
  return {
    seed,
    drawn: stagesDrawn,
    grid: heads,
    pooling: await told("pooling", () =>
      pooling(engine, drawn, overlay(withHead(DRAWN, MADACOS), { seed }), madaCos.judgement),
    ),
    emoji: await told("coarse and fine stage, emoji", () =>
      stages(engine, emoji, EMOJI, seed, ["without", "published", "heavy"]),
    ),
    emojiGrid: await told("grid, emoji", () => grid(engine, emoji, EMOJI, EMOJI_HEADS, seed)),
    strictness: strictness(engine, seed),
    rankings: syntheticRankings(seed),
  };
}

/** @param settings of the coarse stage */
export async function stages(
  engine: Engine,
  { train, test }: Parts,
  settings: PartialConfiguration,
  seed: number,
  names: readonly VariantName[],
): Promise<Stages> {
  const ofSeed = overlay(withHead(settings, MADACOS), { seed });
  const { trained, ...coarse } = await coarseStage(engine, train, ofSeed);
  const result = {
    coarse,
    judgement: await judge(engine, trained.backbone, test),
    severalScales: await severalScales(engine, trained, test),
    fine: await fineStage(engine, { train, test }, trained, overlay(ofSeed, FINE), names),
  };
  trained.dispose();
  return result;
}
