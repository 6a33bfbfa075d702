/**
 * The report of one or several runs as one self-contained HTML page: results, curves, examples, settings.
 *
 * With two or more runs every table and figure shows them side by side, and settings that differ come first and are marked.
 */
import { listSettings } from "../configuration.js";
import type { ExampleRow } from "../examples.js";
import { discardFigure } from "./discardFigure.js";
import { colorOf, figures } from "./figures.js";
import { escape, STYLE } from "./page.js";
import { resultsTable } from "./results.js";
import type { RunSummary } from "./runSummary.js";

/** Whether a text is a page of `renderReport`. */
export function isReport(text: string): boolean {
  return text.startsWith("<!doctype html>") && text.includes("<h1>Partial FC");
}

/** The page. Names of the runs must differ: they are the keys of the legend. */
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
${curves(runs)}
${discards(runs)}
${examples(runs)}
<h2>Settings</h2>
${settings(runs)}
</body></html>
`;
}

function curves(runs: readonly RunSummary[]): string {
  const drawn = figures(runs).map(
    ({ title, svg }) => `<figure><figcaption>${escape(title)}</figcaption>${svg}</figure>`,
  );
  return drawn.length > 0
    ? `<div class="figures">${drawn.join("\n")}</div>`
    : `<p class="note">Nothing is recorded yet.</p>`;
}

/** Of every run that learns quality, what its scores foresee. */
function discards(runs: readonly RunSummary[]): string {
  const drawn = runs.flatMap(({ name, test }) => {
    const quality = test?.result.quality;
    if (!quality) return [];
    const curves = quality.methods.map(({ name, fullSet }) => ({
      name: `${name} (area ${fullSet.areas[0].toFixed(3)})`,
      curve: { ...fullSet, threshold: "fullSet" as const, fmrs: quality.fmrs },
      dashed: name === "random" || name === "true severity",
    }));
    const { title, svg } = discardFigure(name, curves, 0);
    return [`<figure><figcaption>${escape(title)}</figcaption>${svg}</figure>`];
  });
  if (drawn.length === 0) return "";
  return `<h2>Error versus discard</h2>
<p class="note">Pairs are discarded by the worse quality of their two images, worst first; the threshold is that of all pairs. A curve that falls has found the images that fail. The network that scores is the one that compares.</p>
<div class="figures">${drawn.join("\n")}</div>`;
}

function legend(runs: readonly RunSummary[]): string {
  const keys = runs.map(
    (run, index) => `<span><i class="key" style="background:${colorOf(index)}"></i>${escape(run.name)}</span>`,
  );
  return `<p class="legend">${keys.join("")}</p>`;
}

function results(runs: readonly RunSummary[]): string {
  const { head, rows } = resultsTable(runs);
  const cells = (tag: "th" | "td", row: readonly string[]): string =>
    `<tr>${row.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join("")}</tr>`;
  const table = `<div class="scroll"><table>${cells("th", head)}${rows.map((row) => cells("td", row)).join("")}</table></div>`;
  return `${table}\n${notes(runs)
    .map((note) => `<p class="note">${escape(note)}</p>`)
    .join("\n")}`;
}

/** How to read the table, and what is not in it yet. */
function notes(runs: readonly RunSummary[]): string[] {
  const tested = new Set(
    runs.flatMap(({ test }) =>
      test ? [`${number(test.result.images)} images of ${number(test.result.classes)} classes`] : [],
    ),
  );
  const unfinished = runs.filter((run) => run.test === undefined);
  return [
    ...[...tested].map(
      (what) =>
        `Tested on ${what} that were not trained on. R@1: the nearest other image is of the same class. Verification: ten folds of random pairs, mean and deviation. TAR and EER: all pairs. Milliseconds: medians over the steps.`,
    ),
    ...unfinished.map(
      ({ name, steps, configuration }) =>
        `${name} is not evaluated on unseen classes yet: it has made ${steps.at(-1)?.step ?? 0} of ${configuration.steps} steps.`,
    ),
  ];
}

function number(value: number): string {
  return value.toLocaleString("en");
}

function examples(runs: readonly RunSummary[]): string {
  const shown = runs.filter((run) => run.examples.length > 0);
  if (shown.length === 0) return "";
  const strips = shown.map((run) => `<div><h3>${escape(run.name)}</h3>${run.examples.map(strip).join("\n")}</div>`);
  return `<h2>Nearest neighbours of unseen images</h2>
<p class="note">Left the query, then its nearest images with their cosines; green: the same class, red: another.</p>
<div class="examples">${strips.join("\n")}</div>`;
}

function strip({ query, nearest }: ExampleRow): string {
  const cells = nearest.map(
    ({ label, picture, cosine }) =>
      `<div class="${label === query.label ? "right" : "wrong"}"><img alt="class ${label}" src="${picture}">${cosine.toFixed(2)}</div>`,
  );
  return `<div class="strip"><div><img alt="query of class ${query.label}" src="${query.picture}">query</div>→${cells.join("")}</div>`;
}

function settings(runs: readonly RunSummary[]): string {
  const columns = runs.map((run) => new Map(listSettings(run.configuration)));
  const names = [...new Set(columns.flatMap((column) => [...column.keys()]))];
  const rows = [
    ...names.map((name) => ({ name, values: columns.map((column) => column.get(name) ?? "–") })),
    { name: "engine that ran", values: runs.map((run) => run.cost?.engine ?? "–") },
    { name: "numbers in the network", values: runs.map((run) => (run.cost ? number(run.cost.parameters) : "–")) },
  ].map((row) => ({ ...row, differs: row.values.some((value) => value !== row.values[0]) }));
  const ordered = [...rows.filter(({ differs }) => differs), ...rows.filter(({ differs }) => !differs)];
  const body = ordered.map(
    ({ name, values, differs }) =>
      `<tr${differs ? ' class="differs"' : ""}><td>${escape(name)}</td>${values.map((value) => `<td>${escape(value)}</td>`).join("")}</tr>`,
  );
  return `<div class="scroll"><table><tr><th>setting</th>${runs.map((run) => `<th>${escape(run.name)}</th>`).join("")}</tr>${body.join("")}</table></div>`;
}
