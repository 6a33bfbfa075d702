/** The planted faults as a page: what was broken, which property noticed, and the smallest case at which it did. */
import type { Fault } from "./fault.js";
import type { Verdict } from "./verdict.js";

export interface Outcome {
  readonly fault: Fault;
  readonly verdict: Verdict;
}

export function renderTable(outcomes: readonly Outcome[]): string {
  const caught = outcomes.filter(({ verdict }) => verdict.kind === "caught");
  return [
    "# Break it",
    "",
    "`npm run break-it` plants these faults one at a time in a copy of the project and runs the properties that must notice; `-- --write`",
    "writes this page. The counterexample is what fast-check shrank the first failing case to; try one yourself:",
    "`npm run break-it -- margin`.",
    "",
    `${outcomes.length} faults planted, ${caught.length} caught.`,
    "",
    "| fault | in | caught by | smallest counterexample |",
    "|---|---|---|---|",
    ...outcomes.map(row),
    "",
  ].join("\n");
}

function row({ fault, verdict }: Outcome): string {
  const cells =
    verdict.kind === "caught"
      ? [`\`${fault.caughtBy}\`: ${verdict.property}`, `\`${shorten(verdict.counterexample)}\``]
      : ["**not caught**", ""];
  return `| ${[fault.name, `\`${fault.file.replace(/^src\//, "")}\``, ...cells].map(escapeCell).join(" | ")} |`;
}

function shorten(text: string): string {
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}
