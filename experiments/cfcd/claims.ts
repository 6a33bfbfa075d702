/**
 * The claims of the paper, and of its specification for this size, each with what was measured and a rule that it may fail. A claim holds
 * if it holds for every seed; a difference of R@1 or mAP counts where it is more than noise (`../noise.ts`). An average precision lies in
 * [0, 1], so that its variance is at most that of a hit with the same mean, and noise of mAP at most that of R@1.
 */
import { bySeed, verdict, type Claim } from "../claim.js";
import { isAbove, isNotBelow } from "../noise.js";
import { ALPHA, KAPPA, LEAST_SCALE, type EpochMeans } from "./coarseStage.js";
import type { Fine, VariantName } from "./fineStage.js";
import type { HeadResult } from "./grid.js";
import { MADACOS, MADACOS_CHOSEN, type Head } from "./heads.js";
import { IMAGE_SCALES } from "./severalScales.js";
import type { SeedResult, Stages } from "./measureSeed.js";
import type { Results } from "./results.js";
import { mean } from "../mean.js";

type Seeds = readonly SeedResult[];
type Set = "drawn" | "emoji";

const NAME: Readonly<Record<Set, string>> = { drawn: "Omniglot", emoji: "emoji" };
const SETS: readonly Set[] = ["drawn", "emoji"];

export function claims({ seeds, sizes }: Pick<Results, "seeds" | "sizes">): Claim[] {
  const queries = { drawn: sizes.drawn.test.count, emoji: sizes.emoji.test.count };
  return [
    growByThemselves(seeds),
    growOnEmoji(seeds),
    anchorsHold(seeds),
    standingBesideFixed(seeds, MADACOS, "usable without choosing a scale: the constants of the paper"),
    standingBesideFixed(
      seeds,
      MADACOS_CHOSEN,
      "the same with constants that held-out classes chose, a smallest scale among them",
    ),
    neverFades(seeds),
    stricter(seeds),
    localTripletsLearn(seeds),
    ...SETS.map((set) => sharpens(seeds, set, queries[set])),
    attentionMatters(seeds),
    ...SETS.map((set) => scalesAveraged(seeds, set)),
    benchmarkRules(seeds),
    powerSharpens(seeds, queries.drawn),
  ];
}

export const percent = (share: number): string => (100 * share).toFixed(1);

/** Near monotone: what an epoch may lose of the whole way. */
const SLACK = 0.05;
/** Epochs until growth has to be near monotone. */
const SETTLED = 3;

const isWithin = (value: number, [low, high]: readonly [number, number]): boolean => low <= value && value <= high;

function grows(values: readonly number[]): boolean {
  const settled = values.slice(SETTLED - 1);
  const way = settled[settled.length - 1] - settled[0];
  return way > 0 && settled.every((value, i) => i === 0 || value >= settled[i - 1] - SLACK * way);
}

const GROWING = ["scale", "margin", "median"] as const;

function wayOf(epochs: readonly EpochMeans[]): string {
  const [first, last] = [epochs[0], epochs[epochs.length - 1]];
  return `s ${first.scale.toFixed(1)} to ${last.scale.toFixed(1)}, m ${first.margin.toFixed(3)} to ${last.margin.toFixed(3)}, median ${first.median.toFixed(2)} to ${last.median.toFixed(2)}`;
}

const growing = (epochs: readonly EpochMeans[]): boolean[] =>
  GROWING.map((name) => grows(epochs.map((of) => of[name])));

function growByThemselves(seeds: Seeds): Claim {
  const checks = ({ epochs }: Stages["coarse"]): boolean[] => {
    const [first, last] = [epochs[0], epochs[epochs.length - 1]];
    return [
      ...growing(epochs),
      isWithin(first.scale, [LEAST_SCALE, LEAST_SCALE + 0.5]),
      isWithin(last.scale, [80, 110]),
      first.margin < 0.02,
      isWithin(last.margin, [0.3, 0.45]),
      isWithin(last.median, [0.75, 0.82]),
    ];
  };
  return {
    number: 1,
    text: "scale and margin grow by themselves (Omniglot)",
    expected:
      "means of epochs: all three rise, from the third epoch on nearly without falling; s from 32 to 80–110, m from below 0.02 to 0.3–0.45, median to 0.75–0.82",
    measured: bySeed(seeds, ({ drawn }) => wayOf(drawn.coarse.epochs)),
    holds: verdict(seeds.flatMap(({ drawn }) => checks(drawn.coarse))),
  };
}

