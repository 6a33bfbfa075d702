/** The verdicts of `experiment:unicom`, on invented results that hold, hold in part, and do not hold. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Verdict } from "../../../experiments/claim.js";
import { claims } from "../../../experiments/unicom/claims.js";
import type { FusionAgreement } from "../../../experiments/unicom/clustering.js";
import { METHODS } from "../../../experiments/unicom/clusterDiscrimination.js";
import { WIDTHS } from "../../../experiments/unicom/compactness.js";
import type { Judgement } from "../../../experiments/unicom/judge.js";
import type { SeedResult } from "../../../experiments/unicom/measureSeed.js";

/** Queries of every part: noise at 50 percent is 2 √(0.5/2450) = 2.9 points, at 10 or 90 it is 1.7. */
const QUERIES = 2450;

/** What the claims of a number are found to be when each seed's results are these. */
function verdicts(number: number, ...seeds: readonly Partial<SeedResult>[]): Verdict[] {
  const part = { train: { count: 1, classes: 1 }, test: { count: QUERIES, classes: 1 } };
  return claims({
    seeds: seeds.map((changes, i) => ({ ...HOLDING, ...changes, seed: i + 1 })),
    sizes: { drawn: part, typed: part, emoji: part },
  })
    .filter((claim) => claim.number === number)
    .map(({ holds }) => holds);
}

/** Purity of image, text, average and concat; mutual information is a tenth more; chance is 0.3 and 0.4 unless it is given. */
function agreements(purities: readonly number[], chance = [0.3, 0.3, 0.3, 0.3]): FusionAgreement[] {
  return (["image", "text", "average", "concat"] as const).map((fusion, i) => ({
    ...{ fusion, purity: purities[i], mutualInformation: purities[i] + 0.1 },
    chance: { purity: chance[i], mutualInformation: chance[i] + 0.1 },
  }));
}

function clustering(world: FusionAgreement[], ...emoji: FusionAgreement[][]): Pick<SeedResult, "clustering"> {
  const noise = { image: 1, average: 0.5 };
  return { clustering: { world, noise, emoji: emoji.map((found, i) => ({ words: i + 1, agreements: found })) } };
}

/** R@1 at r = 1 and 0.1: with true classes, cut up, of k-means. */
function conflict(...[whole, cut, clusters]: readonly number[][]): Pick<SeedResult, "conflict"> {
  return {
    conflict: [
      { classes: "true classes", count: 1, purity: 1, recall: whole },
      { classes: "cut into three", count: 3, purity: 1, recall: cut },
      { classes: "k-means, three times as many", count: 3, purity: 0.5, recall: clusters },
    ],
  };
}

/** R@1 of all that is cut short, and of all dimensions: of the plain recipe and of a selection; `after`: normalised first and cut. */
function compactness(
  plain: number[],
  selected: number[],
  after = [plain[0], selected[0]],
): Pick<SeedResult, "compactness"> {
  const prefixes = (short: number, full: number) =>
    WIDTHS.map((width) => ({ width, recall: width <= 16 ? short : full }));
  return {
    compactness: [plain, selected].map(([short, full], i) => ({
      features: 128 / (i + 1),
      sliceThenNormalise: prefixes(short, full),
      normaliseThenSlice: prefixes(after[i], full),
      ...{ subsets: [], participationRatio: 1, loss: 1 },
    })),
  };
}

/** Time of a step as a share of the whole, at (r, f) = (1, 512), (1, 256), (0.1, 256). */
function dualCost(...times: number[]): Pick<SeedResult, "dualCost"> {
  const cases = [[1, 512], [1, 256], [0.1, 256]]; // prettier-ignore
  return {
    dualCost: cases.map(([ratio, features], i) => {
      const operations = (ratio * features) / 512;
      return { ratio, features, operations, bytes: operations, milliseconds: times[i], time: times[i] };
    }),
  };
}

function masks(shared: number, own: number): Pick<SeedResult, "masks"> {
  const losses = { one: 1, many: 1 };
  return {
    masks: [
      { mask: "shared", ...losses, largest: shared },
      { mask: "per-rank", ...losses, largest: own },
    ],
  };
}

