/** `pfc evaluate <run>`: the protocols of the report on the unseen classes, or on those held out for validation. */
import { Command, Option } from "commander";
import { evaluateModel } from "../../training/evaluateModel.node.js";
import { withTrained, type TrainedFlags } from "../withTrained.js";

interface EvaluateFlags extends TrainedFlags {
  readonly part: "test" | "validation";
}

export function evaluateCommand(): Command {
  return new Command("evaluate")
    .description("evaluate a trained run; prints JSON")
    .argument("<run>", "run folder")
    .option("--data <folder>", "folder of the data set's files (or the environment variable PFC_DATA)")
    .option("--checkpoint <file>", "default: the best one of the run, else the last")
    .addOption(
      new Option("--part <part>", "unseen or held-out classes").choices(["test", "validation"]).default("test"),
    )
    .action(async (folder: string, { part, ...flags }: EvaluateFlags) => {
      await withTrained(folder, flags, async ({ engine, configuration, data, backbone, step }) => {
        const { embedding } = configuration.network;
        const { result } = await evaluateModel({ engine, backbone, data, part, embedding });
        console.log(JSON.stringify({ run: folder, step, part, ...result }, null, 2));
      });
    });
}
