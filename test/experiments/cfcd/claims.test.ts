/** The verdicts of `experiment:cfcd`, on invented results that hold, hold in part, and do not hold. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Verdict } from "../../../experiments/claim.js";
import { claims } from "../../../experiments/cfcd/claims.js";
import type { Anchors, Coarse, EpochMeans } from "../../../experiments/cfcd/coarseStage.js";
import { VARIANTS, type Fine, type VariantName } from "../../../experiments/cfcd/fineStage.js";
import type { HeadResult } from "../../../experiments/cfcd/grid.js";
import { MADACOS, MADACOS_CHOSEN } from "../../../experiments/cfcd/heads.js";
import type { Judgement } from "../../../experiments/cfcd/judge.js";
import type { SeedResult, Stages } from "../../../experiments/cfcd/measureSeed.js";
import type { SyntheticRankings } from "../../../experiments/cfcd/syntheticRankings.js";

/** Noise at 50 percent is 2 √(0.5/2450) = 2.9 points. */
const QUERIES = 2450;

/** What the claims of a number are found to be when each seed's results are these. */
function verdicts(number: number, ...seeds: readonly Partial<SeedResult>[]): Verdict[] {
  const part = { train: { count: 1, classes: 1 }, test: { count: QUERIES, classes: 1 } };
  return claims({
    seeds: seeds.map((changes, i) => ({ ...HOLDING, ...changes, seed: i + 1 })),
    sizes: { drawn: part, emoji: part },
  })
    .filter((claim) => claim.number === number)
    .map(({ holds }) => holds);
}

const judged = (recall: number, map = recall): Judgement => ({ recall, map });

/** Epochs whose scale, margin and median are these. */
function epochs(scale: number[], margin: number[], median: number[]): EpochMeans[] {
  return scale.map((s, i) => ({ scale: s, margin: margin[i], median: median[i], loss: 5 }));
}

const GROWN = epochs([32, 32, 40, 70, 90], [0.01, 0.05, 0.1, 0.2, 0.35], [0.1, 0.3, 0.5, 0.7, 0.8]);
const HELD: Anchors = {
  ...{ batches: 10, withMargin: 9, aboveFloor: 8 },
  ...{ atMedian: 1e-7, lossAtMedian: 5e-6, atOne: 1e-12 },
};

function coarse(changes: Partial<Coarse>): Coarse {
  return { epochs: GROWN, anchors: HELD, ...changes };
}

/** A stage whose first and last fifth are these: matches, loss, distance. */
function fine(
  name: VariantName,
  judgement: Judgement,
  first: readonly [number, number, number] = [1, 0.5, 0.4],
  last: readonly [number, number, number] = [2, 0.4, 0.3],
): Fine {
  const parts = [first, last].map(([matches, loss, distance]) => ({ matches, loss, distance }));
  return { name, ...VARIANTS[name], judgement, parts };
}

const FINE: readonly Fine[] = [
  fine("without", judged(0.5)),
  fine("published", judged(0.55)),
  fine("heavy", judged(0.1)),
  fine("everywhere", judged(0.5), [3, 0.5, 0.5], [3, 0.4, 0.4]),
];

function stages(changes: Partial<Stages> = {}): Stages {
  const severalScales = { alone: [0.3, 0.5, 0.4].map((map) => judged(0.5, map)), averaged: judged(0.5, 0.51) };
  return { coarse: coarse({}), judgement: judged(0.4), fine: FINE, severalScales, ...changes };
}

/** `FINE` with some variants exchanged. */
function withFine(...changed: readonly Fine[]): Stages {
  return stages({ fine: FINE.map((of) => changed.find(({ name }) => name === of.name) ?? of) });
}

function grid(madaCos: number, small: number, large: number, chosen = madaCos): HeadResult[] {
  const head = (name: string, recall: number, scale?: number): HeadResult => ({
    ...{ name, rate: 0.1, loss: 1, judgement: judged(recall) },
    ...(scale !== undefined && { fixed: { kind: "ArcFace", scale, margin: 0.15 } }),
  });
  // AdaCos is no fixed setting, and none that MadaCos is measured by
  return [
    head(MADACOS.name, madaCos),
    head(MADACOS_CHOSEN.name, chosen),
    head("a", small, 10),
    head("b", large, 64),
    head("c", large - 0.1, 128),
    head("AdaCos", 0.99),
  ];
}

function pooling(one: number, three: number, learned: number, final: number): SeedResult["pooling"] {
  return [
    { power: 1, learned: false, final: 1, judgement: judged(one) },
    { power: 3, learned: false, final: 3, judgement: judged(three) },
    { power: 3, learned: true, final, judgement: judged(learned) },
  ];
}

