/** Figures of a page, each in a file of its own beside it. */
import type { Figure } from "../src/training/report/figures.js";

export interface NamedFigure extends Figure {
  /** Without its ending. */
  readonly file: string;
}

/** The figures whose file begins so, in Markdown; `folder` is theirs, beside the page. */
export function pictures(figures: readonly NamedFigure[], folder: string, prefix: string): string {
  return figures
    .filter(({ file }) => file.startsWith(prefix))
    .map(({ file, title }) => `![${title}](${folder}/${file}.svg)\n*${title}*`)
    .join("\n\n");
}
