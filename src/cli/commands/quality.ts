/** `pfc quality <images>`: a score for each image of a folder, or of a data set; no classes and no pairs are needed. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import { SingleBar } from "cli-progress";
import { Command, Option } from "commander";
import { calibrate } from "../../crfiqa/index.js";
import { DATA_SET_NAMES, type DataSet } from "../../data/DataSet.js";
import { imageSize, type ImageSet } from "../../data/ImageSet.js";
import { openDataSet } from "../../data/openDataSet.node.js";
import { openImageFiles } from "../../data/openImageFiles.node.js";
import type { Engine } from "../../tensor/engine.js";
import { ENGINE_NAMES, type EngineName } from "../../tensor/engineNames.js";
import { openEngine } from "../../tensor/openEngine.js";
import { pictureFrom } from "../../training/pictureOf.node.js";
import { openQualityModel, type QualityModel } from "../../training/qualityModel.node.js";
import { contactSheet, isContactSheet, shownOnSheet, type ScoredPicture } from "../../training/report/contactSheet.js";
import { RunFolder } from "../../training/runFolder.node.js";
import { scoreSource, type ImageSource, type ScoredSource } from "../../training/scoreSource.js";
import { scoresAsCsv, scoresAsJson, type ScoreRow } from "../../training/scoreTable.js";
import { writeWhole } from "../../training/writeWhole.node.js";

const PARTS = ["train", "test"] as const;

interface QualityFlags {
  readonly model: string;
  readonly out?: string;
  readonly sheet?: string;
  readonly strict?: boolean;
  readonly data?: string;
  readonly part?: (typeof PARTS)[number];
  readonly engine: EngineName;
}

export function qualityCommand(): Command {
  return new Command("quality")
    .description("score images by a run trained with --quality; prints CSV")
    .argument("<images>", `a folder of images, one image, or a data set: ${DATA_SET_NAMES.join(", ")}`)
    .requiredOption("--model <run>", "run trained with --quality, or its quality.safetensors")
    .option("--out <file>", "write the scores there instead: .csv, or .json")
    .option("--sheet <file>", "write a page of all images, sorted by score (.html)")
    .option("--strict", "exit with 1 if an image could not be read")
    .option("--data <folder>", "of a data set: folder of its files (or the environment variable PFC_DATA)")
    .addOption(new Option("--part <part>", "of a data set (default: test)").choices([...PARTS]))
    .addOption(new Option("--engine <name>", "where to compute").choices([...ENGINE_NAMES]).default("wasm"))
    .action(async (images: string, flags: QualityFlags) => {
      checkNames(flags);
      const engine = await openEngine(flags.engine);
      try {
        await score(images, flags, engine);
      } finally {
        await engine.close();
      }
    });
}

async function score(images: string, flags: QualityFlags, engine: Engine): Promise<void> {
  const model = await openQualityModel(modelFile(flags.model), engine);
  const { source, close } = await openSource(images, flags, model);
  try {
    const started = performance.now();
    const found = await withProgress(source.names.length, (onProgress) =>
      scoreSource(source, { engine, model, onProgress }),
    );
    const seconds = (performance.now() - started) / 1000;
    if (found.scored.length === 0) {
      throw new Error(
        `${images}: none of its ${found.skipped.length} images could be read; the first: ${found.skipped[0].reason}`,
      );
    }
    await writeResults(images, flags, { model, source, found });
    const { length } = found.scored;
    console.error(
      `${length} ${length === 1 ? "image" : "images"} scored in ${seconds.toFixed(1)} s (${(length / seconds).toFixed(0)} a second)`,
    );
    reportSkipped(found, flags.strict === true);
  } finally {
    await close?.();
  }
}

/** A bar on a terminal, nothing elsewhere. */
async function withProgress<T>(total: number, work: (onProgress: (done: number) => void) => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return work(() => undefined);
  const bar = new SingleBar({
    format: "quality {bar} {value}/{total} images · {eta_formatted} left",
    clearOnComplete: true,
  });
  bar.start(total, 0);
  try {
    return await work((done) => bar.update(done));
  } finally {
    bar.stop();
  }
}

