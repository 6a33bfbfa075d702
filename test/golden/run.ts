/**
 * `npm run golden`: repeats recorded cases of the original public implementations, and compares.
 *
 * Usage: npm run golden -- [--engine reference,wasm] [--slow] [--allow-unsupported] [--verbose] [WORD…]
 *        GOLDEN_DIR=<folder> npm run golden       fixtures from elsewhere (default: test/golden)
 *        npm run golden -- margin                 cases whose file, operation or name contains the word
 *
 * A case counts once, and passes only if it passes on every engine asked for: `reference` computes in float64 here. The last
 * line is `golden: N passed, N failed, N unsupported`. The exit status is 1 if one failed, or if one is unsupported and
 * `--allow-unsupported` was not given.
 *
 * Without `--slow`, cases that take minutes on plain loops leave out `reference`; cases of several ranks, and cases or ways that read a number within a step, leave out GPU engines. How many
 * each engine was left out of stands above the last line. A case that no engine asked for can repeat is unsupported.
 */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Engine } from "../../src/tensor/engine.js";
import { ENGINE_NAMES, ENGINES_IN_WORDS } from "../../src/tensor/engineNames.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { loadFixtures, type Loaded } from "./fixture.js";
import { judge, type LeftOut, type Verdict } from "./judge.js";

const projectRoot = fileURLToPath(new URL("../..", import.meta.url));

interface Options {
  readonly engines: readonly string[];
  readonly slow: boolean;
  readonly allowUnsupported: boolean;
  readonly verbose: boolean;
  readonly words: readonly string[];
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    options: {
      engine: { type: "string", multiple: true, default: ["reference,wasm"] },
      slow: { type: "boolean", default: false },
      "allow-unsupported": { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
    },
    allowPositionals: true,
  });
  return {
    engines: [...new Set(values.engine.flatMap((names) => names.split(",")))],
    slow: values.slow,
    allowUnsupported: values["allow-unsupported"],
    verbose: values.verbose,
    words: positionals,
  };
}

async function open(name: string): Promise<Engine> {
  const known = ENGINE_NAMES.find((engine) => engine === name);
  if (known === undefined) throw new Error(`engine "${name}" is not known; there are ${ENGINES_IN_WORDS}.`);
  return openEngine(known, { float: "float64" }); // which only reference knows
}

function matches({ file, op, name }: Loaded, words: readonly string[]): boolean {
  return words.length === 0 || words.some((word) => [file, op, name].some((text) => text.includes(word)));
}

function report({ file, name }: Loaded, { kind, remark }: Verdict, milliseconds: number, verbose: boolean): void {
  if (kind === "passed" && !verbose) return;
  const lines = remark === "" ? [] : remark.split("\n").map((line) => `    ${line}`);
  const time = verbose ? ` (${milliseconds.toFixed(0)} ms)` : "";
  console.log([`${kind.padEnd(11)} ${file}: ${name}${time}`, ...lines].join("\n"));
}

/** For every engine and reason, how many cases the engine was left out of. */
function reportLeftOut(all: readonly LeftOut[]): void {
  const counts = new Map<string, number>();
  for (const { engine, reason } of all) {
    const key = `${engine} (${reason})`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  for (const [key, count] of counts) console.log(`left out of ${count} ${count === 1 ? "case" : "cases"}: ${key}`);
}

async function main(): Promise<void> {
  const { engines: names, slow, allowUnsupported, verbose, words } = readOptions();
  const folder = path.resolve(projectRoot, process.env.GOLDEN_DIR ?? "test/golden");
  const cases = (await loadFixtures(folder)).filter((loaded) => matches(loaded, words));
  if (cases.length === 0) {
    const narrowed = words.length > 0 ? ` that contains ${words.join(" or ")}` : "";
    throw new Error(`no case${narrowed} in ${folder}.`);
  }
  const count = { passed: 0, failed: 0, unsupported: 0 };
  const engines: Engine[] = [];
  const leftOut: LeftOut[] = [];
  try {
    for (const name of names) engines.push(await open(name));
    for (const loaded of cases) {
      const started = performance.now();
      const verdict = await judge(loaded, { engines, slow });
      count[verdict.kind]++;
      leftOut.push(...verdict.leftOut);
      report(loaded, verdict, performance.now() - started, verbose);
    }
    console.log(`engines: ${engines.map(({ name }) => name).join("; ")}`);
    reportLeftOut(leftOut);
  } finally {
    for (const engine of engines) await engine.close();
  }
  console.log(`golden: ${count.passed} passed, ${count.failed} failed, ${count.unsupported} unsupported`);
  if (count.failed > 0 || (count.unsupported > 0 && !allowUnsupported)) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  console.error(`golden: ${(error as Error).message}`);
  process.exitCode = 1;
}
