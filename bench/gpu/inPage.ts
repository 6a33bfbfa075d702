/**
 * `pfc bench kernels` in a page of headless Chromium: what gpu:webgl2 and gpu:webgpu cost there. On a machine without a GPU both are
 * Chromium's software.
 *
 * Usage: node --import tsx bench/gpu/inPage.ts [--engines gpu:webgl2,gpu:webgpu] [--shapes small] [--rounds 5] [WORD…]
 */
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { findings } from "../../src/benchmark/findings.js";
import { SHAPE_SETS } from "../../src/benchmark/kernelShapes.js";
import type { BenchmarkLine } from "../../src/benchmark/lines.js";
import { resultTable } from "../../src/benchmark/resultTable.js";
import { ENGINE_NAMES, type EngineName } from "../../src/tensor/engineNames.js";
import { runInPage } from "../../test/browser/runInPage.js";
import type { PageBenchmark } from "./kernels.page.js";

const MOST_MILLISECONDS = 600_000;

const { values, positionals } = parseArgs({
  options: {
    engines: { type: "string", default: "gpu:webgl2,gpu:webgpu" },
    shapes: { type: "string", default: "small" },
    rounds: { type: "string", default: "5" },
  },
  allowPositionals: true,
});

function oneOf<Name extends string>(names: readonly Name[], given: string): Name {
  const found = names.find((name) => name === given);
  if (found !== undefined) return found;
  throw new Error(`inPage: "${given}" is none of ${names.join(", ")}.`);
}

const asked: PageBenchmark = {
  engines: values.engines.split(",").map((name) => oneOf<EngineName>(ENGINE_NAMES, name)),
  shapes: oneOf(SHAPE_SETS, values.shapes),
  rounds: Number(values.rounds),
  words: positionals,
};
const page = new URL("./kernels.page.ts", import.meta.url);
const lines = await runInPage<readonly BenchmarkLine[]>(page, asked, { timeout: MOST_MILLISECONDS });
const { head, rows } = resultTable(lines);
const table = new Table({ head: [...head], style: { head: [], border: [] } });
for (const { cells } of rows) table.push([...cells]);
console.log(table.toString());
for (const sentence of findings(lines)) console.log(sentence);