function growOnEmoji(seeds: Seeds): Claim {
  return {
    number: 1,
    text: "the same on emoji",
    expected: "all three rise, from the third epoch on nearly without falling",
    measured: bySeed(seeds, ({ emoji }) => wayOf(emoji.coarse.epochs)),
    holds: verdict(seeds.flatMap(({ emoji }) => growing(emoji.coarse.epochs))),
  };
}

function anchorsHold(seeds: Seeds): Claim {
  return {
    number: 2,
    text: "the two anchors hold in every batch",
    expected: `where m > 0, P(t_med) = ${ALPHA} to 1e-6; where s > ${LEAST_SCALE} besides, P(1) = 1 − 1/${KAPPA + 1} to 1e-9`,
    measured: bySeed(seeds, (seed) =>
      SETS.map((set) => {
        const { withMargin, aboveFloor, batches, atMedian, atOne } = seed[set].coarse.anchors;
        return `${NAME[set]} ${withMargin} of ${batches} batches, off by ${atMedian.toExponential(1)} at most, and ${aboveFloor}, off by ${atOne.toExponential(1)}`;
      }).join(" / "),
    ),
    holds: verdict(
      seeds.flatMap((seed) => {
        const anchors = SETS.map((set) => seed[set].coarse.anchors);
        return [
          ...anchors.flatMap(({ withMargin, atMedian, atOne }) => [withMargin > 0 && atMedian <= 1e-6, atOne <= 1e-9]),
          anchors.some(({ aboveFloor }) => aboveFloor > 0), // else the second anchor was seen nowhere
        ];
      }),
    ),
  };
}

/** A head of MadaCos, the best of all fixed settings and the best of those with a large scale, by R@1. */
export function standing(
  heads: readonly HeadResult[],
  { name }: Pick<Head, "name">,
): Record<"madaCos" | "best" | "large", HeadResult> {
  const fixed = heads.filter((head) => head.fixed !== undefined);
  const best = (of: readonly HeadResult[]): HeadResult =>
    of.reduce((most, head) => (head.judgement.recall > most.judgement.recall ? head : most));
  return {
    madaCos: heads.find((head) => head.name === name)!,
    best: best(fixed),
    large: best(fixed.filter((head) => head.fixed!.scale >= 64)),
  };
}

function standingBesideFixed(seeds: Seeds, head: Head, text: string): Claim {
  const POINTS = 0.03;
  const inWords = ({ name, judgement: { recall, map } }: HeadResult): string =>
    `${name} ${percent(recall)} / ${percent(map)}`;
  return {
    number: 3,
    text: `${text} (Omniglot, each head at its own learning rate)`,
    expected:
      "R@1 at most three points below the best fixed setting of the test, and at least three above every one with s ≥ 64",
    measured: bySeed(seeds, ({ grid }) => {
      const { madaCos, best, large } = standing(grid, head);
      return `R@1 / mAP: ${inWords(madaCos)}; best: ${inWords(best)}; best with s ≥ 64: ${inWords(large)}`;
    }),
    holds: verdict(
      seeds.flatMap(({ grid }) => {
        const { madaCos, best, large } = standing(grid, head);
        return [
          madaCos.judgement.recall >= best.judgement.recall - POINTS,
          madaCos.judgement.recall >= large.judgement.recall + POINTS,
        ];
      }),
    ),
  };
}

function neverFades(seeds: Seeds): Claim {
  const TOLERANCE = 1e-6 / ALPHA; // what claim 2 allows, as a logarithm
  return {
    number: 4,
    text: "supervision never fades",
    expected: `the loss of the median image is −ln ${ALPHA} = ${(-Math.log(ALPHA)).toFixed(3)} in every batch with m > 0, to ${TOLERANCE.toExponential(0)}`,
    measured: bySeed(seeds, (seed) =>
      SETS.map((set) => {
        const { anchors, epochs } = seed[set].coarse;
        return `${NAME[set]} off by ${anchors.lossAtMedian.toExponential(1)} at most, mean loss of the first epoch ${epochs[0].loss.toFixed(2)}, of the last ${epochs[epochs.length - 1].loss.toFixed(2)}`;
      }).join(" / "),
    ),
    holds: verdict(
      seeds.flatMap((seed) =>
        SETS.flatMap((set) => {
          const { withMargin, lossAtMedian } = seed[set].coarse.anchors;
          return withMargin > 0 && lossAtMedian <= TOLERANCE;
        }),
      ),
    ),
  };
}

