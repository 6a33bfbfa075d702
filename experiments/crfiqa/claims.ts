/** The claims of the paper, and of its specification for this size, each with what was measured. A claim holds if it holds for every seed. */
import type { Degradation } from "../../src/data/degradation.js";
import { bySeed, verdict, type Claim } from "../claim.js";
import { rankCorrelation } from "../../src/evaluation/index.js";
import { AT_30_PERCENT, type Convention, type Curves } from "./curves.js";
import type { SeedResult } from "./measureSeed.js";
import type { Results } from "./page.js";
import { METHODS, type Method } from "./scores.js";
import { mean } from "../mean.js";

const MAGNITUDES: readonly Method[] = METHODS.filter((method) => method.startsWith("magnitude"));
export const BASELINES: readonly Method[] = METHODS.filter(
  (method) => method !== "CR-FIQA" && !method.startsWith("oracle"),
);

/** By how much of the clean score the mean is to fall at severity 1. */
const FALLS: Partial<Record<Degradation, number>> = { occlusion: 0.4, noise: 0.05, blur: 0.03, lowResolution: 0.03 };
const MONOTONE: readonly Degradation[] = ["occlusion", "noise"];
/** What a mean may rise by from one severity to the next. */
const SLACK = 0.005;

export function claims(results: Results): Claim[] {
  const { seeds } = results;
  return [
    fallsWithSeverity(seeds),
    ordersImages(seeds),
    asGoodAsTheOracle(seeds),
    discardingWorks(seeds),
    transfers(seeds),
    tracksItsTarget(seeds),
    rawIsFragile(results),
    recognitionIsNotHurt(seeds),
    variantsCompared(results),
    minimumOfThePair(seeds),
  ];
}

/** AUC at an FMR of 1e-2. */
export function area(curves: Curves, method: Method, convention: Convention = "fullSet"): number {
  return curves[convention][method].areas[0];
}

/** By how much of `from` the value is lower, in percent. */
function below(value: number, from: number): string {
  return `${(100 * (1 - value / from)).toFixed(0)} %`;
}

function fallsWithSeverity(seeds: readonly SeedResult[]): Claim {
  const fall = ({ sweep }: SeedResult, kind: Degradation): number => {
    const means = sweep.means[kind];
    return 1 - means[means.length - 1] / means[0];
  };
  const monotone = ({ sweep }: SeedResult, kind: Degradation): boolean =>
    sweep.means[kind].every((mean, step, means) => step === 0 || mean <= means[step - 1] + SLACK);
  const kinds = Object.entries(FALLS) as [Degradation, number][];
  return {
    number: 1,
    text: "the score falls with degradation",
    expected:
      "occlusion and noise fall at every step (by ± 0.005); at severity 1 by 40 % (occlusion), 5 % (noise), 3 % (blur, low resolution)",
    measured: bySeed(
      seeds,
      (seed) =>
        `${kinds.map(([kind]) => `${kind} ${(100 * fall(seed, kind)).toFixed(0)} %`).join(", ")}; ` +
        `monotone: ${MONOTONE.map((kind) => `${kind} ${monotone(seed, kind) ? "yes" : "no"}`).join(", ")}`,
    ),
    holds: verdict(
      seeds.flatMap((seed) => [
        ...kinds.map(([kind, least]) => fall(seed, kind) >= least),
        ...MONOTONE.map((kind) => monotone(seed, kind)),
      ]),
    ),
  };
}

function ordersImages(seeds: readonly SeedResult[]): Claim {
  const checks = seeds.flatMap(({ other }) => [
    area(other, "CR-FIQA") <= 0.88 * area(other, "random"),
    ...BASELINES.map((method) => area(other, "CR-FIQA") < area(other, method)),
    ...MAGNITUDES.map((method) => area(other, "CR-FIQA") <= 0.98 * area(other, method)),
    ...MAGNITUDES.map((method) => area(other, method) < area(other, "random")),
  ]);
  const best = (curves: Curves, convention: Convention): number =>
    Math.min(...BASELINES.map((method) => area(curves, method, convention)));
  const text = ({ other }: SeedResult, convention: Convention): string => {
    const score = area(other, "CR-FIQA", convention);
    const random = area(other, "random", convention);
    return (
      `${score.toFixed(3)}, ${below(score, random)} below random (${random.toFixed(3)}) and ` +
      `${below(score, best(other, convention))} below the best baseline (${best(other, convention).toFixed(3)})`
    );
  };
  return {
    number: 2,
    text: "the score orders images by usefulness, better than chance and magnitude",
    expected:
      "AUC at FMR 1e-2, full-set threshold, other network: CR-FIQA < magnitudes < random, 12 % below random, 2 % below each magnitude",
    measured: `${bySeed(seeds, (seed) => text(seed, "fullSet"))}. Threshold of each subset: ${bySeed(seeds, (seed) => text(seed, "perSubset"))}`,
    holds: verdict(checks),
  };
}

function asGoodAsTheOracle(seeds: readonly SeedResult[]): Claim {
  const difference = ({ other }: SeedResult, convention: Convention): number =>
    area(other, "CR-FIQA", convention) - area(other, "oracle: true severity", convention);
  const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
  return {
    number: 3,
    text: "the score is as good as knowing the degradation",
    expected: "AUC within ± 0.03 of the oracle's; taken to hold below it as well",
    measured: bySeed(
      seeds,
      (seed) => `${signed(difference(seed, "fullSet"))} (each subset: ${signed(difference(seed, "perSubset"))})`,
    ),
    holds: verdict(seeds.map((seed) => difference(seed, "fullSet") <= 0.03)),
  };
}

