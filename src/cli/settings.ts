/** Command-line flags to configuration: named flags for what is changed most, `--set path=value` for all the rest. */
import { readFileSync } from "node:fs";
import { InvalidArgumentError, type Command } from "commander";
import { DATA_SET_NAMES } from "../data/DataSet.js";
import { ENGINES_IN_WORDS } from "../tensor/engineNames.js";
import type { PartialConfiguration } from "../training/configuration.js";
import { reasonOf } from "../training/reasonOf.node.js";

/** Flag, path in the configuration, help text. */
const FLAGS: readonly (readonly [flags: string, path: string, help: string])[] = [
  ["--dataset <name>", "dataset.name", DATA_SET_NAMES.join(", ")],
  ["--side <pixels>", "dataset.side", "side of the images after resizing"],
  ["--ratio <r>", "head.ratio", "share of the class centers sampled each step, 0 to 1"],
  ["--pseudo-labels <file>", "dataset.pseudoLabels.file", "classes of a clustering (pfc cluster), a .npy file"],
  ["--features <count>", "head.features", "dimensions of the embedding that a step selects (Unicom); 0: all"],
  [
    "--margin <kind>",
    "head.margin.kind",
    "cosface, arcface, madacos (scale and margin set themselves), adacos, curricular or none",
  ],
  [
    "--network <kind>",
    "network.kind",
    "small, iresnet18 … iresnet200, mobilefacenet, mobilefacenet-large, small-vit, vit-t … vit-l, unicom-vit-b32 …, small-resnet, resnet50, resnet101",
  ],
  [
    "--quality <variant>",
    "quality.variant",
    "learn the quality of images (CR-FIQA): simultaneous, onTop, ccsOnly or none",
  ],
  ["--base <run>", "quality.base", "of the variant onTop: the run whose network, centers and settings it takes"],
  [
    "--tuple <images>",
    "local.tuple",
    "local stage (CFCD) on tuples of so many images: anchor, positive, negatives; 0: none",
  ],
  ["--embedding <size>", "network.embedding", "length of an embedding"],
  ["--batch <images>", "batch", "images of one forward pass"],
  ["--accumulate <passes>", "accumulate", "forward passes of one update"],
  ["--steps <updates>", "steps", "updates in all"],
  ["--rate <learning rate>", "optimizer.rate", "largest learning rate"],
  ["--evaluate-every <updates>", "evaluateEvery", "updates between two validations"],
  ["--checkpoint-every <updates>", "checkpointEvery", "updates between two checkpoints"],
  ["--seed <seed>", "seed", "whole number or text"],
  ["--engine <name>", "engine", `one of ${ENGINES_IN_WORDS}`],
  ["--multiply-add <kind>", "multiplyAdd", "of wasm: fused (fast) or separate (the same bits on every machine)"],
];

export interface SettingFlags {
  /** Values of the named flags, as text. */
  readonly [flag: string]: unknown;
  readonly config?: string;
  readonly set?: readonly [path: string, value: unknown][];
  readonly holdOut?: boolean;
}

/** Adds the flags of the configuration to a command. */
export function addSettings(command: Command): Command {
  command.option("--config <file>", "JSON file with settings; flags are laid over it");
  for (const [flags, , help] of FLAGS) command.option(flags, help);
  return addHoldOut(command).option(
    "--set <path=value>",
    "any setting, such as head.margin.margin=0.3, over all others; may be repeated",
    assignment,
  );
}

/** Adds those that say which images there are: a command with the same ones sees the same images. */
export function addDataSettings(command: Command): Command {
  for (const [flags, , help] of FLAGS)
    if (DATA_FLAGS.some((name) => flags.startsWith(name))) command.option(flags, help);
  return addHoldOut(command).option(
    "--set <path=value>",
    "any other setting of the data set, such as dataset.identities=500; may be repeated",
    assignment,
  );
}

const DATA_FLAGS = ["--dataset", "--side", "--seed"];

function addHoldOut(command: Command): Command {
  return command
    .option("--hold-out", "keep part of the training classes for validation, to choose settings with")
    .option("--no-hold-out", "train on all training classes (the preset of omniglot and glyphs)");
}

/** The names under which commander files these flags. */
export function settingNames(): string[] {
  return ["config", "holdOut", "set", ...FLAGS.map(([flags]) => camelCase(flags))];
}

/** The settings that a parsed command line asks for. */
export function settingsOf(options: SettingFlags): PartialConfiguration {
  const settings = options.config ? readSettings(options.config) : {};
  for (const [flags, path] of FLAGS) {
    const value = options[camelCase(flags)];
    if (typeof value === "string") place(settings, path, parse(value));
  }
  if (options.holdOut !== undefined) place(settings, "dataset.holdOut", options.holdOut);
  for (const [path, value] of options.set ?? []) place(settings, path, value);
  return settings;
}

function readSettings(file: string): Record<string, unknown> {
  try {
    const text = readFileSync(file, "utf8").replace(/^\uFEFF/, ""); // some editors begin a file with a byte order mark
    const settings: unknown = JSON.parse(text);
    if (typeof settings !== "object" || settings === null || Array.isArray(settings))
      throw new Error(`an object of settings is needed, given ${text.trim().slice(0, 40)}`);
    return settings as Record<string, unknown>;
  } catch (error) {
    throw new Error(`--config ${file}: ${reasonOf(error)}.`, { cause: error });
  }
}

function assignment(text: string, earlier: [string, unknown][] = []): [string, unknown][] {
  const [, path, value] = /^([a-z]+(?:\.[a-z]+)*)=(.*)$/is.exec(text) ?? [];
  if (path === undefined) throw new InvalidArgumentError(`"${text}" is not of the form path=value.`);
  return [...earlier, [path, parse(value)]];
}

/** JSON where it is JSON (numbers, true, lists), else text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Puts a value at its path; groups on the way are copied, or made where there is none. */
function place(settings: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop() as string;
  let level = settings;
  for (const key of keys) {
    const inner = level[key];
    level = level[key] = typeof inner === "object" && inner !== null ? { ...(inner as Record<string, unknown>) } : {};
  }
  level[last] = value;
}

/** "--evaluate-every <updates>" → "evaluateEvery", as commander names it. */
function camelCase(flags: string): string {
  return flags
    .slice(2)
    .split(" ")[0]
    .replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