/** A run's model, or a file by itself. */
function modelFile(path: string): string {
  if (!existsSync(path))
    throw new Error(`${path} does not exist; --model names a run trained with --quality, or its quality.safetensors.`);
  if (!statSync(path).isDirectory()) return path;
  const file = RunFolder.qualityModelOf(path);
  if (existsSync(file)) return file;
  throw new Error(
    `${path} has no quality.safetensors: a run writes it at its end if it was trained with --quality; resume it, or train another.`,
  );
}

interface OpenSource {
  readonly source: ImageSource;
  readonly close?: () => Promise<void>;
}

/** What is there under that name is scored as files; else it is the name of a data set. */
async function openSource(images: string, flags: QualityFlags, model: QualityModel): Promise<OpenSource> {
  const { side, channels } = model.description.images;
  const name = DATA_SET_NAMES.find((known) => known === images);
  if (name === undefined && !existsSync(images)) {
    throw new Error(
      `${images} does not exist; images are a folder, a file, or one of the data sets ${DATA_SET_NAMES.join(", ")}.`,
    );
  }
  if (name === undefined || existsSync(images)) {
    if (flags.part !== undefined || flags.data !== undefined) {
      throw new Error(
        `--part and --data belong to data sets, but ${images} is there as a file or folder and is scored as that.`,
      );
    }
    return { source: await openImageFiles(images, { side, channels }) };
  }
  const data: DataSet = await openDataSet({ name, side, data: flags.data });
  return { source: sourceOf(data[flags.part ?? "test"], channels), close: data.close };
}

/** The images of a set, called by class and number. @throws Error where the network takes another number of channels */
function sourceOf(set: ImageSet, channels: number): ImageSource {
  if (set.channels !== channels) {
    throw new Error(`${set.name} has images of ${set.channels} channels, and the model takes ${channels}.`);
  }
  return {
    names: Array.from(set.labels, (label, index) => `class${label}/image${index}`),
    read: async (index) => {
      const pixels = new Float32Array(imageSize(set));
      await set.read(index, pixels);
      return pixels;
    },
  };
}

interface Results {
  readonly model: QualityModel;
  readonly source: ImageSource;
  readonly found: ScoredSource;
}

async function writeResults(images: string, flags: QualityFlags, { model, source, found }: Results): Promise<void> {
  const { name, calibration, images: format } = model.description;
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
  const { channels, side } = format;
  const pictures: ScoredPicture[] = [];
  const shown = shownOnSheet(found.scored);
  for (const [place, scored] of found.scored.entries()) {
    const { index, name: image, score } = scored;
    const format = { channels, height: side, width: side };
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

function reportSkipped({ skipped, scored }: ScoredSource, strict: boolean): void {
  for (const { reason } of skipped) console.error(`skipped: ${reason}`);
  if (skipped.length > 0)
    console.error(`${skipped.length} of ${skipped.length + scored.length} images could not be read and were skipped`);
  if (skipped.length > 0 && strict) process.exitCode = 1;
}

/** Before anything is scored. */
function checkNames({ out, sheet }: QualityFlags): void {
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

/** A new file in a folder that is there, or one that this command has written before. */
function checkPlace(flag: string, path: string, what: string, isOurs: (text: string) => boolean): void {
  if (!existsSync(dirname(resolve(path)))) {
    throw new Error(`${flag}: the folder of ${path} does not exist.`);
  }
  if (!existsSync(path)) return;
  if (!statSync(path).isFile() || !isOurs(readFileSync(path, "utf8"))) {
    throw new Error(`${path} is there already and holds no ${what}; name another file with ${flag}.`);
  }
}

/** Whether a text was written by this command, so that it may be written anew. */
function holdsScores(text: string): boolean {
  return [scoresAsCsv([]), '{\n  "model": '].some((beginning) => text.startsWith(beginning));
}
