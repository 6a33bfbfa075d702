/**
 * The claims of the paper, and of its specification for this size, each with what was measured and a rule that it may fail. A claim holds
 * if it holds for every seed; a difference counts where it is more than noise (`noise.ts`).
 */
import { bySeed, verdict, type Claim } from "../claim.js";
import { beyondChance } from "./agreement.js";
import { COMPARED, METHODS } from "./clusterDiscrimination.js";
import { WORLD, type FusionAgreement } from "./clustering.js";
import { SHORT, type Compactness } from "./compactness.js";
import { RATIOS } from "./conflict.js";
import type { Judgement } from "./judge.js";
import type { SeedResult } from "./measureSeed.js";
import { RANKS } from "./masks.js";
import { isAbove, isNotBelow, noise } from "../noise.js";
import type { Results } from "./results.js";
import { mean } from "../mean.js";

export function claims({ seeds, sizes }: Pick<Results, "seeds" | "sizes">): Claim[] {
  const [drawn, typed, emoji] = [sizes.drawn.test.count, sizes.typed.test.count, sizes.emoji.test.count]; // queries
  return [
    ...jointClusters(seeds, emoji),
    sampledClasses(seeds, typed),
    compact(seeds, drawn),
    cost(seeds),
    cutting(seeds, drawn),
    oneMask(seeds),
    instances(seeds, emoji),
    granularity(seeds, emoji),
    smallBatches(seeds, emoji),
  ];
}

export const percent = (share: number): string => (100 * share).toFixed(1);

/** On a world made for it, and on emoji: two claims. */
function jointClusters(seeds: readonly SeedResult[], images: number): Claim[] {
  const world = ({ clustering }: SeedResult): Part[] => [["", clustering.world]];
  const emoji = ({ clustering }: SeedResult): Part[] =>
    clustering.emoji.map(({ words, agreements }) => [
      `captions of ${words === 1 ? "one word" : `${words} words`}: `,
      agreements,
    ]);
  return [
    ["clusters of image and text are purer than those of either: two views of equal noise", world, WORLD.rows] as const,
    ["the same on emoji, pixels and captions", emoji, images] as const,
  ].map(([text, parts, rows]) => ({
    number: 1,
    text,
    expected:
      "purity and NMI with the true classes, less what chance gives: average above image and above text, in purity by more than noise",
    measured: bySeed(seeds, (seed) =>
      parts(seed)
        .map(([name, agreements]) => `${name}${agreements.map(agreementInWords).join(", ")}`)
        .join(" / "),
    ),
    holds: verdict(seeds.flatMap((seed) => parts(seed).map(([, agreements]) => isAverageBest(agreements, rows)))),
  }));
}

type Part = readonly [name: string, agreements: readonly FusionAgreement[]];

function agreementInWords(agreement: FusionAgreement): string {
  const { purity, mutualInformation } = beyondChance(agreement);
  return `${agreement.fusion} ${purity.toFixed(3)} and ${mutualInformation.toFixed(3)}`;
}

function isAverageBest(agreements: readonly FusionAgreement[], rows: number): boolean {
  const of = (fusion: FusionAgreement["fusion"]): FusionAgreement =>
    agreements.find((agreement) => agreement.fusion === fusion)!;
  const best = beyondChance(of("average"));
  return (["image", "text"] as const).every((side) => {
    const { purity, mutualInformation } = beyondChance(of(side));
    const margin = noise([of("average").purity, of(side).purity], rows);
    return best.purity - purity > margin && best.mutualInformation > mutualInformation;
  });
}

function sampledClasses(seeds: readonly SeedResult[], queries: number): Claim {
  /** What each kind of pseudo-classes loses against the true ones, at every ratio. */
  const losses = ({ conflict: [whole, ...others] }: SeedResult): { classes: string; lost: number[] }[] =>
    others.map(({ classes, recall }) => ({ classes, lost: recall.map((of, i) => whole.recall[i] - of) }));
  /** Four recalls make the difference of two losses. */
  const checks = ({ conflict: [whole, ...others] }: SeedResult): boolean[] =>
    others.map(({ recall }) => {
      const recalls = [whole.recall[0], whole.recall.at(-1)!, recall[0], recall.at(-1)!];
      const spared = recalls[0] - recalls[2] - (recalls[1] - recalls[3]);
      return spared > noise(recalls, queries);
    });
  return {
    number: 2,
    text: "a sample of the classes is hurt less by pseudo-classes that conflict",
    expected: `R@1 that is lost against true classes: at r = ${RATIOS.at(-1)!} less than at r = 1 by more than noise, for classes that were cut up and for k-means with three times as many clusters`,
    measured: bySeed(seeds, (seed) =>
      losses(seed)
        .map(
          ({ classes, lost }) =>
            `${classes}: ${lost.map((loss, i) => `${percent(loss)} at r = ${RATIOS[i]}`).join(", ")}`,
        )
        .join(" / "),
    ),
    holds: verdict(seeds.flatMap(checks)),
  };
}

