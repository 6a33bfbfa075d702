/**
 * Quality scores as files: CSV (RFC 4180) for tables, JSON for programs.
 *
 * The score itself has no fixed range; beside it stands what a calibration makes of it, where the model has one.
 */
import { csvLine } from "./csv.js";
import type { SkippedImage } from "./imageSource.js";

/** One image and what was said of it. */
export interface ScoreRow {
  /** Its name, as the user knows it: a path, or a number in a set. */
  readonly image: string;
  /** Raw, finite. */
  readonly score: number;
  /** Calibrated to [0, 1] by the one rule or the other. */
  readonly minMax?: number;
  readonly quantile?: number;
}

/** Stands in every file of scores. */
export const RANGE_NOTE =
  "Higher is better. The range of a score is open, neither from 0 to 1 nor the same for two models: compare scores of one model only.";

const COLUMNS = ["image", "score", "minMax", "quantile"] as const;

/** Columns image, score, minMax, quantile; a calibration that is not there is an empty field. @throws Error for a score that is not finite */
export function scoresAsCsv(rows: readonly ScoreRow[]): string {
  const lines = checked(rows).map((row) => COLUMNS.map((column) => row[column]));
  return [COLUMNS, ...lines].map(csvLine).join("");
}

/** One object: the model, how to read a score, all images in the order given, those skipped. @throws Error as `scoresAsCsv` */
export function scoresAsJson(
  rows: readonly ScoreRow[],
  { model, skipped }: { readonly model: string; readonly skipped: readonly SkippedImage[] },
): string {
  return `${JSON.stringify({ model, range: RANGE_NOTE, images: checked(rows), skipped }, null, 2)}\n`;
}

function checked(rows: readonly ScoreRow[]): readonly ScoreRow[] {
  for (const { image, ...scores } of rows) {
    for (const [name, value] of Object.entries(scores)) {
      if (value !== undefined && !Number.isFinite(value)) {
        throw new Error(`scores: a ${name} must be a finite number, but that of ${image} is ${value}.`);
      }
    }
  }
  return rows;
}
