/** The figures of the page. */
import { namedLines } from "../../src/training/report/namedLines.js";
import { FUSIONS, type WordsResult } from "./clustering.js";
import type { SeedResult } from "./measureSeed.js";
import { mean } from "../mean.js";
import type { NamedFigure } from "../namedFigure.js";

const AVERAGE = FUSIONS.indexOf("average");

export function figures(seeds: readonly SeedResult[]): NamedFigure[] {
  const words = (name: string, of: (result: WordsResult) => number) => ({
    name,
    points: seeds[0].clustering.emoji.map(({ words }, w) => ({
      x: words === "all" ? 9 : words,
      y: meanOf(seeds, ({ clustering }) => of(clustering.emoji[w])),
    })),
  });
  return [
    {
      file: "prefixes",
      ...namedLines(
        "Recall@1 on unseen characters of an embedding's first dimensions, mean over seeds",
        seeds[0].compactness.map(({ features }, i) => ({
          name: features === 128 ? "all 128 dimensions" : `${features} selected a step`,
          points: seeds[0].compactness[i].sliceThenNormalise.map(({ width }, w) => ({
            x: width,
            y: meanOf(seeds, ({ compactness }) => compactness[i].sliceThenNormalise[w].recall),
          })),
        })),
        { x: { type: "log", base: 2, label: "dimensions kept" }, y: { label: "R@1" }, range: [0, 1], dots: true },
      ),
    },
    {
      file: "granularity",
      ...namedLines(
        "Recall@1 on unseen emoji by the number of pseudo-classes",
        seeds.map(({ seed, discrimination }) => ({
          name: `seed ${seed}`,
          points: discrimination.granularity.map(({ clusters, judgement }) => ({
            x: clusters,
            y: judgement.recallAtOne,
          })),
        })),
        { x: { type: "log", label: "clusters" }, y: { label: "R@1" }, range: [0.2, 0.6], dots: true },
      ),
    },
    {
      file: "fusion",
      ...namedLines(
        "NMI of clusters with the true emoji by the words of a caption (9: all), mean over seeds",
        [
          ...FUSIONS.map((fusion, f) => words(fusion, ({ agreements }) => agreements[f].mutualInformation)),
          words("average, permuted", ({ agreements }) => agreements[AVERAGE].chance.mutualInformation),
        ],
        { x: { label: "words of a caption" }, y: { label: "NMI" }, range: [0.6, 1], dots: true },
      ),
    },
  ];
}

function meanOf(seeds: readonly SeedResult[], of: (seed: SeedResult) => number): number {
  return mean(seeds.map(of));
}