function compact(seeds: readonly SeedResult[], queries: number): Claim {
  const gains = ({
    compactness: [plain, ...selected],
  }: SeedResult): { features: number; short: number[]; full: number }[] =>
    selected.map((of) => ({
      features: of.features,
      short: SHORT.map((_, i) => of.sliceThenNormalise[i].recall - plain.sliceThenNormalise[i].recall),
      full: of.sliceThenNormalise.at(-1)!.recall - plain.sliceThenNormalise.at(-1)!.recall,
    }));
  const text = (seed: SeedResult): string =>
    gains(seed)
      .map(
        ({ features, short, full }) =>
          `f = ${features}: ${short.map(percent).join(", ")}; all dimensions ${percent(full)}`,
      )
      .join(" / ");
  return {
    number: 3,
    text: "embeddings trained on selections of their dimensions stay good when cut short",
    expected: `R@1 against the same recipe without: on average over the first ${SHORT.join(", ")} dimensions above it by more than noise, and with all of them not below it by more`,
    measured: bySeed(seeds, text),
    holds: verdict(
      seeds.flatMap(({ compactness: [plain, ...selected] }) =>
        selected.flatMap((of) => [
          isAbove(shortRecall(of), shortRecall(plain), queries),
          isNotBelow(of.sliceThenNormalise.at(-1)!.recall, plain.sliceThenNormalise.at(-1)!.recall, queries),
        ]),
      ),
    ),
  };
}

/** R@1 cut short, on average over `SHORT`; its noise is that of one recall of this size, as all widths are asked the same. */
function shortRecall(
  of: Compactness,
  convention: "sliceThenNormalise" | "normaliseThenSlice" = "sliceThenNormalise",
): number {
  return mean(SHORT.map((_, i) => of[convention][i].recall));
}

/** Of a measured time over r · f/d, at most. */
const OVERHEAD = 2;

function cost(seeds: readonly SeedResult[]): Claim {
  const checks = ({ dualCost: costs }: SeedResult): boolean[] => {
    const falls = costs.every((one) =>
      costs.every(
        (other) => other === one || other.ratio > one.ratio || other.features > one.features || other.time < one.time,
      ),
    );
    return [falls, costs.every(({ time, operations }) => time <= OVERHEAD * operations)];
  };
  return {
    number: 4,
    text: "sampling classes and dimensions multiply their savings",
    expected: `time of a step of the head, as a share of that with all: falls with r and with f, and is at most ${OVERHEAD} · r · f/d`,
    measured: bySeed(seeds, ({ dualCost }) =>
      dualCost
        .slice(1)
        .map(
          ({ ratio, features, operations, time }) =>
            `r = ${ratio}, f = ${features}: ${time.toFixed(3)} (r · f/d = ${operations.toFixed(3)})`,
        )
        .join(", "),
    ),
    holds: verdict(seeds.flatMap(checks)),
  };
}

function cutting(seeds: readonly SeedResult[], queries: number): Claim {
  const difference = ({ sliceThenNormalise, normaliseThenSlice }: Compactness): number[] =>
    SHORT.map((_, i) => sliceThenNormalise[i].recall - normaliseThenSlice[i].recall);
  return {
    number: 5,
    text: "an embedding is cut first and normalised afterwards",
    expected: `R@1 of the first ${SHORT.join(", ")} dimensions, on average over these: not below normalised first and cut, as the public evaluation does, by more than noise`,
    measured: bySeed(seeds, ({ compactness }) =>
      compactness
        .map(
          (of) =>
            `f = ${of.features}: ${difference(of)
              .map((value) => `${value >= 0 ? "+" : ""}${percent(value)}`)
              .join(", ")}`,
        )
        .join(" / "),
    ),
    holds: verdict(
      seeds.flatMap(({ compactness }) =>
        compactness.map((of) => isNotBelow(shortRecall(of), shortRecall(of, "normaliseThenSlice"), queries)),
      ),
    ),
  };
}

