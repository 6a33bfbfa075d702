/** One training run as the command line sees it: engine, progress, Ctrl-C, report. */
import type { Configuration } from "../training/configuration.js";
import type { EvaluationLine } from "../training/metrics.js";
import { openConfigured } from "../training/openConfigured.js";
import type { RunFolder } from "../training/runFolder.node.js";
import { train } from "../training/train.node.js";
import { listenForInterrupts } from "./listenForInterrupts.js";
import { loadReport } from "./loadReport.js";
import { progress } from "./progress.js";

export interface RunTrainingOptions {
  readonly run: RunFolder;
  readonly configuration: Configuration;
  readonly data?: string;
  readonly resume: boolean;
  /** Before the progress; default "train". */
  readonly label?: string;
}

/**
 * Trains to the end and writes the report (true), or until Ctrl-C, after which the run is saved (false).
 *
 * While data are loaded there is nothing to save: there a Ctrl-C ends the process, as it does every other.
 */
export async function runTraining({ label = "train", ...options }: RunTrainingOptions): Promise<boolean> {
  const { run, configuration } = options;
  const engine = await openConfigured(configuration);
  const { steps, batch, accumulate } = configuration;
  const view = progress({ label, steps, batch: batch * accumulate });
  const stop = new AbortController();
  let ignoreInterrupts = (): void => undefined;
  try {
    const finished = await train({
      ...options,
      engine,
      signal: stop.signal,
      onReady: () => {
        ignoreInterrupts = listenForInterrupts({
          onFirst: () => {
            view.note("stopping at the next step, and saving; Ctrl-C again ends at once");
            stop.abort();
          },
          onSecond: () => view.stop(),
        });
      },
      onStep: (line) => view.step(line),
      onEvaluation: (line) => view.note(describe(line)),
      onNotice: (text) => view.note(`note: ${text}`),
    });
    if (finished) {
      const { writeReport } = await loadReport();
      await writeReport(run.report, [run.path]);
    }
    return finished;
  } finally {
    view.stop();
    ignoreInterrupts();
    await engine.close();
  }
}

function describe({ part, step, result: { recallAt1, verification } }: EvaluationLine): string {
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  return `${part} at step ${step}: R@1 ${percent(recallAt1)}, verification ${percent(verification.accuracy)}`;
}
