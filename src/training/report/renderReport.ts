/**
 * The report of one or several runs as one self-contained HTML page: results, curves, examples, settings.
 *
 * With two or more runs every table and figure shows them side by side, and settings that differ are marked.
 */
import type { ExampleRow } from "../examples.js";
import { figures } from "./figures.js";
import { resultsTable } from "./results.js";
import type { RunSummary } from "./runSummary.js";

/** Observable10, the colours of the figures, in the same order. */
const COLORS = [
  "#4269d0",
  "#efb118",
  "#ff725c",
  "#6cc5b0",
  "#3ca951",
  "#ff8ab7",
  "#a463f2",
  "#97bbf5",
  "#9c6b4e",
  "#9498a0",
];

const STYLE = `
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 1320px; margin: 2rem auto; padding: 0 1rem; color: #1b1e23; background: #fff; }
  h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; border-bottom: 1px solid #ddd; }
  table { border-collapse: collapse; } th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid #eee; }
  th:first-child, td:first-child { text-align: left; } .differs td { background: #fff6d6; }
  .scroll { overflow-x: auto; } .figures { display: flex; flex-wrap: wrap; gap: 1rem; }
  figure { margin: 0; } figcaption { font-weight: 600; } .key { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .35em; }
  .legend span { margin-right: 1.4em; } .strip { display: flex; align-items: center; gap: .4rem; margin: .3rem 0; font-size: 12px; text-align: center; }
  .strip img { width: 56px; height: 56px; image-rendering: pixelated; border: 3px solid #bbb; background: #000; display: block; }
  .strip .right img { border-color: #3ca951; } .strip .wrong img { border-color: #d62728; } .note { color: #555; }`;

export function renderReport(runs: readonly RunSummary[]): string {
  const title = runs.length === 1 ? `Run ${runs[0].name}` : `${runs.length} runs side by side`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)}</title><style>${STYLE}</style></head>
<body>
<h1>Partial FC · ${escape(title)}</h1>
${legend(runs)}
<h2>Results on unseen classes</h2>
${results(runs)}
<h2>Curves</h2>
<div class="figures">${figures(runs)
    .map(({ title, svg }) => `<figure><figcaption>${escape(title)}</figcaption>${svg}</figure>`)
    .join("\n")}</div>
${runs.map(examples).join("\n")}
<h2>Settings</h2>
${settings(runs)}
</body></html>
`;
}

function legend(runs: readonly RunSummary[]): string {
  const keys = runs.map(
    (run, index) =>
      `<span><i class="key" style="background:${COLORS[index % COLORS.length]}"></i>${escape(run.name)}</span>`,
  );
  return `<p class="legend">${keys.join("")}</p>`;
}

function results(runs: readonly RunSummary[]): string {
  const { head, rows } = resultsTable(runs);
  const missing = runs.filter((run) => run.test === undefined).map((run) => run.name);
  const note =
    missing.length > 0 ? `<p class="note">Not evaluated on unseen classes yet: ${escape(missing.join(", "))}.</p>` : "";
  return `<div class="scroll"><table><tr>${head.map((cell) => `<th>${escape(cell)}</th>`).join("")}</tr>${rows
    .map((row) => `<tr>${row.map((cell) => `<td>${escape(cell)}</td>`).join("")}</tr>`)
    .join("")}</table></div>${note}`;
}

function examples(run: RunSummary): string {
  if (run.examples.length === 0) return "";
  return `<h2>Nearest neighbours of unseen images${run.name ? ` · ${escape(run.name)}` : ""}</h2>
<p class="note">Left the query, then its nearest images by cosine; green: the same class, red: another.</p>
${run.examples.map(strip).join("\n")}`;
}

function strip({ query, nearest }: ExampleRow): string {
  const cells = nearest.map(
    ({ label, picture, cosine }) =>
      `<div class="${label === query.label ? "right" : "wrong"}"><img alt="class ${label}" src="${picture}">${cosine.toFixed(2)}</div>`,
  );
  return `<div class="strip"><div><img alt="query of class ${query.label}" src="${query.picture}">query</div>→${cells.join("")}</div>`;
}

function settings(runs: readonly RunSummary[]): string {
  const columns = runs.map((run) => new Map(flatten(run.configuration)));
  const names = [...new Set(columns.flatMap((column) => [...column.keys()]))];
  const rows = names.map((name) => {
    const values = columns.map((column) => column.get(name) ?? "–");
    const differs = values.some((value) => value !== values[0]);
    return `<tr${differs ? ' class="differs"' : ""}><td>${escape(name)}</td>${values.map((value) => `<td>${escape(value)}</td>`).join("")}</tr>`;
  });
  const engines = runs.map((run) => `<td>${escape(run.cost?.engine ?? "–")}</td>`).join("");
  return `<table><tr><th>setting</th>${runs.map((run) => `<th>${escape(run.name)}</th>`).join("")}</tr>${rows.join("")}<tr><td>engine that ran</td>${engines}</tr></table>`;
}

/** `["head.ratio", "0.1"], …` */
function flatten(value: unknown, path = ""): [string, string][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [[path, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) => flatten(inner, path ? `${path}.${key}` : key));
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