function oneMask(seeds: readonly SeedResult[]): Claim {
  return {
    number: 6,
    text: "one selection for all ranks makes k ranks one rank; one of its own for each does not",
    expected: `losses of ${RANKS} ranks and of one: shared equal to rounding, per rank different`,
    measured: bySeed(seeds, ({ masks }) =>
      masks
        .map(
          ({ mask, one, many, largest }) =>
            `${mask}: ${many.toFixed(4)} and ${one.toFixed(4)}, a step differs by ${largest.toExponential(1)} at most`,
        )
        .join(", "),
    ),
    holds: verdict(seeds.flatMap(({ masks: [shared, own] }) => [shared.largest < 1e-5, own.largest > 0.01])),
  };
}

function instances(seeds: readonly SeedResult[], queries: number): Claim {
  const of = ({ discrimination: { methods } }: SeedResult, name: string): Judgement =>
    methods.find((method) => method.name === name)!.judgement;
  return {
    number: 7,
    text: "discriminating clusters beats discriminating instances, with the same network and steps",
    expected: `R@1 and 5-NN accuracy on unseen classes: clusters of images (k = ${COMPARED}), without text as InfoNCE is, above it by more than noise`,
    measured: bySeed(seeds, ({ discrimination: { methods } }) =>
      methods
        .map(
          ({ name, judgement }) =>
            `${name} ${percent(judgement.recallAtOne)} / ${percent(judgement.nearestNeighbours)}`,
        )
        .join(", "),
    ),
    holds: verdict(
      seeds.flatMap((seed) => {
        const [clusters, single] = [of(seed, METHODS.ofImages), of(seed, METHODS.instances)];
        return [
          isAbove(clusters.recallAtOne, single.recallAtOne, queries),
          isAbove(clusters.nearestNeighbours, single.nearestNeighbours, queries),
        ];
      }),
    ),
  };
}

function granularity(seeds: readonly SeedResult[], queries: number): Claim {
  const recalls = ({ discrimination }: SeedResult): number[] =>
    discrimination.granularity.map(({ judgement }) => judgement.recallAtOne);
  return {
    number: 8,
    text: "transfer to unseen classes grows with the number of clusters, up to a point",
    expected:
      "R@1: the best number of clusters is above the fewest and above the most by more than noise, and nothing falls by more on the way to it; k = 6000 is nearly one image a class",
    measured: bySeed(seeds, (seed) =>
      seed.discrimination.granularity
        .map(({ clusters, judgement }) => `k = ${clusters}: ${percent(judgement.recallAtOne)}`)
        .join(", "),
    ),
    holds: verdict(
      seeds.flatMap((seed) => {
        const found = recalls(seed);
        const best = found.indexOf(Math.max(...found));
        const rising = found.slice(0, best + 1);
        return [
          isAbove(found[best], found[0], queries) &&
            rising.every((recall, i) => i === 0 || isNotBelow(recall, found[i - 1], queries)),
          isAbove(found[best], found.at(-1)!, queries),
        ];
      }),
    ),
  };
}

function smallBatches(seeds: readonly SeedResult[], queries: number): Claim {
  const recallOf = ({ microBatches: { tuned } }: SeedResult, place: number): number =>
    tuned.at(place)!.judgement.recallAtOne;
  return {
    number: 9,
    text: "fine-tuning in micro-batches of two fails with batch norm, whatever is accumulated",
    expected:
      "R@1 after updates of 16 images: two a pass a tenth below 16 a pass, and below what it was before by more than noise",
    measured: bySeed(
      seeds,
      ({ microBatches: { base, tuned } }) =>
        `before ${percent(base.recallAtOne)}, ${tuned.map(({ batch, judgement }) => `${batch} a pass ${percent(judgement.recallAtOne)}`).join(", ")}`,
    ),
    holds: verdict(
      seeds.flatMap((seed) => [
        recallOf(seed, 0) < 0.9 * recallOf(seed, -1),
        isAbove(seed.microBatches.base.recallAtOne, recallOf(seed, 0), queries),
      ]),
    ),
  };
}