const judged = (recallAtOne: number, nearestNeighbours = recallAtOne): Judgement => ({
  recallAtOne,
  nearestNeighbours,
});

/** R@1 and 5-NN of clusters of images and of InfoNCE; R@1 with few clusters and many. */
function discrimination(
  ofImages: Judgement,
  instances: Judgement,
  ...recalls: number[]
): Pick<SeedResult, "discrimination"> {
  return {
    discrimination: {
      methods: [
        { name: METHODS.instances, judgement: instances },
        { name: METHODS.ofImages, judgement: ofImages },
        { name: METHODS.supervised, judgement: judged(0.9) }, // what no rule may look at
      ],
      granularity: recalls.map((recall, i) => ({ name: `${i}`, clusters: 10 ** i, judgement: judged(recall) })),
    },
  };
}

/** R@1 before, and after two and sixteen images a pass. */
function microBatches(base: number, two: number, sixteen: number): Pick<SeedResult, "microBatches"> {
  const tuned = [{ batch: 2, judgement: judged(two) }, { batch: 16, judgement: judged(sixteen) }]; // prettier-ignore
  return { microBatches: { base: judged(base), tuned } };
}

const HOLDING: Omit<SeedResult, "seed"> = {
  ...clustering(agreements([0.5, 0.5, 0.6, 0.6]), agreements([0.5, 0.5, 0.6, 0.6])),
  ...conflict([0.9, 0.9], [0.7, 0.85], [0.6, 0.8]),
  ...compactness([0.4, 0.9], [0.5, 0.9]),
  ...dualCost(1, 0.6, 0.09),
  ...masks(1e-8, 0.5),
  ...discrimination(judged(0.5), judged(0.4), 0.3, 0.5, 0.4),
  ...microBatches(0.5, 0.4, 0.6),
};