function stricter(seeds: Seeds): Claim {
  const falls = (values: readonly number[]): boolean => values.every((value, i) => i === 0 || value < values[i - 1]);
  return {
    number: 5,
    text: "a smaller α is stricter",
    expected: "of one batch, s and m fall as α rises",
    measured: bySeed(seeds, ({ strictness }) =>
      strictness
        .map(({ alpha, scale, margin }) => `α = ${alpha}: s ${scale.toFixed(1)}, m ${margin.toFixed(3)}`)
        .join(", "),
    ),
    holds: verdict(
      seeds.flatMap(({ strictness }) => [
        falls(strictness.map(({ scale }) => scale)),
        falls(strictness.map(({ margin }) => margin)),
      ]),
    ),
  };
}

function variant({ fine }: Stages, name: VariantName): Fine {
  return fine.find((of) => of.name === name)!;
}

function localTripletsLearn(seeds: Seeds): Claim {
  const inWords = ({ parts }: Fine): string => {
    const [first, last] = [parts[0], parts[parts.length - 1]];
    return `matches ${first.matches.toFixed(2)} to ${last.matches.toFixed(2)}, loss ${first.loss.toFixed(2)} to ${last.loss.toFixed(2)}`;
  };
  return {
    number: 6,
    text: "local triplets are found and learned",
    expected:
      "weight 0.05, first and last fifth of the stage: matches of a tuple above 0 and rising, sum of its triplets falling",
    measured: bySeed(seeds, (seed) =>
      SETS.map((set) => `${NAME[set]} ${inWords(variant(seed[set], "published"))}`).join(" / "),
    ),
    holds: verdict(
      seeds.flatMap((seed) =>
        SETS.flatMap((set) => {
          const { parts } = variant(seed[set], "published");
          const [first, last] = [parts[0], parts[parts.length - 1]];
          return [first.matches > 0 && last.matches > first.matches, last.loss < first.loss];
        }),
      ),
    ),
  };
}

function sharpens(seeds: Seeds, set: Set, queries: number): Claim {
  return {
    number: 6,
    text: `local triplets sharpen the global feature (${NAME[set]})`,
    expected:
      "R@1 and mAP with weight 0.05 are above those with weight 0 on the same tuples by more than noise; weight 1 is reported",
    measured: bySeed(seeds, (seed) => {
      const stages = seed[set];
      const { judgement: without } = variant(stages, "without");
      const against = (name: VariantName): string => {
        const { recall, map } = variant(stages, name).judgement;
        return `${signed(recall - without.recall)} and ${signed(map - without.map)}`;
      };
      return `weight 0: ${percent(without.recall)} and ${percent(without.map)} (before the stage ${percent(stages.judgement.recall)} and ${percent(stages.judgement.map)}); weight 0.05: ${against("published")}; weight 1: ${against("heavy")}`;
    }),
    holds: verdict(
      seeds.flatMap((seed) => {
        const [without, published] = (["without", "published"] as const).map((name) => variant(seed[set], name).judgement); // prettier-ignore
        return [isAbove(published.recall, without.recall, queries), isAbove(published.map, without.map, queries)];
      }),
    ),
  };
}

/** Points of a difference of shares. */
export function signed(difference: number): string {
  return `${difference < 0 ? "−" : "+"}${percent(Math.abs(difference))}`;
}