const RANKINGS: SyntheticRankings = {
  ...{ queries: 10, changedByRemoval: 0, leastGain: 0, ordered: 0.6 },
  map: { easy: 0.6, medium: 0.5, hard: 0.4 },
};

const HOLDING: Omit<SeedResult, "seed"> = {
  ...{ drawn: stages(), emoji: stages() },
  ...{ grid: grid(0.8, 0.82, 0.75), emojiGrid: [] },
  strictness: [3, 2, 1].map((level, i) => ({ alpha: 0.1 * (i + 1), scale: 10 * level, margin: 0.1 * level, median: 0.7 })),
  rankings: RANKINGS,
  pooling: pooling(0.5, 0.6, 0.6, 3.2),
}; // prettier-ignore

describe("verdicts of experiment:cfcd", () => {
  it("hold where everything does, for two seeds", () => {
    for (let number = 1; number <= 10; number++) {
      const found = verdicts(number, {}, {});
      assert.ok(found.length > 0 && found.every((of) => of === "holds"), `claim ${number}: ${found.join(", ")}`);
    }
  });

  it("1: rise nearly without falling, and end where the specification says", () => {
    const drawn = (of: EpochMeans[]) => ({ drawn: stages({ coarse: coarse({ epochs: of }) }) });
    const dips = (to: number) => epochs([32, 32, 40, to, 90], [0.01, 0.05, 0.1, 0.2, 0.35], [0.1, 0.3, 0.5, 0.7, 0.8]);
    assert.deepEqual(verdicts(1, drawn(dips(38))), ["holds", "holds"]); // by 2 of 50, where 2.5 are allowed
    assert.deepEqual(verdicts(1, drawn(dips(37))), ["partly", "holds"]);
    const short = epochs([32, 33, 40, 50, 60], [0.01, 0.05, 0.1, 0.2, 0.35], [0.1, 0.3, 0.5, 0.7, 0.8]);
    assert.deepEqual(verdicts(1, drawn(short)), ["partly", "holds"]);
    const falling = epochs([50, 48, 46, 44, 40], [0.3, 0.2, 0.2, 0.15, 0.1], [0.6, 0.5, 0.5, 0.4, 0.3]);
    assert.deepEqual(verdicts(1, drawn(falling)), ["does not hold", "holds"]);
    const emoji = { emoji: stages({ coarse: coarse({ epochs: falling }) }) };
    assert.deepEqual(verdicts(1, {}, emoji), ["holds", "partly"]);
    assert.deepEqual(verdicts(1, emoji, emoji), ["holds", "does not hold"]);
  });

  it("2: both anchors, in batches that there are", () => {
    const both = (anchors: Partial<Anchors>) => {
      const of = stages({ coarse: coarse({ anchors: { ...HELD, ...anchors } }) });
      return { drawn: of, emoji: of };
    };
    assert.deepEqual(verdicts(2, both({ atMedian: 2e-6 })), ["partly"]);
    assert.deepEqual(verdicts(2, both({ atOne: 2e-9 })), ["partly"]);
    assert.deepEqual(verdicts(2, both({ aboveFloor: 0, atOne: 0 })), ["partly"]);
    const floor = stages({ coarse: coarse({ anchors: { ...HELD, aboveFloor: 0, atOne: 0 } }) });
    assert.deepEqual(verdicts(2, { emoji: floor }), ["holds"]); // seen on Omniglot
    assert.deepEqual(verdicts(2, both({ withMargin: 0, aboveFloor: 0, atOne: 1 })), ["does not hold"]);
  });

  it("3: near the best fixed setting, and well above the large scales", () => {
    const holds = grid(0.8, 0.82, 0.75);
    const far = grid(0.8, 0.84, 0.75);
    assert.deepEqual(verdicts(3, { grid: far }), ["partly", "partly"]);
    assert.deepEqual(verdicts(3, { grid: grid(0.8, 0.82, 0.78) }), ["partly", "partly"]);
    assert.deepEqual(verdicts(3, { grid: grid(0.8, 0.9, 0.79) }), ["does not hold", "does not hold"]);
    assert.deepEqual(verdicts(3, { grid: holds }, { grid: far }), ["partly", "partly"]);
    assert.deepEqual(verdicts(3, { grid: grid(0.8, 0.84, 0.75, 0.83) }), ["partly", "holds"]); // each by its own constants
  });

  it("4: the loss of the median image is −ln α, in batches that there are", () => {
    const watched = (anchors: Partial<Anchors>) => stages({ coarse: coarse({ anchors: { ...HELD, ...anchors } }) });
    const off = watched({ lossAtMedian: 1e-4 });
    const none = watched({ withMargin: 0, lossAtMedian: 0 });
    assert.deepEqual(verdicts(4, { drawn: off }), ["partly"]);
    assert.deepEqual(verdicts(4, { emoji: none }), ["partly"]);
    assert.deepEqual(verdicts(4, { drawn: none, emoji: off }), ["does not hold"]);
  });

  it("5: scale and margin both fall as α rises", () => {
    const strictness = (...of: readonly [number, number][]) => ({
      strictness: of.map(([scale, margin], i) => ({ alpha: 0.1 * (i + 1), scale, margin, median: 0.7 })),
    });
    assert.deepEqual(verdicts(5, strictness([30, 0.3], [30, 0.2])), ["partly"]);
    assert.deepEqual(verdicts(5, strictness([30, 0.3], [20, 0.4])), ["partly"]);
    assert.deepEqual(verdicts(5, strictness([30, 0.3], [40, 0.4])), ["does not hold"]);
  });

  it("6: matches rise and triplets fall; the global feature gains by more than noise", () => {
    const both = (of: Stages) => ({ drawn: of, emoji: of });
    const published = judged(0.55);
    const fewer = withFine(fine("published", published, [2, 0.5, 0.4], [1, 0.4, 0.4]));
    const growing = withFine(fine("published", published, [1, 0.5, 0.4], [2, 0.6, 0.4]));
    const neither = withFine(fine("published", published, [0, 0, NaN], [0, 0, NaN]));
    assert.deepEqual(verdicts(6, both(fewer)), ["partly", "holds", "holds"]);
    assert.deepEqual(verdicts(6, both(growing)), ["partly", "holds", "holds"]);
    assert.deepEqual(verdicts(6, both(neither)), ["does not hold", "holds", "holds"]);
    const within = withFine(fine("published", judged(0.52, 0.52)));
    const half = withFine(fine("published", judged(0.52, 0.55)));
    assert.deepEqual(verdicts(6, { drawn: within, emoji: half }), ["holds", "does not hold", "partly"]);
  });

  it("7: fewer matches, at a smaller distance", () => {
    const drawn = (matches: number, distance: number) => {
      const part = [matches, 0.5, distance] as const;
      return { drawn: withFine(fine("published", judged(0.5), part, part)) };
    }; // against 3 at 0.45
    assert.deepEqual(verdicts(7, drawn(2, 0.44)), ["holds"]);
    assert.deepEqual(verdicts(7, drawn(3, 0.44)), ["partly"]);
    assert.deepEqual(verdicts(7, drawn(2, 0.46)), ["partly"]);
    assert.deepEqual(verdicts(7, drawn(3, 0.46)), ["does not hold"]);
  });

  it("8: averaged, mAP loses half a point at most against the images' own size", () => {
    const averaged = (map: number) =>
      stages({ severalScales: { ...stages().severalScales, averaged: judged(0.5, map) } });
    assert.deepEqual(verdicts(8, { drawn: averaged(0.496), emoji: averaged(0.494) }), ["holds", "does not hold"]);
    assert.deepEqual(verdicts(8, { drawn: averaged(0.5) }, { drawn: averaged(0.4) }), ["partly", "holds"]);
  });

  it("9: nothing changes, nothing is lost, and the order is no law", () => {
    const rankings = (changes: Partial<SyntheticRankings>) => ({ rankings: { ...RANKINGS, ...changes } });
    assert.deepEqual(verdicts(9, rankings({ changedByRemoval: 1e-3 })), ["partly"]);
    assert.deepEqual(verdicts(9, rankings({ leastGain: -1e-3 })), ["partly"]);
    assert.deepEqual(verdicts(9, rankings({ ordered: 1 })), ["partly"]);
    const upsideDown = { easy: 0.4, medium: 0.5, hard: 0.6 };
    const nothing = rankings({ changedByRemoval: 1, leastGain: -1, ordered: 1, map: upsideDown });
    assert.deepEqual(verdicts(9, nothing), ["does not hold"]);
  });

  it("10: three is above one by more than noise, and a learned power stays within one", () => {
    assert.deepEqual(verdicts(10, { pooling: pooling(0.5, 0.52, 0.52, 3.2) }), ["partly"]);
    assert.deepEqual(verdicts(10, { pooling: pooling(0.5, 0.6, 0.6, 4.2) }), ["partly"]);
    assert.deepEqual(verdicts(10, { pooling: pooling(0.5, 0.6, 0.6, 3) }), ["partly"]); // nothing was learned
    assert.deepEqual(verdicts(10, { pooling: pooling(0.5, 0.6, 0.5, 3.2) }), ["partly"]);
    assert.deepEqual(verdicts(10, { pooling: pooling(0.6, 0.5, 0.4, 4.2) }), ["does not hold"]);
  });
});
