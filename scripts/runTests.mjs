/**
 * Runs test files with node's own runner.
 *
 * Node 20 runs no TypeScript, so this script compiles the project once (compile.mjs), lists every `*.test.ts` below the folders
 * given, and hands node what they were compiled to; `node --import tsx --test FILE` runs one of them as it is. `--long` takes
 * the `*.long.test.ts` (minutes each, otherwise left out) and all properties, with a new seed and many more cases. Words that
 * name no folder narrow the list to paths that contain one of them. `--seed`, `--path` and `--name` repeat one failing property; the
 * first two reach fast-check through the variables PROPERTY_SEED and PROPERTY_PATH.
 *
 * Usage: node scripts/runTests.mjs [--long] [--seed N] [--path P] [--name TEST] FOLDER… [WORD…]
 *        npm run test:unit -- pfc/margins        npm run property -- pfc/ranks --seed 42 --path 1:0:2
 */
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { readdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compileAll, compiledFile } from "./compile.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folders = ["test", "property-tests"];
/** How many times as many cases of every property a long run tries. */
const LONG_RUNS = "20";

function listFiles(folder) {
  try {
    return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
      .map((name) => `${folder}/${name.split(path.sep).join("/")}`)
      .sort();
  } catch (error) {
    if (error.code === "ENOENT") return []; // a folder that has no tests yet
    throw error;
  }
}

function selectFiles(words, long) {
  const given = words.filter((word) => folders.includes(word));
  const filters = words.filter((word) => !folders.includes(word));
  return (given.length > 0 ? given : folders)
    .flatMap(listFiles)
    .filter((file) => file.endsWith(".test.ts"))
    .filter((file) => file.endsWith(".long.test.ts") === long || (long && file.startsWith("property-tests/")))
    .filter((file) => filters.length === 0 || filters.some((word) => file.includes(word)));
}

/** One process a file. Node's default is one fewer than there are cores, which on two cores is no concurrency at all. */
function concurrency() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const known = major > 20 || (major === 20 && minor >= 10); // the first to have the flag
  return known ? [`--test-concurrency=${os.availableParallelism()}`] : [];
}

function escapeForPattern(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

async function main() {
  const { values, positionals } = parseArgs({
    options: {
      long: { type: "boolean", default: false },
      seed: { type: "string" },
      path: { type: "string" },
      name: { type: "string" },
    },
    allowPositionals: true,
  });
  const files = selectFiles(positionals, values.long);
  if (files.length === 0) {
    throw new Error(`no ${values.long ? "*.long.test.ts" : "*.test.ts"} file matches: ${positionals.join(" ")}`);
  }
  const env = { ...process.env };
  if (values.long) {
    env.PROPERTY_SEED ??= String(randomInt(2 ** 31));
    env.PROPERTY_RUNS ??= LONG_RUNS;
    console.log(`properties: seed ${env.PROPERTY_SEED}, ${env.PROPERTY_RUNS} times the cases`);
  }
  if (values.seed !== undefined) env.PROPERTY_SEED = values.seed;
  if (values.path !== undefined) env.PROPERTY_PATH = values.path;
  if (values.name !== undefined) env.PROPERTY_NAME = values.name; // for tests in a page, which node's runner does not see
  // `tap` closes with "# tests N", "# pass N", "# fail N" on every version of node; `spec` is for the eye.
  const reporter = process.stdout.isTTY ? "spec" : "tap";
  const named = values.name === undefined ? [] : [`--test-name-pattern=^${escapeForPattern(values.name)}$`];
  await compileAll();
  const settings = ["--enable-source-maps", "--test", `--test-reporter=${reporter}`, ...concurrency(), ...named];
  const args = [...settings, ...files.map(compiledFile)];
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: "inherit" });
  child.on("exit", (code, signal) => {
    process.exitCode = signal === null ? code : 1;
  });
}

try {
  await main();
} catch (error) {
  console.error(`runTests: ${error.message}`);
  process.exitCode = 1;
}
