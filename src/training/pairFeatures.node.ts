/**
 * Features of image-text pairs, ready to be clustered (Unicom): each side read from a `.npy` file, where CLIP or another network has put it, or
 * made here of the training part of a data set.
 *
 * Made here are, of images, averaged pixels or the embeddings of a run; of texts, hashed n-grams of what is written of an image's class
 * (`textFeatures.ts`), a stand-in for CLIP's text tower. Texts of classes that are not trained on take no part.
 */
import type { DataSet } from "../data/DataSet.js";
import type { ImageSet } from "../data/ImageSet.js";
import { npyRows } from "../data/npy/npy.js";
import { openDataSet } from "../data/openDataSet.node.js";
import { pixelFeatures } from "../data/pixelFeatures.js";
import { readNpyFile } from "../data/readNpyFile.node.js";
import { textFeatures } from "../data/textFeatures.js";
import type { Engine } from "../tensor/engine.js";
import { fuseModalities, type Features, type FusedFeatures, type Fusion } from "../unicom/index.js";
import type { Configuration } from "./configuration.js";
import { embedImages } from "./embedImages.js";
import { openTrainedBackbone, type TrainedBackbone } from "./trainedBackbone.node.js";

/** Where the two sides come from; null: from nowhere. A side has a file or a maker, not both. */
export interface FeatureSettings {
  /** Files of [N, D]. */
  readonly imageFeatures: string | null;
  readonly textFeatures: string | null;
  /** The true classes, [N], a file; those of a data set are its own. */
  readonly labels: string | null;
  /** "pixels", or the folder of a run. */
  readonly imageFrom: string | null;
  readonly textFrom: "words" | null;
  /** Opened as `pfc train` opens it, so that rows are in the order of its images; at the side of the run that embeds them. */
  readonly dataset: Configuration["dataset"] | null;
  /** Folder of its files; null: the environment variable PFC_DATA. */
  readonly data: string | null;
  /** null: the average of two sides, or the one there is. */
  readonly fusion: Fusion | null;
  /** Of built-in identities, as in training. */
  readonly seed: number | string;
}

export interface PairFeatures extends FusedFeatures {
  readonly rows: number;
  readonly fusion: Fusion;
  /** True classes, where they are known. */
  readonly classes?: Int32Array;
}

/** A side, and what to call it in messages. */
type Side = Features & { readonly name: string };

/** Of words that have no image features' width to keep to. */
const TEXT_DIMENSIONS = 256;

/** @throws Error for a source that is missing, damaged or does not fit the other; a NaN among the features is named by its row */
export async function openPairFeatures(engine: Engine, settings: FeatureSettings): Promise<PairFeatures> {
  checkSources(settings);
  const { dataset, imageFrom, data, seed } = settings;
  const run = imageFrom === null || imageFrom === "pixels" ? undefined : await openTrainedBackbone(engine, imageFrom);
  const opened =
    dataset && (await openDataSet({ ...dataset, ...(run && { side: run.images.side }), ...(data && { data }), seed }));
  try {
    const set = opened?.train;
    const image = await imageSide(engine, settings, { set, run });
    const text = await textSide(settings, opened ?? undefined, image);
    const fusion = settings.fusion ?? (image && text ? "average" : image ? "image" : "text");
    checkFit([image, text], set, fusion);
    const fused = fuseModalities({ image, text }, fusion);
    const rows = fused.values.length / fused.columns;
    const classes = set?.labels ?? (settings.labels === null ? undefined : await readClasses(settings.labels, rows));
    return { ...fused, rows, fusion, ...(classes && { classes }) };
  } finally {
    await opened?.close?.();
    run?.backbone.dispose();
  }
}

function checkSources(settings: FeatureSettings): void {
  const { imageFeatures, textFeatures: textFile, imageFrom, textFrom, dataset, labels } = settings;
  if ([imageFeatures, textFile, imageFrom, textFrom].every((source) => source === null)) {
    throw new Error(
      "features come from files (--image-features, --text-features) or are made from a data set (--image-from, --text-from); none of these was given.",
    );
  }
  for (const [side, file, maker] of [
    ["image", imageFeatures, imageFrom],
    ["text", textFile, textFrom],
  ] as const) {
    if (file !== null && maker !== null) {
      throw new Error(
        `the ${side} features are read or made, not both; given --${side}-features ${file} and --${side}-from ${maker}.`,
      );
    }
    if (maker !== null && dataset === null) {
      throw new Error(`--${side}-from ${maker} makes features of a data set, and none was named (--dataset).`);
    }
  }
  if (labels !== null && dataset !== null) {
    throw new Error(`the true classes are those of --dataset ${dataset.name}, or in --labels; given both.`);
  }
}

