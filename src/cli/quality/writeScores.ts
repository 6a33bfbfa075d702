/** Where the scores of `pfc quality` go: a table on standard output or in a file, and a page of pictures. */
import { basename, extname, resolve } from "node:path";
import { calibrate } from "../../crfiqa/index.js";
import { pictureFrom } from "../../training/pictureOf.node.js";
import type { QualityModel } from "../../training/qualityModel.node.js";
import { contactSheet, isContactSheet, shownOnSheet, type ScoredPicture } from "../../training/report/contactSheet.js";
import type { ImageSource } from "../../training/imageSource.js";
import type { ScoredSource } from "../../training/scoreSource.js";
import { scoresAsCsv, scoresAsJson, type ScoreRow } from "../../training/scoreTable.js";
import { writeWhole } from "../../training/writeWhole.node.js";
import { checkPlace } from "../images/checkPlace.js";

export interface OutputFlags {
  readonly out?: string;
  readonly sheet?: string;
}

interface Results {
  readonly model: QualityModel;
  readonly source: ImageSource;
  readonly found: ScoredSource;
}

export async function writeScores(
  images: string,
  flags: OutputFlags,
  { model, source, found }: Results,
): Promise<void> {
  const { name, calibration } = model.description;
  const rows = found.scored.map(({ name: image, score }): ScoreRow => ({
    image,
    score: significant(score),
    minMax: significant(calibrate(calibration.minMax, score)),
    quantile: significant(calibrate(calibration.quantile, score)),
  }));
  const asJson = flags.out !== undefined && extname(flags.out) === ".json";
  const text = asJson ? scoresAsJson(rows, { model: name, skipped: found.skipped }) : scoresAsCsv(rows);
  if (flags.out === undefined) process.stdout.write(text);
  else writeWhole(flags.out, text);
  if (flags.sheet === undefined) return;
  const { channels, side } = model.description.images;
  const format = { channels, height: side, width: side };
  const pictures: ScoredPicture[] = [];
  const shown = shownOnSheet(found.scored);
  for (const [place, scored] of found.scored.entries()) {
    const { index, name: image, score } = scored;
    const picture = shown.has(scored) ? { picture: pictureFrom(await source.read(index), format) } : {};
    pictures.push({ name: image, score, calibrated: rows[place].quantile, ...picture });
  }
  const page = contactSheet({
    title: basename(resolve(images)),
    model: name,
    images: pictures,
    skipped: found.skipped,
    calibration: "the share of the model's training images that score lower",
  });
  writeWhole(flags.sheet, page);
  console.error(`contact sheet: ${resolve(flags.sheet)}`);
}

/** A float32 knows seven digits. */
function significant(value: number): number {
  return Number(value.toPrecision(7));
}

/** Before anything is scored. */
export function checkOutputs({ out, sheet }: OutputFlags): void {
  if (out !== undefined) {
    if (![".csv", ".json"].includes(extname(out))) {
      throw new Error(`--out: scores are written as .csv or as .json, given ${out}.`);
    }
    checkPlace("--out", out, "scores", holdsScores);
  }
  if (sheet !== undefined) {
    if (extname(sheet) !== ".html") throw new Error(`--sheet: the page is an .html file, given ${sheet}.`);
    checkPlace("--sheet", sheet, "contact sheet", isContactSheet);
  }
}

/** Whether a text was written by this command, so that it may be written anew. */
function holdsScores(text: string): boolean {
  return [scoresAsCsv([]), '{\n  "model": '].some((beginning) => text.startsWith(beginning));
}
