/** A data set by name: the parts that recognition of unseen classes needs. No class is in two parts (but `oneShot`, see there). */
import type { Augmentation } from "./augmentation.js";
import type { ImageSet } from "./ImageSet.js";
import type { PairSet } from "./pairSet.js";

export const DATA_SET_NAMES = [
  "omniglot",
  "glyphs",
  "builtin",
  "folder",
  "recordio",
  "emoji",
  "cub",
  "cars",
  "sop",
  "inshop",
] as const;
export type DataSetName = (typeof DATA_SET_NAMES)[number];

export interface DataSet {
  readonly name: DataSetName;
  readonly train: ImageSet;
  /** Classes taken from the training half for choosing settings; only if `holdOut` was asked for. */
  readonly validation?: ImageSet;
  /**
   * Unseen classes, for the one evaluation at the end. Where queries and gallery are different images, both are in here, and column
   * `gallery` is 0 for a query and 1 for what queries are compared with (`queryAndGallery` divides them).
   */
  readonly test: ImageSet;
  /**
   * Omniglot's official one-shot runs, images of test classes: columns `run` (0 .. 19), `test` (0: the one example of its
   * class, 1: to be recognised), `class` (0 .. 19 within its run); labels are run · 20 + class.
   */
  readonly oneShot?: ImageSet;
  /** What is written of each class of the files: that of an image is `texts[columns.class[image]]`. */
  readonly texts?: readonly string[];
  /** Pairs to verify on, from files beside the set. */
  readonly pairs?: readonly PairSet[];
  /** Settings that suit the set. */
  readonly augmentation: Augmentation;
  /** Closes files that stay open while images are read. */
  readonly close?: () => Promise<void>;
}

export interface SplitOptions {
  /** Height and width in pixels. */
  readonly side?: number;
  /** Split off the validation classes; they are then missing from the training part. Default false. */
  readonly holdOut?: boolean;
  /** Make each training class into four, by quarter turns. Default false. */
  readonly rotations?: boolean;
}