function attentionMatters(seeds: Seeds): Claim {
  const means = ({ parts }: Fine): { matches: number; distance: number } => {
    return {
      matches: mean(parts.map(({ matches }) => matches)),
      distance: mean(parts.map(({ distance }) => distance)),
    };
  };
  return {
    number: 7,
    text: "restricting matches to prominent cells makes them fewer and cleaner (Omniglot)",
    expected:
      "weight 0.05, over the whole stage: fewer matches of a tuple with the test of attention (as there must be), at a smaller distance; R@1 and mAP are reported",
    measured: bySeed(seeds, ({ drawn }) =>
      (["published", "everywhere"] as const)
        .map((name) => {
          const of = variant(drawn, name);
          const { matches, distance } = means(of);
          return `${name === "published" ? "with" : "without"} ${matches.toFixed(2)} at ${distance.toFixed(3)}, R@1 ${percent(of.judgement.recall)}, mAP ${percent(of.judgement.map)}`;
        })
        .join(" / "),
    ),
    holds: verdict(
      seeds.flatMap(({ drawn }) => {
        const [restricted, everywhere] = [means(variant(drawn, "published")), means(variant(drawn, "everywhere"))];
        return [restricted.matches < everywhere.matches, restricted.distance < everywhere.distance];
      }),
    ),
  };
}

function scalesAveraged(seeds: Seeds, set: Set): Claim {
  const single = IMAGE_SCALES.indexOf(1);
  return {
    number: 8,
    text: `descriptors of several sizes, averaged, are no worse than of one (${NAME[set]})`,
    expected: "mAP not below that of the images' own size by more than half a point",
    measured: bySeed(seeds, (seed) => {
      const { alone, averaged } = seed[set].severalScales;
      return `${alone.map(({ map }, i) => `${IMAGE_SCALES[i]}: ${percent(map)}`).join(", ")}; averaged ${percent(averaged.map)}`;
    }),
    holds: verdict(
      seeds.map((seed) => {
        const { alone, averaged } = seed[set].severalScales;
        return averaged.map >= alone[single].map - 0.005;
      }),
    ),
  };
}

function benchmarkRules(seeds: Seeds): Claim {
  const ROUNDING = 1e-12;
  return {
    number: 9,
    text: "what a protocol leaves out is as if it were not there",
    expected:
      "drawn rankings: taking it out changes no average precision, leaving out junk lowers none; easy ≥ medium ≥ hard on average, not for every query",
    measured: bySeed(
      seeds,
      ({ rankings: { changedByRemoval, leastGain, map, ordered, queries } }) =>
        `changed by ${changedByRemoval.toExponential(0)} at most, least gain ${leastGain.toExponential(0)}, mAP ${percent(map.easy)}, ${percent(map.medium)}, ${percent(map.hard)}, in this order ${percent(ordered)} % of ${queries} queries`,
    ),
    holds: verdict(
      seeds.flatMap(({ rankings: { changedByRemoval, leastGain, map, ordered } }) => [
        changedByRemoval <= ROUNDING,
        leastGain >= -ROUNDING,
        map.easy >= map.medium && map.medium >= map.hard,
        ordered < 1,
      ]),
    ),
  };
}

function powerSharpens(seeds: Seeds, queries: number): Claim {
  const of = ({ pooling }: SeedResult): Record<"one" | "three" | "learned", SeedResult["pooling"][number]> => ({
    one: pooling.find(({ power }) => power === 1)!,
    three: pooling.find(({ power, learned }) => power === 3 && !learned)!,
    learned: pooling.find(({ learned }) => learned)!,
  });
  return {
    number: 10,
    text: "a power above 1 sharpens the descriptor, and a learned one stays near (Omniglot)",
    expected:
      "R@1 and mAP with p = 3 above those with p = 1 by more than noise; learned from 3 on, p moves by less than 1 and is not worse by more than noise",
    measured: bySeed(seeds, (seed) => {
      const { one, three, learned } = of(seed);
      const [a, b, c] = [one, three, learned].map(({ judgement: { recall, map } }) => `${percent(recall)} / ${percent(map)}`); // prettier-ignore
      return `p = 1: ${a}, p = 3: ${b}, learned: ${c}, p = ${learned.final.toFixed(2)} at last`;
    }),
    holds: verdict(
      seeds.flatMap((seed) => {
        const { one, three, learned } = of(seed);
        return [
          isAbove(three.judgement.recall, one.judgement.recall, queries),
          isAbove(three.judgement.map, one.judgement.map, queries),
          learned.final !== learned.power && Math.abs(learned.final - learned.power) < 1,
          isNotBelow(learned.judgement.recall, three.judgement.recall, queries),
        ];
      }),
    ),
  };
}
