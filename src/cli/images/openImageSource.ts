/** Images for a network, by what a user calls them: the files of a folder, one file, or a data set by its name. */
import { existsSync } from "node:fs";
import { DATA_SET_NAMES, type DataSet } from "../../data/DataSet.js";
import { imageNames, imageSize, type ImageSet } from "../../data/ImageSet.js";
import { openDataSet } from "../../data/openDataSet.node.js";
import { openImageFiles } from "../../data/openImageFiles.node.js";
import type { Configuration } from "../../training/configuration.js";
import type { ImageSource } from "../../training/imageSource.js";

export const PARTS = ["train", "test"] as const;

export interface DataSetFlags {
  readonly data?: string;
  readonly part?: (typeof PARTS)[number];
}

export interface SourceOptions {
  /** What the network takes. */
  readonly format: { readonly channels: 1 | 3; readonly side: number };
  /** Of the run that the network is from: its own data set is opened with its settings. */
  readonly trained?: Pick<Configuration, "dataset" | "seed">;
  /** For messages: "images are" a folder, a file, or a data set; they are "scored". */
  readonly what: string;
  readonly verb: string;
}

export interface OpenSource {
  readonly source: ImageSource;
  /** Of files: where each is. */
  readonly paths?: readonly string[];
  /** Of a data set. */
  readonly set?: ImageSet;
  readonly texts?: readonly string[];
  readonly close?: () => Promise<void>;
}

/** What is there under that name is taken as files; else it is the name of a data set. */
export async function openImageSource(
  images: string,
  { part, data: folder }: DataSetFlags,
  { format, trained, what, verb }: SourceOptions,
): Promise<OpenSource> {
  const { side, channels } = format;
  const name = DATA_SET_NAMES.find((known) => known === images);
  if (name === undefined && !existsSync(images)) {
    throw new Error(
      `${images} does not exist; ${what} a folder, a file, or one of the data sets ${DATA_SET_NAMES.join(", ")}.`,
    );
  }
  if (name === undefined || existsSync(images)) {
    if (part !== undefined || folder !== undefined) {
      throw new Error(
        `--part and --data belong to data sets, but ${images} is there as a file or folder and is ${verb} as that.`,
      );
    }
    const { paths, ...source } = await openImageFiles(images, { side, channels });
    return { source, paths };
  }
  const settings = trained?.dataset.name === name ? { ...trained.dataset, seed: trained.seed } : {};
  const data: DataSet = await openDataSet({ ...settings, name, side, data: folder });
  const set = data[part ?? "test"];
  if (set.channels !== channels) {
    await data.close?.();
    throw new Error(`${set.name} has images of ${set.channels} channels, and the model takes ${channels}.`);
  }
  return {
    source: sourceOf(set),
    set,
    ...(data.texts && { texts: data.texts }),
    ...(data.close && { close: data.close }),
  };
}

/** The images of a set, called by their own names or by class and number. */
function sourceOf(set: ImageSet): ImageSource {
  return {
    names: imageNames(set),
    read: async (index) => {
      const pixels = new Float32Array(imageSize(set));
      await set.read(index, pixels);
      return pixels;
    },
  };
}
