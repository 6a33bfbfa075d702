/** Error-versus-discard curves of several quality scores in one figure: the lower one knows more. */
import type { DiscardCurve } from "../../evaluation/index.js";
import type { Figure } from "./figures.js";
import { namedLines } from "./namedLines.js";

/** What is drawn of a `DiscardCurve`. */
export interface DrawnCurve {
  readonly threshold: DiscardCurve["threshold"];
  readonly fmrs: readonly number[];
  readonly ratios: ArrayLike<number>;
  readonly fnmr: readonly ArrayLike<number>[];
}

export interface NamedDiscardCurve {
  readonly name: string;
  readonly curve: DrawnCurve;
  /** For what no method can have, or any can: an oracle, chance. */
  readonly dashed?: boolean;
}

/** FNMR at fmrs[fmrIndex] over the share of pairs discarded, from 0 up. Throws for curves of different conventions or rates, and as `namedLines`. */
export function discardFigure(title: string, curves: readonly NamedDiscardCurve[], fmrIndex: number): Figure {
  const kinds = new Set(curves.map(({ curve }) => `${curve.threshold} at an FMR of ${curve.fmrs[fmrIndex]}`));
  if (kinds.size > 1) {
    throw new Error(
      `${title}: curves of one figure are of one convention and one FMR; given ${[...kinds].join(", ")}.`,
    );
  }
  const lines = curves.map(({ name, curve, dashed }) => {
    const errors = curve.fnmr[fmrIndex];
    return { name, dashed, points: Array.from(curve.ratios, (x, r) => ({ x, y: errors[r] })) };
  });
  const highest = Math.max(...lines.flatMap(({ points }) => points.map(({ y }) => y)));
  const fmr = curves[0]?.curve.fmrs[fmrIndex];
  return namedLines(title, lines, {
    x: { label: "share of pairs discarded", tickFormat: ".0%" },
    y: { label: `FNMR at an FMR of ${fmr}` },
    range: [0, highest || 1], // where nothing ever fails, the lines lie on the axis
  });
}
