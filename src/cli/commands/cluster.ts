/** `pfc cluster`: classes for images that nobody labelled, by k-means on features of images and their texts (Unicom). */
import { basename, extname, resolve } from "node:path";
import { Command, Option } from "commander";
import { existsSync } from "node:fs";
import { ENGINE_NAMES, type EngineName } from "../../tensor/engineNames.js";
import { complete } from "../../training/configuration.js";
import { callAgain } from "../callAgain.js";
import { ClusterFolder } from "../cluster/clusterFolder.js";
import { clusterTable } from "../cluster/clusterResult.js";
import type { ClusterSettings } from "../cluster/clusterSettings.js";
import { runClustering } from "../cluster/runClustering.js";
import { INTERRUPTED } from "../listenForInterrupts.js";
import { wholeNumber } from "../numbers.js";
import { addDataSettings, settingsOf, type SettingFlags } from "../settings.js";

interface ClusterFlags extends SettingFlags {
  readonly clusters?: number;
  readonly imageFeatures?: string;
  readonly textFeatures?: string;
  readonly labels?: string;
  readonly imageFrom?: string;
  readonly textFrom?: "words";
  readonly dataset?: string;
  readonly side?: string;
  readonly data?: string;
  readonly fusion?: ClusterSettings["fusion"];
  readonly spherical?: boolean;
  readonly euclidean?: boolean;
  readonly method: ClusterSettings["method"];
  readonly start: ClusterSettings["start"];
  readonly iterations?: number;
  readonly batchRows?: number;
  readonly minSize: number;
  readonly maxPerCluster?: number;
  readonly engine: EngineName;
  readonly out?: string;
  readonly resume?: string;
}

/** Of numbers that only what they count can bound. */
const MOST = 2 ** 31 - 1;

export function clusterCommand(): Command {
  const command = new Command("cluster")
    .description("cluster features of images and texts into pseudo-classes, for pfc train --pseudo-labels")
    .addOption(new Option("--clusters <k>", "pseudo-classes to find").argParser(wholeNumber(1, MOST)))
    .option("--image-features <file>", "of images: a .npy file, a row of numbers for each (of CLIP, say)")
    .option("--text-features <file>", "of their texts: the same")
    .option("--labels <file>", "true classes of the rows, a .npy file: purity and NMI are reported")
    .option("--data <folder>", "folder of the data set's files (or the environment variable PFC_DATA)")
    .option("--image-from <pixels|run>", "of a data set: features from averaged pixels, or embeddings of a run")
    .addOption(
      new Option(
        "--text-from <words>",
        "of a data set with texts (emoji): hashed n-grams of what is written of each class, a stand-in for CLIP's text tower",
      ).choices(["words"]),
    )
    .addOption(
      new Option(
        "--fusion <kind>",
        "what is clustered (default: average of image and text, or the one there is)",
      ).choices(["image", "text", "average", "concat"]),
    )
    .option("--spherical", "centroids of length one, compared by inner product (default)")
    .addOption(new Option("--euclidean", "centroids are means, compared by distance").conflicts("spherical"))
    .addOption(new Option("--method <name>", "k-means").choices(["lloyd", "mini-batch"]).default("lloyd"))
    .addOption(new Option("--start <kind>", "first centroids").choices(["k-means++", "random"]).default("k-means++"))
    .addOption(
      new Option(
        "--iterations <count>",
        "at most so many (default: 50; of mini-batches no less than draw 5 times the rows there are)",
      ).argParser(wholeNumber(1, MOST)),
    )
    .addOption(
      new Option("--batch-rows <rows>", "rows of a mini-batch (default: 1024)").argParser(wholeNumber(1, MOST)),
    )
    .addOption(new Option("--min-size <rows>", "drop smaller clusters").argParser(wholeNumber(1, MOST)).default(1))
    .addOption(
      new Option("--max-per-cluster <rows>", "keep so many rows of larger clusters, drawn by the seed").argParser(
        wholeNumber(1, MOST),
      ),
    )
    .addOption(new Option("--engine <name>", "where to compute").choices([...ENGINE_NAMES]).default("wasm"))
    .option("--out <folder>", "new folder (default: clusters/<name>-k<k>-s<seed>)");
  addDataSettings(command);
  const others = command.options.map((option) => option.attributeName());
  command.addOption(
    new Option("--resume <folder>", "go on with the clustering in that folder, with its settings").conflicts(others),
  );
  return command.action(async (flags: ClusterFlags) => {
    const { resume } = flags;
    const clustering = resume === undefined ? vacantClustering(flags) : { ...ClusterFolder.open(resume), resume: true };
    const { folder } = clustering;
    const end = await runClustering(clustering);
    if ("saved" in end) {
      const goOn = callAgain("cluster", "--resume", folder.path);
      console.log(
        end.saved > 0
          ? `stopped and saved; go on with: ${goOn}`
          : "stopped before the first iteration: nothing is kept",
      );
      process.exitCode = INTERRUPTED;
      return;
    }
    console.log(clusterTable(end.result));
    console.log(`labels: ${resolve(folder.labels)}`);
    const images = sameImages(clustering.settings);
    if (images) console.log(`train on them: ${callAgain("train", ...images, "--pseudo-labels", folder.labels)}`);
  });
}

