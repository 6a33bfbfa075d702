/** `pfc quality <images>`: a score for each image of a folder, or of a data set; no classes and no pairs are needed. */
import { existsSync, statSync } from "node:fs";
import { Command, Option } from "commander";
import { DATA_SET_NAMES } from "../../data/DataSet.js";
import type { Engine } from "../../tensor/engine.js";
import { ENGINE_NAMES, type EngineName } from "../../tensor/engineNames.js";
import { openEngine } from "../../tensor/openEngine.js";
import { openQualityModel } from "../../training/qualityModel.node.js";
import { RunFolder } from "../../training/runFolder.node.js";
import { scoreSource } from "../../training/scoreSource.js";
import { openImageSource, PARTS, type DataSetFlags } from "../images/openImageSource.js";
import { reportSkipped, withProgress } from "../images/withProgress.js";
import type * as Outputs from "../quality/writeScores.js";

interface QualityFlags extends DataSetFlags, Outputs.OutputFlags {
  readonly model: string;
  readonly strict?: boolean;
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
      const { checkOutputs } = await loadOutputs();
      checkOutputs(flags);
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
  const { source, close } = await openImageSource(images, flags, {
    format: model.description.images,
    what: "images are",
    verb: "scored",
  });
  try {
    const started = performance.now();
    const found = await withProgress("quality", source.names.length, (onProgress) =>
      scoreSource(source, { engine, model, onProgress }),
    );
    const seconds = (performance.now() - started) / 1000;
    if (found.scored.length === 0) {
      throw new Error(
        `${images}: none of its ${found.skipped.length} images could be read; the first: ${found.skipped[0].reason}`,
      );
    }
    const { writeScores } = await loadOutputs();
    await writeScores(images, flags, { model, source, found });
    const { length } = found.scored;
    console.error(
      `${length} ${length === 1 ? "image" : "images"} scored in ${seconds.toFixed(1)} s (${(length / seconds).toFixed(0)} a second)`,
    );
    reportSkipped(found.skipped, source.names.length);
    if (found.skipped.length > 0 && flags.strict === true) process.exitCode = 1;
  } finally {
    await close?.();
  }
}

/** With what draws the contact sheet: loaded when there is something to do (loadReport.ts). */
async function loadOutputs(): Promise<typeof Outputs> {
  return import("../quality/writeScores.js");
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
