/** What `pfc quality` scores: the files of a folder, one file, or a data set by its name. */
import { existsSync } from "node:fs";
import { DATA_SET_NAMES, type DataSet } from "../../data/DataSet.js";
import { imageSize, type ImageSet } from "../../data/ImageSet.js";
import { openDataSet } from "../../data/openDataSet.node.js";
import { openImageFiles } from "../../data/openImageFiles.node.js";
import type { QualityModel } from "../../training/qualityModel.node.js";
import type { ImageSource } from "../../training/scoreSource.js";

export const PARTS = ["train", "test"] as const;

export interface DataSetFlags {
  readonly data?: string;
  readonly part?: (typeof PARTS)[number];
}

export interface OpenSource {
  readonly source: ImageSource;
  readonly close?: () => Promise<void>;
}

/** What is there under that name is scored as files; else it is the name of a data set. */
export async function openImageSource(
  images: string,
  { part, data: folder }: DataSetFlags,
  { side, channels }: QualityModel["description"]["images"],
): Promise<OpenSource> {
  const name = DATA_SET_NAMES.find((known) => known === images);
  if (name === undefined && !existsSync(images)) {
    throw new Error(
      `${images} does not exist; images are a folder, a file, or one of the data sets ${DATA_SET_NAMES.join(", ")}.`,
    );
  }
  if (name === undefined || existsSync(images)) {
    if (part !== undefined || folder !== undefined) {
      throw new Error(
        `--part and --data belong to data sets, but ${images} is there as a file or folder and is scored as that.`,
      );
    }
    return { source: await openImageFiles(images, { side, channels }) };
  }
  const data: DataSet = await openDataSet({ name, side, data: folder });
  return { source: sourceOf(data[part ?? "test"], channels), close: data.close };
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
