/**
 * `pfc start` (also `npm start`): the main result of Partial FC in about two and a half minutes, on nothing but built-in identities.
 *
 * Trains the same small network twice, with all class centers (r = 1) and with a tenth of them (r = 0.1), evaluates both on
 * identities that neither has seen, and prints one table.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import type { PartialConfiguration } from "../../training/configuration.js";
import { callAgain } from "../callAgain.js";
import { compareRatios } from "../compareRatios.js";
import { INTERRUPTED } from "../listenForInterrupts.js";
import { printResults } from "../printResults.js";

// 2,000 identities: r·C = 200 centers a step, three times a batch of 64 and more, as the method needs
const SETTINGS: PartialConfiguration = {
  dataset: { name: "builtin", identities: 2000, samples: 10, holdOut: false },
  network: { widths: [16, 32, 64], blocks: [1, 2, 2] },
  head: { deviation: 0.04 },
  batch: 64,
  steps: 1500,
};

export function startCommand(): Command {
  return new Command("start")
    .description("the main result in about two and a half minutes: r = 1 against r = 0.1 on built-in identities")
    .option(
      "--out <folder>",
      "folder of the runs, gone on with if they are there (default: runs/start, or the next free runs/start-2, …)",
    )
    .action(async (options: { out?: string }) => {
      const out = options.out ?? freeFolder("runs/start");
      const comparison = await compareRatios({ out, settings: SETTINGS, ratios: [1, 0.1] });
      if (!comparison) {
        console.log(`stopped and saved; go on with: ${callAgain("start", "--out", out)}`);
        process.exitCode = INTERRUPTED;
        return;
      }
      printResults(comparison.runs);
      console.log(`report: ${resolve(comparison.report)}`);
    });
}

/** The folder itself if nothing is there yet, else the first of folder-2, folder-3, … */
function freeFolder(folder: string): string {
  let candidate = folder;
  for (let number = 2; existsSync(candidate); number++) candidate = `${folder}-${number}`;
  return candidate;
}
