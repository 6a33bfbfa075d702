/** The table of results on the terminal. */
import Table from "cli-table3";
import { resultsTable } from "../training/report/results.js";
import type { RunSummary } from "../training/report/runSummary.js";

export function printResults(runs: readonly RunSummary[]): void {
  const { head, rows } = resultsTable(runs);
  const table = new Table({ head: [...head], style: { head: [], border: [] } });
  for (const row of rows) table.push([...row]);
  console.log(table.toString());
}
