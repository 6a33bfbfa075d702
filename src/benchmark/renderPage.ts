/** A benchmark as one self-contained HTML page: the machine, what was found, figures, every row, and how to read them. */
import { escape, STYLE } from "../training/report/page.js";
import { bytes } from "../training/report/results.js";
import { busyWarning, findings } from "./findings.js";
import { figures } from "./figures.js";
import { count } from "./inWords.js";
import { linesOf, type BenchmarkLine, type HeaderLine } from "./lines.js";
import { resultTable } from "./resultTable.js";

const TITLES: Readonly<Record<HeaderLine["what"], string>> = {
  kernels: "Kernels",
  head: "A step of the head",
  ratios: "Sampling ratios",
  scale: "Numbers of classes",
  train: "A training step",
};

const MORE_STYLE = `
  td, th { white-space: nowrap; } .busy td { background: #fdecea; } .warning { background: #fdecea; border-left: 4px solid #d62728; padding: .6rem 1rem; }
  .card { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 1rem 0; } .card dt { color: #555; } .card dd { margin: 0; }
  figcaption + svg { display: block; } figure svg { max-width: 100%; height: auto; } code { background: #f4f4f4; padding: .1em .3em; }`;

/** @throws Error if the lines do not begin with the one that says what was measured where. */
export function renderPage(lines: readonly BenchmarkLine[]): string {
  const [header] = linesOf(lines, "benchmark");
  if (!header)
    throw new Error("benchmark: the first line of a record says what was measured on which machine; it is missing.");
  const title = TITLES[header.what];
  const warning = busyWarning(lines);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}: benchmark of Partial FC</title><style>${STYLE}${MORE_STYLE}</style></head>
<body>
<h1>Benchmark of Partial FC · ${title}</h1>
${card(header, lines)}
${warning === undefined ? "" : `<p class="warning">${escape(warning)}</p>`}
<h2>What it says</h2>
<ul>${findings(lines)
    .map((sentence) => `<li>${escape(sentence)}</li>`)
    .join("")}</ul>
<div class="figures">${figures(lines)
    .map(
      ({ title, note, svg, width }) =>
        `<figure style="max-width:${width}px"><figcaption>${escape(title)}</figcaption>${svg}<p class="note">${escape(note)}</p></figure>`,
    )
    .join("\n")}</div>
<h2>Measurements</h2>
${table(lines)}
<p class="note">All alternatives were measured in turn, round by round, in one process. Time: median of the rounds with the 10th and 90th percentile;
MAD: median absolute deviation. Bound: the larger of operations over the arithmetic limit and bytes over the bandwidth, both measured in the same
rounds. "Against the first": median of the ratios of times of the same round. Busy: samples that scatter, or other processes at work; such rows are no result.</p>
</body></html>
`;
}

function card({ machine, versions, command, started, settings }: HeaderLine, lines: readonly BenchmarkLine[]): string {
  const engines = new Set([...linesOf(lines, "engine"), ...linesOf(lines, "measurement")].map(({ engine }) => engine));
  const rows: readonly (readonly [string, string])[] = [
    ["command", command],
    [
      "machine",
      `${machine.processor}, ${machine.cores} cores, ${bytes(machine.memoryBytes)} of memory, ${machine.platform}`,
    ],
    ["load before", `${machine.load.toFixed(2)} processes, mean of the last minute`],
    ["engine that ran", [...engines].join("; ")],
    ["versions", `partial-fc ${versions["partial-fc"]}, node ${versions.node}, v8 ${versions.v8}`],
    ["started", started],
    [
      "settings",
      Object.entries(settings)
        .map(([name, value]) => `${name} ${typeof value === "number" ? count(value) : value}`)
        .join(", "),
    ],
  ];
  return `<dl class="card">${rows.map(([name, value]) => `<dt>${name}</dt><dd>${escape(value)}</dd>`).join("")}</dl>`;
}

function table(lines: readonly BenchmarkLine[]): string {
  const { head, rows } = resultTable(lines);
  const cells = (tag: "th" | "td", row: readonly string[]): string =>
    row.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join("");
  const body = rows.map(({ cells: row, busy }) => `<tr${busy ? ' class="busy"' : ""}>${cells("td", row)}</tr>`);
  return `<div class="scroll"><table><tr>${cells("th", head)}</tr>${body.join("")}</table></div>`;
}
