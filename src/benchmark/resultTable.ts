/** The results as a table, one row a measurement: the same on the terminal and on the page. */
import { bytes } from "../training/report/results.js";
import { count, digits, percent, rate, time } from "./inWords.js";
import { linesOf, type BenchmarkLine, type MeasurementLine } from "./lines.js";

export interface ResultTable {
  readonly head: readonly string[];
  readonly rows: readonly { readonly cells: readonly string[]; readonly busy: boolean }[];
}

/** Columns that no row has a word for are left out. */
export function resultTable(lines: readonly BenchmarkLine[]): ResultTable {
  const measurements = linesOf(lines, "measurement");
  const memory = linesOf(lines, "memory");
  const columns: readonly (readonly [title: string, cell: (line: MeasurementLine) => string])[] = [
    ["work", ({ name }) => name],
    ["variant", ({ variant }) => variant],
    ["time (10 % – 90 %)", ({ median, low, high }) => `${time(median)} (${time(low)} – ${time(high)})`],
    ["± MAD", ({ deviation, median }) => percent(deviation / median)],
    ["rate", (line) => (line.operations === undefined && line.bytes === undefined ? "" : rate(line, line.median))],
    ["of its bound", ({ fraction, bound }) => (fraction === undefined ? "" : `${percent(fraction)} (${bound?.by})`)],
    ["against the first", ({ against }) => (against ? `${digits(against.ratio.median)} ×` : "")],
    [
      "peak memory / tables",
      ({ settings }) => {
        const found = memory.find(({ classes }) => classes === settings.classes);
        return found
          ? `${bytes(found.peakBytes)} / ${bytes(found.tableBytes)} = ${digits(found.peakBytes / found.tableBytes)}`
          : "";
      },
    ],
    ["rounds", ({ samples }) => count(samples.length)],
    ["busy", ({ reasons }) => reasons.join("; ")],
  ];
  const full = measurements.map((line) => ({ cells: columns.map(([, cell]) => cell(line)), busy: line.busy }));
  const kept = columns.map((_, index) => full.some(({ cells }) => cells[index] !== ""));
  const keep = (cells: readonly string[]): string[] => cells.filter((_, index) => kept[index]);
  return {
    head: keep(columns.map(([title]) => title)),
    rows: full.map(({ cells, busy }) => ({ cells: keep(cells), busy })),
  };
}
