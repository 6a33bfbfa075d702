/** Numbers among the options of a command, checked where they are read. */
import { InvalidArgumentError } from "commander";

/** Throws commander's error, to which commander adds the option's name. */
export const wholeNumber =
  (least: number, most: number): ((text: string) => number) =>
  (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
  };

/** "0.7071,1": finite numbers between commas, of that many if it is said. Throws as `wholeNumber`. */
export const numberList =
  (count?: number): ((text: string) => number[]) =>
  (text) => {
    const values = text.split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
    if (values.every(Number.isFinite) && (count === undefined || values.length === count)) return values;
    throw new InvalidArgumentError(`It is ${count ?? "one or more"} numbers between commas.`);
  };

/** Of commands that embed images at several sizes (`embedBatch`). */
export const SCALES_HELP =
  "average the embeddings of several sizes of each image, such as 0.7071,1,1.4142; of small-resnet, resnet50 and resnet101";
