/**
 * Writes docs/parity.md: every operation in every mode of the GPU engine, as the tests of this run found it.
 *
 * Runs property-tests/operations/gpuParity in Node and in a page, reads how each test ended, and fails if an operation failed, or was left out.
 *
 * Usage: node scripts/parityTable.mjs
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const suites = { "agrees with float64": "values", "has the derivatives that differences say": "derivatives" };
const MODES = ["webasm", "cpu", "webgpu, Node", "webgpu, page", "webgl2, page"];

/** TAP of the tests whose path contains the word. */
function tapOf(word) {
  const args = ["scripts/runTests.mjs", "property-tests", word];
  const { stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 28 });
  return stdout;
}

/** { operation → { mode → { values, derivatives } } }; a mark is "✓", "✗" or why the test was left out. */
const found = new Map();

function note(suite, gpuMode, operation, mark, where) {
  const kind = suites[suite];
  if (kind === undefined) return;
  const mode = gpuMode === "webgpu" ? `webgpu, ${where}` : where === "page" ? `${gpuMode}, page` : gpuMode;
  const row = found.get(operation) ?? {};
  row[mode] = { ...row[mode], [kind]: mark };
  found.set(operation, row);
}

function markOf(status, rest) {
  const [, reason] = /# SKIP ?(.*)$/.exec(rest) ?? [];
  if (reason !== undefined) return `left out: ${reason}`;
  return status === "ok" ? "✓" : "✗";
}

/** In Node a test stands under the line of its suite, which comes after it. */
function readNode(tap) {
  let waiting = [];
  for (const line of tap.split("\n")) {
    const [, indent, status, name, rest = ""] = /^( *)(not ok|ok) \d+ - ([^#]*?)( #.*)?$/.exec(line) ?? [];
    if (status === undefined) continue;
    if (indent !== "") waiting.push([name, markOf(status, rest)]);
    else {
      const [suite, gpuMode] = name.split(", gpu:");
      for (const [operation, mark] of waiting) note(suite, gpuMode, operation, mark, "Node");
      waiting = [];
    }
  }
}

/** In a page the name says all. */
function readPage(tap) {
  for (const line of tap.split("\n")) {
    const pattern = /^ +(not ok|ok) \d+ - (.*), gpu:(\w+) > ([^#]*?)( #.*)?$/;
    const [, status, suite, gpuMode, operation, rest = ""] = pattern.exec(line) ?? [];
    if (status !== undefined) note(suite, gpuMode, operation, markOf(status, rest), "page");
  }
}

readNode(tapOf("operations/gpuParity.test"));
readPage(tapOf("operations/gpuParity.page"));

function cell(row, mode) {
  const { values = "not run", derivatives = "not run" } = row[mode] ?? {};
  return values === derivatives ? values : `values ${values}, derivatives ${derivatives}`;
}

const SAMPLES = "the samples of all of them"; // one test for all operations
const operations = [...found.keys()];
const count = operations.filter((operation) => operation !== SAMPLES).length;
const cells = operations.flatMap((operation) => MODES.map((mode) => cell(found.get(operation), mode)));
const passed = cells.filter((mark) => mark === "✓").length;
writeFileSync(
  path.join(root, "docs/parity.md"),
  [
    "# Operations in every mode of the GPU engine",
    "",
    "Written by `npm run parity`. A tick: the value and every gradient are within the derived bound of float64 (10 generated calls and the declared samples), and the gradients are what",
    "differences on the same engine say (5 generated calls and the samples). `webgpu` and `webgl2` ran on a software adapter.",
    "",
    `${count} operations and their samples, ${MODES.length} modes: ${passed} of ${cells.length} pass.`,
    "",
    `| operation | ${MODES.join(" | ")} |`,
    `|---|${MODES.map(() => "---").join("|")}|`,
    ...operations.map(
      (operation) => `| ${operation} | ${MODES.map((mode) => cell(found.get(operation), mode)).join(" | ")} |`,
    ),
    "",
  ].join("\n"),
);
console.log(`${count} operations and their samples, ${MODES.length} modes: ${passed} of ${cells.length} pass`);
if (count === 0 || passed < cells.length) process.exitCode = 1;
