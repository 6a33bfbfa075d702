/** The results as a table, one row a measurement: the same on the terminal and on the page. */
import { bytes } from "../training/report/results.js";
import { count, digits, percent, rate, time } from "./inWords.js";
import { linesOf, unboundedEngines, type BenchmarkLine, type MeasurementLine } from "./lines.js";

export interface ResultTable {
  readonly head: readonly string[];
  readonly rows: readonly { readonly cells: readonly string[]; readonly busy: boolean }[];
}

/** Columns that no row has a word for are left out. */
export function resultTable(lines: readonly BenchmarkLine[]): ResultTable {
  const measurements = linesOf(lines, "measurement");
  const memory = linesOf(lines, "memory");
  const unbounded = unboundedEngines(lines);
  const boundCell = ({ fraction, bound, engine, operations, bytes: moved }: MeasurementLine): string => {
    if (fraction !== undefined) return `${percent(fraction)} (${bound?.by})`;
    return unbounded.includes(engine) && (operations ?? moved) !== undefined ? "not known" : "";
  };
  const columns: readonly (readonly [title: string, cell: (line: MeasurementLine) => string])[] = [
    ["work", ({ name }) => name],
    ["variant", ({ variant }) => variant],
    ["time (10 % – 90 %)", ({ median, low, high }) => `${time(median)} (${time(low)} – ${time(high)})`],
    ["± MAD", ({ deviation, median }) => percent(deviation / median)],
    ["rate", (line) => (line.operations === undefined && line.bytes === undefined ? "" : rate(line, line.median))],
    ["of its bound", boundCell],
    ["against the first", ({ against }) => (against ? `${digits(against.ratio.median)} ×` : "")],
    [
      "peak memory / tables",
      ({ settings }) => {
        const found = memory.find(({ classes }) => classes === settings.classes);
        if (!found) return "";
        const { peakBytes, deviceBytes, tableBytes } = found;
        const peak = deviceBytes ?? peakBytes;
        const where = deviceBytes === undefined ? "" : " on the device";
        return `${bytes(peak)}${where} / ${bytes(tableBytes)} = ${digits(peak / tableBytes)}`;
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
