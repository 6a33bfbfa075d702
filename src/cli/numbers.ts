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