/** The flags by which `pfc train` opens the same images: what differs from the presets of their set. Undefined for features without images. */
function sameImages({ dataset, data, seed }: ClusterSettings): string[] | undefined {
  if (!dataset) return undefined;
  const preset = complete({ dataset: { name: dataset.name } });
  const { name, holdOut, pseudoLabels: _, ...others } = dataset;
  const different = Object.entries(others).filter(
    ([key, value]) => value !== preset.dataset[key as keyof typeof others],
  );
  return [
    ...["--dataset", name],
    ...(data === null || name === "builtin" ? [] : ["--data", data]), // built-in identities are in no files
    ...(holdOut === preset.dataset.holdOut ? [] : [holdOut ? "--hold-out" : "--no-hold-out"]),
    ...(seed === preset.seed ? [] : ["--seed", String(seed)]),
    ...different.flatMap(([key, value]) => ["--set", `dataset.${key}=${JSON.stringify(value)}`]),
  ];
}

function vacantClustering(flags: ClusterFlags): { folder: ClusterFolder; settings: ClusterSettings; resume: false } {
  const settings = clusterSettingsOf(flags);
  const { dataset, imageFeatures, textFeatures, clusters, seed } = settings;
  const file = imageFeatures ?? textFeatures ?? "features";
  const name = `${dataset?.name ?? basename(file, extname(file))}-k${clusters}-s${seed}`.replaceAll(/[^\w.-]+/g, "_");
  return { folder: ClusterFolder.vacant(flags.out ?? `clusters/${name}`), settings, resume: false };
}

/** Lloyd's method compares all rows. */
function checkBatches({ method, batchRows }: ClusterFlags): void {
  if (batchRows === undefined || method === "mini-batch") return;
  throw new Error(`--batch-rows is of --method mini-batch; given ${batchRows} with --method ${method}.`);
}

/** Before anything is computed. */
function checkSizes({ minSize, maxPerCluster }: ClusterFlags): void {
  if (maxPerCluster === undefined || minSize <= maxPerCluster) return;
  throw new Error(
    `--min-size drops clusters with fewer rows than --max-per-cluster keeps of larger ones, and is not above it; given ${minSize} and ${maxPerCluster}.`,
  );
}

/** Files of features have no images to be opened. */
function checkDataFlags({ dataset, data, side, holdOut, set = [] }: ClusterFlags): void {
  if (dataset !== undefined) return;
  const given = [
    ...(data === undefined ? [] : ["--data"]),
    ...(side === undefined ? [] : ["--side"]),
    ...(holdOut === undefined ? [] : [holdOut ? "--hold-out" : "--no-hold-out"]),
    ...(set.length === 0 ? [] : ["--set"]),
  ];
  if (given.length === 0) return;
  throw new Error(`${given.join(", ")}: of a data set, which --dataset names; it was not given.`);
}

/** Paths become full ones: resumed from another folder, a clustering finds its files. */
function clusterSettingsOf(flags: ClusterFlags): ClusterSettings {
  const { clusters, imageFeatures, textFeatures, labels, imageFrom, data, set = [] } = flags;
  if (clusters === undefined) throw new Error("--clusters <k> says how many pseudo-classes to find; it was not given.");
  const foreign = set.find(([path]) => !path.startsWith("dataset.") || path.startsWith("dataset.pseudoLabels"));
  if (foreign) throw new Error(`--set: a clustering has the settings of a data set (dataset.…); given ${foreign[0]}.`);
  checkBatches(flags);
  checkSizes(flags);
  checkDataFlags(flags);
  const isRun = imageFrom !== undefined && imageFrom !== "pixels";
  if (isRun && flags.side !== undefined) {
    throw new Error(
      `--side: the images of ${imageFrom} have the side it was trained with; given ${flags.side} as well.`,
    );
  }
  if (isRun && !existsSync(imageFrom)) {
    throw new Error(`--image-from is "pixels" or the folder of a run; ${imageFrom} does not exist.`);
  }
  const full = (path: string | undefined): string | null => (path === undefined ? null : resolve(path));
  const { dataset, seed } = complete(settingsOf(flags));
  return {
    ...{ imageFeatures: full(imageFeatures), textFeatures: full(textFeatures), labels: full(labels) },
    imageFrom: isRun ? resolve(imageFrom) : (imageFrom ?? null),
    textFrom: flags.textFrom ?? null,
    dataset: flags.dataset === undefined ? null : dataset,
    data: full(data ?? (flags.dataset === undefined ? undefined : process.env.PFC_DATA)),
    ...{ clusters, seed, spherical: flags.euclidean !== true },
    ...{ fusion: flags.fusion ?? null, method: flags.method, start: flags.start },
    ...{ iterations: flags.iterations ?? null, batchRows: flags.batchRows ?? null },
    ...{ minSize: flags.minSize, maxPerCluster: flags.maxPerCluster ?? null, engine: flags.engine },
  };
}
