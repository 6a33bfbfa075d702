/**
 * `pfc start` (also `npm start`): the main result of Partial FC in about two minutes, on nothing but built-in identities.
 *
 * Trains the same small network twice, with all class centers (r = 1) and with a tenth of them (r = 0.1), evaluates both on
 * identities that neither has seen, and prints one table.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { complete } from "../../training/configuration.js";
import { loadSummaries } from "../../training/report/loadSummaries.node.js";
import { renderReport } from "../../training/report/renderReport.js";
import { RunFolder } from "../../training/runFolder.node.js";
import { printResults } from "../printResults.js";
import { runTraining } from "../runTraining.js";

// 2,000 identities: r·C = 200 centers a step, three times a batch of 64 and more, as the method needs
const SETTINGS = {
  dataset: { name: "builtin", identities: 2000, samples: 10, holdOut: false },
  batch: 64,
  steps: 900,
} as const;

export function startCommand(): Command {
  return new Command("start")
    .description("the main result in about two minutes: r = 1 against r = 0.1 on built-in identities")
    .option("--out <folder>", "folder of the runs (default: runs/start, or the next free runs/start-2, …)")
    .action(async (options: { out?: string }) => {
      const out = options.out ?? freeFolder("runs/start");
      const folders: string[] = [];
      for (const ratio of [1, 0.1]) {
        const configuration = complete({ ...SETTINGS, head: { ratio } });
        const run = await RunFolder.create(join(out, `r=${ratio}`), configuration);
        folders.push(run.path);
        if (!(await runTraining({ run, configuration, resume: false, label: `r = ${ratio}` }))) {
          console.log(`stopped and saved; go on with: npm run pfc -- train --resume ${run.path}`);
          process.exitCode = 130;
          return;
        }
      }
      const runs = await loadSummaries(folders);
      const report = join(out, "comparison.html");
      await writeFile(report, renderReport(runs));
      printResults(runs);
      console.log(`report: ${resolve(report)}`);
    });
}

/** The folder itself if nothing is there yet, else the first of folder-2, folder-3, … */
function freeFolder(folder: string): string {
  let candidate = folder;
  for (let number = 2; existsSync(candidate); number++) candidate = `${folder}-${number}`;
  return candidate;
}
