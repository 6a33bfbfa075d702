/** `pfc bench`: what a step costs, at which sampling ratio, and how far that is from what the machine can do. */
import { Command, Option } from "commander";
import { benchHead, benchRatios, type HeadAlternative } from "../../benchmark/benchHead.js";
import { benchKernels, benchTrain } from "../../benchmark/benchKernels.js";
import { benchScale } from "../../benchmark/benchScale.js";
import { engineChoice } from "../../benchmark/engines.js";
import { SHAPE_SETS, type ShapeSet } from "../../benchmark/kernelShapes.js";
import { measureApart } from "../bench/measureApart.js";
import {
  addHeadOptions,
  addRunOptions,
  alternatives,
  parsed,
  ratio,
  ratios,
  type EngineOptions,
  type HeadOptions,
  type RunOptions,
} from "../bench/options.js";
import { runBench } from "../bench/runBench.js";
import { wholeNumber } from "../numbers.js";

/** What may be compared of an engine. */
const OF_ENGINES = ["engine", "threads", "multiply-add", "products"];

const RATIOS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

export function benchCommand(): Command {
  return new Command("bench")
    .description("measure kernels, steps of the head, sampling ratios, numbers of classes, training steps")
    .addCommand(kernelsCommand())
    .addCommand(headCommand())
    .addCommand(ratiosCommand())
    .addCommand(scaleCommand())
    .addCommand(trainCommand());
}

function kernelsCommand(): Command {
  const command = new Command("kernels").description("products, convolutions, batch norm, softmax, overheads");
  command.argument("[words...]", "measure only what has one of these in its name, such as matmul");
  command.addOption(
    new Option(
      "--shapes <set>",
      "sizes of the works (default: standard; on the GPU engines the largest that a probe finds to be short)",
    ).choices(SHAPE_SETS),
  );
  return addRunOptions(command, 15, OF_ENGINES).action(
    async (words: readonly string[], options: EngineOptions & RunOptions & { readonly shapes?: ShapeSet }) => {
      const { shapes } = options;
      await runBench("kernels", options, async (run) => benchKernels(alternatives(options), run, { words, shapes }));
    },
  );
}

function headCommand(): Command {
  const command = new Command("head").description("one size: a step of the head, update included");
  addHeadOptions(command, { classes: 100_000, embedding: 512 });
  command.addOption(parsed("--ratio <r>", "share of the centers that is sampled", ratio).default(0.1));
  return addRunOptions(command, 11, [...OF_ENGINES, "update", "storage", "path", "ratio"]).action(
    async (options: HeadOptions & RunOptions) => {
      const heads = alternatives(options).map((alternative) => headOf(alternative, "head step"));
      await runBench("head", options, async (run) => benchHead(heads, run));
    },
  );
}

function ratiosCommand(): Command {
  const command = new Command("ratios").description("a sweep of the sampling ratio, and where sampling stops to pay");
  addHeadOptions(command, { classes: 100_000, embedding: 512 });
  command.addOption(parsed("--ratios <list>", "ratios, with commas between", ratios).default(RATIOS, RATIOS.join(",")));
  return addRunOptions(command, 9, [...OF_ENGINES, "update", "storage", "path"]).action(
    async (options: HeadOptions & RunOptions & { readonly ratios: readonly number[] }) => {
      const heads = alternatives(options).flatMap((alternative) =>
        options.ratios.map((r) => headOf({ ...alternative, ratio: r }, `head step, r = ${r}`)),
      );
      await runBench("ratios", options, async (run) => benchRatios(heads, run));
    },
  );
}

function scaleCommand(): Command {
  const command = new Command("scale").description("more and more classes, up to what memory holds");
  addHeadOptions(command, { classes: 10_000, embedding: 128 });
  command.addOption(parsed("--ratio <r>", "share of the centers that is sampled", ratio).default(0.01));
  command.addOption(parsed("--most-classes <C>", "the largest number tried", wholeNumber(1, 1e9)).default(10_000_000));
  return addRunOptions(command, 7, ["threads", "multiply-add", "products", "update", "storage", "path"]).action(
    async (options: HeadOptions & RunOptions & { readonly mostClasses: number }) => {
      const heads = alternatives(options);
      await runBench("scale", options, async (run) =>
        benchScale({
          size: headOf(heads[0], "").size,
          path: heads[0].path,
          mostClasses: options.mostClasses,
          tables: heads.length,
          available: run.availableMemory,
          measureSize: async (classes) => measureApart({ ...options, classes }, run.signal),
          onLine: run.onLine,
          signal: run.signal,
        }),
      );
    },
  );
}

function trainCommand(): Command {
  const command = new Command("train")
    .description("a whole training step of a small network: backbone, head, data")
    .addOption(parsed("--batch <images>", "images of a step", wholeNumber(2, 4096)).default(64))
    .addOption(parsed("--side <pixels>", "side of the images", wholeNumber(16, 128)).default(32));
  return addRunOptions(command, 9, OF_ENGINES).action(
    async (options: EngineOptions & RunOptions & { readonly batch: number; readonly side: number }) => {
      const { batch, side } = options;
      await runBench("train", options, async (run) => benchTrain(alternatives(options), { batch, side }, run));
    },
  );
}

function headOf(options: HeadOptions & { readonly variant: string }, name: string): HeadAlternative {
  const { variant, path, classes, embedding, batch, ratio: share, update, storage } = options;
  const size = { classes, embedding, batch, ratio: share, update, storage };
  return { ...engineChoice(options), variant, name, path, size };
}
