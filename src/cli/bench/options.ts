/** Options of `pfc bench`: each is checked where it is read, and any of them can be given two values with `--compare`. */
import { InvalidArgumentError, Option, type Command } from "commander";
import type { EngineChoice } from "../../benchmark/engines.js";
import type { HeadSize } from "../../benchmark/headModel.js";
import type { HeadPath } from "../../benchmark/headWork.js";
import { ENGINE_NAMES, ENGINES_IN_WORDS, isGpu, type EngineName } from "../../tensor/engineNames.js";
import type { RowStorage } from "../../tensor/rowStore.js";
import { wholeNumber } from "../numbers.js";

/** What an option's text becomes; throws commander's error, to which commander adds the option's name. */
type Parser<T> = (text: string) => T;

export type EngineOptions = EngineChoice;

export interface RunOptions {
  readonly rounds: number;
  readonly out?: string;
  readonly json?: boolean;
  readonly compare?: Comparison;
}

export interface HeadOptions extends EngineOptions, HeadSize {
  readonly path: HeadPath;
}

/** One option, and the values that it takes in turn. */
export interface Comparison {
  readonly option: string;
  readonly values: readonly unknown[];
}

export const ratio: Parser<number> = (text) => {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && value <= 1) return value;
  throw new InvalidArgumentError("The share of the centers that is sampled lies above 0 and goes up to 1.");
};

/** Several ratios, ascending. */
export const ratios: Parser<readonly number[]> = (text) => {
  const list = text.split(",").map(ratio);
  if (new Set(list).size === list.length) return list.sort((a, b) => a - b);
  throw new InvalidArgumentError("Every ratio is given once.");
};

const oneOf =
  <T extends string>(names: readonly T[]): Parser<T> =>
  (text) => {
    const found = names.find((name) => name === text);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`Allowed choices are ${names.join(", ")}.`);
  };

const PARSERS: Readonly<Record<string, Parser<unknown>>> = {
  engine: oneOf(ENGINE_NAMES),
  threads: wholeNumber(1, 64),
  "multiply-add": oneOf(["separate", "fused"]),
  products: oneOf(["gpu.js", "wgsl"]),
  update: oneOf(["sparse", "dense"]),
  storage: oneOf(["float32", "float16"]),
  path: oneOf(["formula", "fused", "blocks"]),
  ratio,
};

const OF_WASM = ["threads", "multiply-add"];

/** Where and how often; every benchmark has these. `comparable`: the options that `--compare` may name. */
export function addRunOptions(command: Command, rounds: number, comparable: readonly string[]): Command {
  return command
    .addOption(parsed("--engine <name>", `one of ${ENGINES_IN_WORDS}`, PARSERS.engine).default("wasm"))
    .addOption(parsed("--threads <count>", "threads of the wasm engine (default: all cores)", PARSERS.threads))
    .addOption(
      parsed(
        "--multiply-add <rule>",
        "of the wasm engine: fused (one rounding, relaxed SIMD) or separate (default: fused where it is available)",
        PARSERS["multiply-add"],
      ),
    )
    .addOption(
      parsed(
        "--products <kind>",
        "of the engine gpu:webgpu: matrix products by gpu.js (default), or by wgsl with workgroup memory",
        PARSERS.products,
      ),
    )
    .addOption(
      parsed(
        "--compare <option=a,b>",
        `measure alternatives in turn: two or more values of ${comparable.join(", ")}`,
        comparison(comparable),
      ),
    )
    .addOption(parsed("--rounds <count>", "samples of each work", wholeNumber(1, 1000)).default(rounds))
    .option(
      "--out <folder>",
      "new folder for bench.jsonl, bench.html and the figures (default: only a table is printed)",
    )
    .option("--json", "print the record, one line of JSON each, in place of the table");
}

/** The size of a head. */
export function addHeadOptions(command: Command, defaults: { classes: number; embedding: number }): Command {
  return command
    .addOption(parsed("--classes <C>", "classes", wholeNumber(1, 1e9)).default(defaults.classes))
    .addOption(parsed("--embedding <d>", "length of an embedding", wholeNumber(1, 65_536)).default(defaults.embedding))
    .addOption(parsed("--batch <N>", "rows of a batch", wholeNumber(1, 65_536)).default(128))
    .addOption(
      parsed("--update <rule>", "which rows a step updates: sparse or dense", PARSERS.update).default("sparse"),
    )
    .addOption(
      parsed("--storage <type>", "of centers and momentum: float32 or float16", PARSERS.storage).default("float32"),
    )
    .addOption(
      parsed(
        "--path <path>",
        "what computes a step: formula (readable), fused, or blocks (fused, and keeps no cosines)",
        PARSERS.path,
      ).default("fused"),
    );
}

export function parsed(flags: string, help: string, parser: Parser<unknown>): Option {
  return new Option(flags, help).argParser(parser);
}

/** The options once for each value that is compared, with a name for each; the options themselves where nothing is. */
export function alternatives<T extends EngineOptions & { readonly storage?: RowStorage }>(
  options: T & { readonly compare?: Comparison },
): (T & { readonly variant: string })[] {
  const { compare, engine, threads, multiplyAdd, products } = options;
  const ofWasm = threads !== undefined || multiplyAdd !== undefined || OF_WASM.includes(compare?.option ?? "");
  if (engine !== "wasm" && ofWasm) {
    throw new Error(`--threads and --multiply-add are settings of the wasm engine; --engine ${engine} has none.`);
  }
  const engines: readonly unknown[] = compare?.option === "engine" ? compare.values : [engine];
  if ((products !== undefined || compare?.option === "products") && !engines.includes("gpu:webgpu")) {
    throw new Error(`--products is a setting of the engine gpu:webgpu; --engine ${engine} has one kind only.`);
  }
  const all = compare
    ? compare.values.map((value) => ({
        ...options,
        [camelCase(compare.option)]: value,
        variant: `${compare.option} ${String(value)}`,
      }))
    : [{ ...options, variant: "" }];
  all.forEach(checkStorage);
  return all;
}

function checkStorage({ engine, storage }: { readonly engine: EngineName; readonly storage?: RowStorage }): void {
  if (storage !== "float16" || !isGpu(engine)) return;
  throw new Error(
    `--storage float16 is kept by the engines wasm and reference only; GPU.js knows float32 alone, and with it --engine ${engine}.`,
  );
}

/** As commander files an option: "multiply-add" → "multiplyAdd". */
function camelCase(option: string): string {
  return option.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function comparison(comparable: readonly string[]): Parser<Comparison> {
  return (text) => {
    const [, option = "", list = ""] = /^([a-z-]+)=(.+)$/.exec(text) ?? [];
    if (!comparable.includes(option)) {
      throw new InvalidArgumentError(`It is option=value,value, where the option is one of ${comparable.join(", ")}.`);
    }
    const values = list.split(",").map(PARSERS[option]);
    if (values.length >= 2 && new Set(values).size === values.length) return { option, values };
    throw new InvalidArgumentError("Two or more different values are compared.");
  };
}
