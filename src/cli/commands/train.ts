/** `pfc train`: trains on a data set, validates on held-out classes, evaluates once on unseen ones, writes the run's folder. */
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { checkClustering } from "../../training/checkClustering.node.js";
import { complete, overlay, type Configuration, type PartialConfiguration } from "../../training/configuration.js";
import { locatePseudoLabels } from "../../training/pseudoLabels.node.js";
import { loadSummaries } from "../../training/report/loadSummaries.node.js";
import { RunFolder } from "../../training/runFolder.node.js";
import { callAgain } from "../callAgain.js";
import { INTERRUPTED } from "../listenForInterrupts.js";
import { printResults } from "../printResults.js";
import { runTraining } from "../runTraining.js";
import { addSettings, settingNames, settingsOf, type SettingFlags } from "../settings.js";

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
    .addOption(
      new Option("--resume <run>", "continue the run in that folder, with the settings it was started with").conflicts([
        "out",
        ...settingNames(),
      ]),
    )
    .option("--quiet", "do not print the settings");
  return addSettings(command).action(async (options: TrainFlags) => {
    const { data, quiet = false } = options;
    const resume = options.resume !== undefined;
    const { run, configuration } = resume ? await RunFolder.openToTrain(options.resume) : await vacantRun(options);
    if (!quiet) console.log(JSON.stringify(configuration, null, 2));
    if (!(await runTraining({ run, configuration, data, resume }))) {
      const flags = ["--resume", run.path, ...(data === undefined ? [] : ["--data", data])];
      console.log(`stopped and saved; go on with: ${callAgain("train", ...flags)}`);
      process.exitCode = INTERRUPTED;
      return;
    }
    printResults(await loadSummaries([run.path]));
    console.log(`report: ${resolve(run.report)}`);
  });
}

async function vacantRun(options: TrainFlags): Promise<{ run: RunFolder; configuration: Configuration }> {
  const configuration = await located(complete(await overBase(settingsOf(options))));
  const { dataset, head, quality, seed } = configuration;
  const learned = `${dataset.pseudoLabels.file === "" ? "" : "-pseudo"}${quality.variant === "none" ? "" : `-${quality.variant}`}`;
  const name = `${dataset.name}-r${head.ratio}${learned}-s${seed}`.replaceAll(/[^\w.-]+/g, "_"); // a seed may be any text
  return { run: RunFolder.vacant(options.out ?? `runs/${name}`), configuration };
}

/** Resumed from another folder, or after its files have changed, a run finds its pseudo-classes or says that it does not. */
async function located(configuration: Configuration): Promise<Configuration> {
  const { dataset } = configuration;
  const pseudoLabels = await locatePseudoLabels(dataset.pseudoLabels);
  checkClustering(configuration);
  return { ...configuration, dataset: { ...dataset, pseudoLabels } }; // settings keep their order, which checkpoints carry
}

/** The settings given, over those of the run on top of whose network it is trained: a regression unit, or a local stage. */
async function overBase(given: PartialConfiguration): Promise<PartialConfiguration> {
  const room = given.local?.base ? "local" : "quality";
  const base = given[room]?.base;
  if (typeof base !== "string" || base === "") return given;
  const { schedule, ...others } = (await RunFolder.open(base)).configuration;
  const { warmup: _, ...unwarmed } = schedule; // of the base's many steps
  const located = { ...given, [room]: { ...given[room], base: resolve(base) } }; // resumed from another folder, the run finds it
  return overlay<PartialConfiguration>(
    { ...others, schedule: unwarmed, quality: undefined, local: undefined },
    located,
  );
}
