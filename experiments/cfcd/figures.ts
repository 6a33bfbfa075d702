/** The figures of the page. */
import { namedLines } from "../../src/training/report/namedLines.js";
import type { EpochMeans } from "./coarseStage.js";
import { SCALES } from "./heads.js";
import type { SeedResult } from "./measureSeed.js";
import { mean } from "../mean.js";
import type { NamedFigure } from "../namedFigure.js";

const CURVES = [
  { name: "scale", label: "s", title: "Scale that MadaCos set, means of epochs", least: 30 },
  { name: "margin", label: "m", title: "Margin that MadaCos set, means of epochs", least: 0 },
  {
    name: "median",
    label: "median cosine",
    title: "Median cosine of the batches of MadaCos, means of epochs",
    least: 0,
  },
] as const;

export function figures(seeds: readonly SeedResult[]): NamedFigure[] {
  const trajectories = CURVES.map(({ name, label, title, least }) => {
    const lines = seeds.flatMap(({ seed, drawn, emoji }) =>
      ([["Omniglot", drawn], ["emoji", emoji]] as const).map(([set, { coarse }]) => ({
        name: `${set}, seed ${seed}`,
        points: coarse.epochs.map((epoch: EpochMeans, i) => ({ x: i + 1, y: epoch[name] })),
      })),
    ); // prettier-ignore
    const most = Math.max(...lines.flatMap(({ points }) => points.map(({ y }) => y)));
    return {
      file: name,
      ...namedLines(title, lines, {
        x: { label: "epoch" },
        y: { label },
        range: [least, 1.05 * most],
      }),
    };
  });
  return [...trajectories, gridFigure(seeds)];
}

/** R@1 of the fixed settings by their scale, and MadaCos as a line across. */
function gridFigure(seeds: readonly SeedResult[]): NamedFigure {
  const recallOf = (isMeant: (head: SeedResult["grid"][number]) => boolean): number =>
    100 * mean(seeds.map(({ grid }) => grid.find(isMeant)!.judgement.recall));
  const settings = seeds[0].grid.flatMap(({ fixed }) => (fixed?.scale === SCALES[0] ? [fixed] : []));
  const lines = settings.map(({ kind, margin }) => ({
    name: `${kind}, m = ${margin}`,
    points: SCALES.map((scale) => ({
      x: scale,
      y: recallOf(({ fixed }) => fixed?.kind === kind && fixed.margin === margin && fixed.scale === scale),
    })),
  }));
  const madaCos = recallOf(({ name }) => name === "MadaCos");
  const across = { name: "MadaCos", dashed: true, points: SCALES.map((x) => ({ x, y: madaCos })) };
  const all = [...lines, across].flatMap(({ points }) => points.map(({ y }) => y));
  return {
    file: "grid",
    ...namedLines("Recall@1 on unseen characters by the scale that was chosen, mean over seeds", [...lines, across], {
      x: { type: "log", label: "s" },
      y: { label: "R@1 (%)" },
      range: [Math.max(0, Math.min(...all) - 5), Math.min(100, Math.max(...all) + 5)],
      dots: true,
    }),
  };
}
