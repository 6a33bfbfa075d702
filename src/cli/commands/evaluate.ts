/** `pfc evaluate <run>`: the protocols of the report on the unseen classes, or on those held out for validation. */
import { existsSync } from "node:fs";
import { Command, Option } from "commander";
import { openEngine } from "../../tensor/openEngine.js";
import { buildBackbone } from "../../training/buildModel.js";
import { loadBackbone } from "../../training/checkpoint.node.js";
import { evaluateModel } from "../../training/evaluateModel.node.js";
import { RunFolder } from "../../training/runFolder.node.js";
import { openData } from "../../training/train.node.js";

interface EvaluateFlags {
  readonly data?: string;
  readonly checkpoint?: string;
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
    .action(async (folder: string, { data: files, checkpoint, part }: EvaluateFlags) => {
      const { run, configuration } = await RunFolder.open(folder);
      const data = await openData(configuration, files);
      const engine = await openEngine(configuration.engine);
      try {
        const { channels, height } = data.test;
        const backbone = buildBackbone(engine, configuration, { channels, side: height });
        const { step } = await loadBackbone(checkpoint ?? newestModel(run), backbone);
        const { embedding } = configuration.network;
        const { result } = await evaluateModel({ engine, backbone, data, part, embedding });
        console.log(JSON.stringify({ run: folder, step, part, ...result }, null, 2));
      } finally {
        await engine.close();
      }
    });
}

/** The best state of a run where there was a validation, else the last. */
export function newestModel(run: RunFolder): string {
  return existsSync(run.best) ? run.best : run.last;
}