describe("verdicts of experiment:unicom", () => {
  it("hold where everything does, for two seeds", () => {
    for (let number = 1; number <= 9; number++) {
      assert.ok(
        verdicts(number, {}, {}).every((found) => found === "holds"),
        `claim ${number}`,
      );
    }
  });

  it("1: average above both, in purity by more than noise and in what is beyond chance", () => {
    const best = agreements([0.5, 0.5, 0.6, 0.6]);
    const within = agreements([0.5, 0.59, 0.6, 0.6]); // by 0.01 above text, where noise is 0.018 of the 6000 rows of two views
    const below = agreements([0.5, 0.7, 0.6, 0.6]);
    const byChance = agreements([0.5, 0.5, 0.6, 0.6], [0.3, 0.3, 0.4, 0.4]); // no more than its smaller clusters give
    assert.deepEqual(verdicts(1, clustering(best, within)), ["holds", "does not hold"]);
    assert.deepEqual(verdicts(1, clustering(within, best)), ["does not hold", "holds"]);
    assert.deepEqual(verdicts(1, clustering(best, best, below)), ["holds", "partly"]);
    assert.deepEqual(verdicts(1, clustering(below, byChance)), ["does not hold", "does not hold"]);
    assert.deepEqual(verdicts(1, clustering(best, best), clustering(below, below)), ["partly", "partly"]);
  });

  it("2: what a sample loses less is more than the noise of four recalls", () => {
    // 2 √((0.09 + 0.09 + 0.21 + p(1 − p))/2450): with p = 0.73 by 3.1 points, with p = 0.75 by 3.1
    assert.deepEqual(verdicts(2, conflict([0.9, 0.9], [0.7, 0.75], [0.7, 0.75])), ["holds"]);
    assert.deepEqual(verdicts(2, conflict([0.9, 0.9], [0.7, 0.75], [0.7, 0.73])), ["partly"]);
    assert.deepEqual(verdicts(2, conflict([0.9, 0.8], [0.7, 0.6], [0.7, 0.5])), ["does not hold"]);
  });

  it("3: more when cut short, and no less with all dimensions", () => {
    assert.deepEqual(verdicts(3, compactness([0.4, 0.9], [0.44, 0.89])), ["holds"]); // less by one point only
    assert.deepEqual(verdicts(3, compactness([0.4, 0.9], [0.44, 0.87])), ["partly"]);
    assert.deepEqual(verdicts(3, compactness([0.4, 0.9], [0.41, 0.9])), ["partly"]);
    assert.deepEqual(verdicts(3, compactness([0.4, 0.9], [0.41, 0.87])), ["does not hold"]);
  });

  it("4: falls with r and with f, to twice r · f/d at most", () => {
    assert.deepEqual(verdicts(4, dualCost(1, 0.6, 0.11)), ["partly"]); // 0.05 · 2 < 0.11
    assert.deepEqual(verdicts(4, dualCost(1, 1, 0.1)), ["partly"]); // does not fall from 512 to 256
    assert.deepEqual(verdicts(4, dualCost(1, 1.1, 0.2)), ["does not hold"]);
  });

  it("5: cutting first is not below normalising first", () => {
    const plain = [0.4, 0.9];
    assert.deepEqual(verdicts(5, compactness(plain, plain, [0.42, 0.3])), ["holds"]); // by two points only
    assert.deepEqual(verdicts(5, compactness(plain, plain, [0.42, 0.45])), ["partly"]);
    assert.deepEqual(verdicts(5, compactness(plain, plain, [0.45, 0.45])), ["does not hold"]);
  });

  it("6: one selection is equal to rounding, one for each rank is not", () => {
    assert.deepEqual(verdicts(6, masks(1e-3, 0.5)), ["partly"]);
    assert.deepEqual(verdicts(6, masks(1e-8, 1e-8)), ["partly"]);
    assert.deepEqual(verdicts(6, masks(1e-3, 1e-8)), ["does not hold"]);
  });

  it("7: clusters of images are above InfoNCE by more than noise, for every seed", () => {
    const seed = (ofImages: Judgement, instances: Judgement) => discrimination(ofImages, instances, 0.3, 0.5, 0.4);
    const [above, within] = [seed(judged(0.5), judged(0.46)), seed(judged(0.5), judged(0.48))];
    assert.deepEqual(verdicts(7, above, above), ["holds"]);
    assert.deepEqual(verdicts(7, above, within), ["partly"]);
    assert.deepEqual(verdicts(7, seed(judged(0.5, 0.5), judged(0.46, 0.48))), ["partly"]);
    assert.deepEqual(verdicts(7, within, seed(judged(0.4), judged(0.5))), ["does not hold"]);
  });

  it("8: the best number of clusters is neither the fewest nor the most", () => {
    const seed = (...recalls: number[]) => discrimination(judged(0.5), judged(0.4), ...recalls);
    assert.deepEqual(verdicts(8, seed(0.3, 0.5, 0.48, 0.55, 0.4)), ["holds"]); // falls by noise only
    assert.deepEqual(verdicts(8, seed(0.3, 0.4, 0.5, 0.49)), ["partly"]); // the most is as good
    assert.deepEqual(verdicts(8, seed(0.3, 0.5, 0.4, 0.55, 0.4)), ["partly"]); // falls on the way
    assert.deepEqual(verdicts(8, seed(0.5, 0.4, 0.3)), ["partly"]); // does not rise
    assert.deepEqual(verdicts(8, seed(0.5, 0.5, 0.5)), ["does not hold"]);
  });

  it("9: two images a pass are a tenth below sixteen, and below what there was before", () => {
    assert.deepEqual(verdicts(9, microBatches(0.4, 0.4, 0.6)), ["partly"]);
    assert.deepEqual(verdicts(9, microBatches(0.5, 0.49, 0.6)), ["partly"]);
    assert.deepEqual(verdicts(9, microBatches(0.5, 0.45, 0.48)), ["partly"]);
    assert.deepEqual(verdicts(9, microBatches(0.4, 0.4, 0.42)), ["does not hold"]);
  });
});
