/** The figures of the page. */
import { discardFigure } from "../../src/training/report/discardFigure.js";
import { namedLines } from "../../src/training/report/namedLines.js";
import { severityFigure } from "../../src/training/report/severityFigure.js";
import { DEGRADATIONS } from "../../src/data/degradation.js";
import { CONVENTIONS } from "./curves.js";
import type { Results } from "./page.js";
import { METHODS } from "./scores.js";
import { SEVERITIES } from "./severitySweep.js";
import type { NamedFigure } from "../namedFigure.js";

export function figures({ seeds }: Pick<Results, "seeds">): NamedFigure[] {
  return [
    ...seeds.flatMap(({ seed, other }) =>
      CONVENTIONS.map((convention) => ({
        file: `discard-${convention}-seed${seed}`,
        ...discardFigure(
          `Seed ${seed}, ${convention === "fullSet" ? "threshold of the full set" : "threshold of each subset"}`,
          METHODS.map((name) => ({
            name,
            curve: other[convention][name].curve,
            dashed: name === "random" || name.startsWith("oracle"),
          })),
          0,
        ),
      })),
    ),
    ...seeds.map(({ seed, sweep }) => ({
      file: `severity-seed${seed}`,
      ...severityFigure(
        `Seed ${seed}: mean score of the same images`,
        DEGRADATIONS.map((kind) => ({
          name: kind,
          points: sweep.means[kind].map((score, step) => ({ severity: SEVERITIES[step], score })),
        })),
      ),
    })),
    {
      file: "correlation",
      ...namedLines(
        "Spearman's correlation of score and CR, by epoch",
        seeds.map(({ seed, epochs }) => ({
          name: `seed ${seed}`,
          points: epochs.map(({ correlation }, epoch) => ({ x: epoch + 1, y: correlation })),
        })),
        { x: { label: "epoch" }, y: { label: "rank correlation" }, range: [-0.2, 0.8] },
      ),
    },
  ];
}