async function imageSide(
  engine: Engine,
  { imageFeatures, imageFrom }: FeatureSettings,
  { set, run }: { readonly set: ImageSet | undefined; readonly run: TrainedBackbone | undefined },
): Promise<Side | undefined> {
  if (imageFeatures !== null) return readSide(imageFeatures);
  if (!set || imageFrom === null) return undefined;
  if (!run) {
    const values = await pixelFeatures(set);
    return { name: "pixels", values, columns: values.length / set.count };
  }
  const { images, backbone, configuration } = run;
  if (images.channels !== set.channels) {
    throw new Error(
      `${imageFrom} embeds images of ${images.channels} channels, and those of ${set.name} have ${set.channels}.`,
    );
  }
  const values = await embedImages({ engine, backbone, set });
  return { name: imageFrom, values, columns: configuration.network.embedding };
}

/** Words are projected to the width of the image features, so that both can be averaged: to no space in common, but to one of the same size. */
async function textSide(
  { textFeatures: file, textFrom, fusion }: FeatureSettings,
  opened: DataSet | undefined,
  image: Side | undefined,
): Promise<Side | undefined> {
  if (file !== null) return readSide(file);
  if (!opened || textFrom === null) return undefined;
  const { texts, train } = opened;
  if (!texts) {
    throw new Error(`--text-from words: nothing is written of the classes of ${opened.name}; emoji has words.`);
  }
  const columns = image && (fusion ?? "average") === "average" ? image.columns : TEXT_DIMENSIONS;
  const trained = [...new Set(train.columns.class)].sort((a, b) => a - b);
  const place = new Map(trained.map((label, i) => [label, i]));
  const ofClasses = textFeatures(
    trained.map((label) => texts[label]),
    { dimensions: columns },
  );
  const values = new Float32Array(train.count * columns);
  for (const [row, label] of train.columns.class.entries()) {
    const from = place.get(label)! * columns;
    values.set(ofClasses.subarray(from, from + columns), row * columns);
  }
  return { name: "words", values, columns };
}

async function readSide(file: string): Promise<Side> {
  const { rows, width } = npyRows(await readNpyFile(file), file);
  return { name: file, values: rows, columns: width };
}

/** Every side has a row for every pair, and an average one space. */
function checkFit(given: readonly (Side | undefined)[], set: ImageSet | undefined, fusion: Fusion): void {
  const sides = given.filter((side) => side !== undefined);
  const rowsOf = ({ values, columns }: Side): number => values.length / columns;
  const odd = set && sides.find((side) => rowsOf(side) !== set.count);
  if (odd) {
    throw new Error(
      `${odd.name} has ${rowsOf(odd)} rows, but ${set.name} has ${set.count} images: a row for each is needed.`,
    );
  }
  if (sides.length < 2) return;
  const [image, text] = sides;
  if (rowsOf(image) !== rowsOf(text)) {
    throw new Error(
      `image and text features have a row for every pair, but ${image.name} has ${rowsOf(image)} rows and ${text.name} has ${rowsOf(text)}.`,
    );
  }
  if (fusion === "average" && image.columns !== text.columns) {
    throw new Error(
      `an average needs image and text features of one width, but ${image.name} has ${image.columns} columns and ${text.name} has ${text.columns}; ` +
        `put them side by side with --fusion concat, or project one of them first.`,
    );
  }
}

/** Whole numbers, one a row; −1 for rows whose class is not known. */
async function readClasses(file: string, rows: number): Promise<Int32Array> {
  const { shape, data } = await readNpyFile(file);
  if (shape.length !== 1 || shape[0] !== rows) {
    throw new Error(`${file}: true classes are a vector of ${rows}, one for each row; given [${shape.join(", ")}].`);
  }
  const classes = Int32Array.from(data);
  if (classes.every((label) => label === -1)) {
    throw new Error(`${file}: a row whose true class is known is needed; all ${rows} are −1.`);
  }
  const wrong = classes.findIndex((label, row) => label !== data[row] || label < -1);
  if (wrong < 0) return classes;
  throw new Error(
    `${file}: true classes are whole numbers from 0 on, or −1 for none; row ${wrong} has ${data[wrong]}.`,
  );
}
