/** Which figures a benchmark has: those that its lines hold the numbers for. */
import { fractionFigure, timesFigure } from "./barFigures.js";
import { linesOf, type BenchmarkLine } from "./lines.js";
import type { Figure } from "./plot.js";
import { memoryFigure, relativeFigure, timeFigure } from "./sweepFigures.js";

export function figures(lines: readonly BenchmarkLine[]): Figure[] {
  const [header] = linesOf(lines, "benchmark");
  return candidates(lines, header?.what).filter((figure) => figure !== undefined);
}

function candidates(lines: readonly BenchmarkLine[], what: string | undefined): (Figure | undefined)[] {
  switch (what) {
    case "ratios":
      return [timeFigure(lines, "ratio"), relativeFigure(lines), memoryFigure(lines, "ratio")];
    case "scale":
      return [timeFigure(lines, "classes"), memoryFigure(lines, "classes")];
    case "kernels":
      return [fractionFigure(lines)];
    default:
      return [timesFigure(lines), fractionFigure(lines)];
  }
}
