/**
 * `npm run counts`: runs all properties and counts what they tried, file by file, beside the lengths of the project's lists.
 *
 * These are the numbers of docs/verification.md. The exit status is that of the properties.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { faults } from "../break-it/faults/index.js";
import { operations } from "../src/operations.js";

/** One line of PROPERTY_REPORT (property-tests/property.ts). */
interface Line {
  readonly file: string;
  readonly name: string;
  readonly cases: number;
}

const root = fileURLToPath(new URL("..", import.meta.url));

function runProperties(): { readonly lines: readonly Line[]; readonly status: number } {
  const folder = mkdtempSync(path.join(tmpdir(), "counts-"));
  const report = path.join(folder, "properties.jsonl");
  try {
    const { status, stdout } = spawnSync(process.execPath, ["scripts/runTests.mjs", "property-tests"], {
      cwd: root,
      env: { ...process.env, PROPERTY_REPORT: report },
      maxBuffer: 2 ** 28,
    });
    if (status !== 0) process.stdout.write(stdout);
    const lines = readFileSync(report, "utf8").trim().split("\n");
    return { lines: lines.map((line) => JSON.parse(line) as Line), status: status ?? 1 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function casesOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { cases }) => sum + cases, 0);
}

/** "pfc 141 properties, 26,000 cases" for every value of `of`, sorted. */
function listBy(lines: readonly Line[], of: (line: Line) => string): void {
  const groups = [...new Set(lines.map(of))].sort();
  for (const group of groups) {
    const chosen = lines.filter((line) => of(line) === group);
    console.log(`  ${group}: ${chosen.length} properties, ${casesOf(chosen).toLocaleString("en")} cases`);
  }
}

const samples = operations.reduce((sum, { definition }) => sum + definition.samples.length, 0);
const { lines, status } = runProperties();
const files = new Set(lines.map(({ file }) => file));
console.log(`operations: ${operations.length}, with ${samples} samples`);
console.log(`properties: ${lines.length} in ${files.size} files, ${casesOf(lines).toLocaleString("en")} cases`);
listBy(lines, ({ file }) => file.replace(/\.test\.ts$/, ""));
console.log("by room:");
listBy(lines, ({ file }) => file.split("/")[0]);
console.log(`planted faults: ${faults.length}`);
process.exitCode = status;