function discardingWorks(seeds: readonly SeedResult[]): Claim {
  const change = ({ other }: SeedResult, method: Method, convention: Convention): number => {
    const errors = other[convention][method].curve.fnmr[0];
    return errors[AT_30_PERCENT] - errors[0];
  };
  const text = (seed: SeedResult, convention: Convention): string =>
    `CR-FIQA ${change(seed, "CR-FIQA", convention).toFixed(3)}, random ${change(seed, "random", convention).toFixed(3)}`;
  return {
    number: 4,
    text: "discarding works",
    expected: "FNMR at FMR 1e-2 with 30 % discarded is lower by 0.05; of random scores it changes by less than 0.02",
    measured: `${bySeed(seeds, (seed) => text(seed, "fullSet"))}. Threshold of each subset: ${bySeed(seeds, (seed) => text(seed, "perSubset"))}`,
    holds: verdict(
      seeds.flatMap((seed) => [
        change(seed, "CR-FIQA", "fullSet") <= -0.05,
        Math.abs(change(seed, "random", "fullSet")) < 0.02,
      ]),
    ),
  };
}

function transfers(seeds: readonly SeedResult[]): Claim {
  const agreement = ({ own, other }: SeedResult, convention: Convention): number =>
    rankCorrelation(
      METHODS.map((method) => area(own, method, convention)),
      METHODS.map((method) => area(other, method, convention)),
    );
  const best = (curves: Curves): Method =>
    METHODS.reduce((lowest, method) => (area(curves, method) < area(curves, lowest) ? method : lowest));
  return {
    number: 5,
    text: "the score transfers between networks",
    expected: "the methods have the same order, by AUC, on the quality network and on the other one",
    measured: bySeed(
      seeds,
      (seed) =>
        `best on its own network ${best(seed.own)}, on the other ${best(seed.other)}; rank correlation of the areas ` +
        `${agreement(seed, "fullSet").toFixed(2)} (each subset: ${agreement(seed, "perSubset").toFixed(2)})`,
    ),
    holds: verdict(seeds.flatMap((seed) => [best(seed.own) === best(seed.other), agreement(seed, "fullSet") === 1])),
  };
}

function tracksItsTarget(seeds: readonly SeedResult[]): Claim {
  const last = ({ epochs }: SeedResult) => epochs[epochs.length - 1];
  return {
    number: 6,
    text: "the score tracks CR on training data",
    expected: "Spearman's correlation of score and CR is positive at the end",
    measured: bySeed(
      seeds,
      (seed) =>
        `${last(seed).correlation.toFixed(2)} in the last epoch (first: ${seed.epochs[0].correlation.toFixed(2)}), with CCS ` +
        `${last(seed).classCenter.toFixed(2)} against NNCCS ${last(seed).nearestNegative.toFixed(2)}`,
    ),
    holds: verdict(seeds.map((seed) => last(seed).correlation > 0)),
  };
}

function rawIsFragile({ few }: Results): Claim {
  const [paper, raw] = ["paper", "raw"].map((form) => few.find((row) => row.form === form)!);
  return {
    number: 8,
    text: "the raw form is fragile",
    expected:
      "with 4 classes its targets go beyond 1e6 and its scores are useless (here: far outside what a ratio of cosines can be, beyond ± 10); the paper's form is stable",
    measured:
      `mean target of the worst step: raw ${raw.worstTarget.toExponential(1)}, paper ${paper.worstTarget.toFixed(2)}; mean score at the end: ` +
      `raw ${raw.score.toPrecision(3)}, paper ${paper.score.toFixed(2)}`,
    holds: verdict([Math.abs(raw.worstTarget) > 1e6, Math.abs(raw.score) > 10, Math.abs(paper.worstTarget) < 2]),
  };
}

function recognitionIsNotHurt(seeds: readonly SeedResult[]): Claim {
  const difference = mean(seeds.map(({ withQuality, without }) => withQuality.fnmr - without.fnmr));
  return {
    number: 9,
    text: "recognition is not hurt",
    expected: "open at this size",
    measured:
      `FNMR at FMR 1e-2 on degraded pairs with and without: ` +
      `${bySeed(seeds, ({ withQuality, without }) => `${withQuality.fnmr.toFixed(3)} and ${without.fnmr.toFixed(3)}`)} ` +
      `(mean difference ${difference.toFixed(3)}); verification of undegraded images: ` +
      bySeed(seeds, ({ withQuality, without }) => `${percent(withQuality.accuracy)} and ${percent(without.accuracy)}`),
    holds: "reported",
  };
}

function variantsCompared({ variants }: Results): Claim {
  return {
    number: 10,
    text: "simultaneous against on top, and CCS alone",
    expected: "the paper: simultaneous best, CCS alone worst; not asserted at this size",
    measured: variants
      .map(({ name, areas }) => `${name} ${areas[0].toFixed(3)} (each subset: ${areas[1].toFixed(3)})`)
      .join("; "),
    holds: "reported",
  };
}

function minimumOfThePair(seeds: readonly SeedResult[]): Claim {
  const text = ({ other, byMean }: SeedResult, convention: Convention): string =>
    `${area(other, "CR-FIQA", convention).toFixed(3)} against ${area(byMean, "CR-FIQA", convention).toFixed(3)}`;
  return {
    number: 11,
    text: "the quality of a pair is the minimum of its images'",
    expected: "the protocol's minimum has a lower AUC than the mean of the two",
    measured: `${bySeed(seeds, (seed) => text(seed, "fullSet"))}. Threshold of each subset: ${bySeed(seeds, (seed) => text(seed, "perSubset"))}`,
    holds: verdict(seeds.map(({ other, byMean }) => area(other, "CR-FIQA") < area(byMean, "CR-FIQA"))),
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
