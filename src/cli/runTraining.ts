/** One training run as the command line sees it: engine, progress, Ctrl-C, report. */
import { writeFile } from "node:fs/promises";
import { openEngine } from "../tensor/openEngine.js";
import type { Configuration } from "../training/configuration.js";
import { loadSummaries } from "../training/report/loadSummaries.node.js";
import { renderReport } from "../training/report/renderReport.js";
import type { RunFolder } from "../training/runFolder.node.js";
import { train } from "../training/train.node.js";
import { progress } from "./progress.js";

export interface RunTrainingOptions {
  readonly run: RunFolder;
  readonly configuration: Configuration;
  readonly data?: string;
  readonly resume: boolean;
  readonly label?: string;
}

/** Trains to the end and writes the report (true), or until Ctrl-C, after which the run is saved (false). */
export async function runTraining({
  run,
  configuration,
  data,
  resume,
  label = "train",
}: RunTrainingOptions): Promise<boolean> {
  const engine = await openEngine(configuration.engine);
  const view = progress(label, configuration.steps, configuration.batch * configuration.accumulate);
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  try {
    const finished = await train({
      run,
      configuration,
      engine,
      data,
      resume,
      signal: stop.signal,
      onStep: (line) => view.step(line),
      onEvaluation: ({ part, step, result }) =>
        view.note(
          `${part} at step ${step}: R@1 ${(100 * result.recallAt1).toFixed(2)} %, verification ${(100 * result.verification.accuracy).toFixed(2)} %`,
        ),
      onNotice: (text) => view.note(`note: ${text}`),
    });
    if (finished) await writeFile(run.report, renderReport(await loadSummaries([run.path])));
    return finished;
  } finally {
    view.stop();
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
    await engine.close();
  }
}
