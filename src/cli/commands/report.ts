/** `pfc report <run> [<run> …]`: writes the HTML report of one run, or of several side by side, and prints the results. */
import { join, resolve } from "node:path";
import { Command } from "commander";
import { loadReport } from "../loadReport.js";
import { printResults } from "../printResults.js";

export function reportCommand(): Command {
  return new Command("report")
    .description("HTML report of one run, or of several side by side")
    .argument("<runs...>", "run folders")
    .option(
      "--out <file>",
      "where to write it (default: report.html in the first run's folder, comparison.html for several)",
    )
    .action(async (folders: string[], options: { out?: string }) => {
      const file = options.out ?? join(folders[0], folders.length === 1 ? "report.html" : "comparison.html");
      const { writeReport } = await loadReport();
      printResults(await writeReport(file, folders));
      console.log(`report: ${resolve(file)}`);
    });
}
