/** `pfc train`: trains on a data set, validates on held-out classes, evaluates once on unseen ones, writes the run's folder. */
import { resolve } from "node:path";
import { Command } from "commander";
import { complete, type Configuration } from "../../training/configuration.js";
import { RunFolder } from "../../training/runFolder.node.js";
import { loadSummaries } from "../../training/report/loadSummaries.node.js";
import { addSettings, settingsOf, type SettingFlags } from "../settings.js";
import { printResults } from "../printResults.js";
import { runTraining } from "../runTraining.js";

interface TrainFlags extends SettingFlags {
  readonly data?: string;
  readonly out?: string;
  readonly resume?: string;
  readonly quiet?: boolean;
}

export function trainCommand(): Command {
  const command = new Command("train")
    .description("train, validate, evaluate on unseen classes, report")
    .option("--data <folder>", "folder of the data set's files (or the environment variable PFC_DATA)")
    .option("--out <folder>", "folder of the run (default: runs/<data set>-r<ratio>-s<seed>)")
    .option("--resume <run>", "continue the run in that folder, with the settings it was started with")
    .option("--quiet", "do not print the settings");
  return addSettings(command).action(async (options: TrainFlags) => {
    const { run, configuration } = options.resume ? await RunFolder.open(options.resume) : await start(options);
    if (!options.quiet) console.log(JSON.stringify(configuration, null, 2));
    const finished = await runTraining({
      run,
      configuration,
      data: options.data,
      resume: options.resume !== undefined,
    });
    if (!finished) {
      console.log(`stopped and saved; go on with: pfc train --resume ${run.path}`);
      process.exitCode = 130;
      return;
    }
    printResults(await loadSummaries([run.path]));
    console.log(`report: ${resolve(run.report)}`);
  });
}

async function start(options: TrainFlags): Promise<{ run: RunFolder; configuration: Configuration }> {
  const configuration = complete(settingsOf(options));
  const { dataset, head, seed } = configuration;
  const out = options.out ?? `runs/${dataset.name}-r${head.ratio}-s${seed}`;
  return { run: await RunFolder.create(out, configuration), configuration };
}
