/**
 * `npm run break-it`: plants faults one at a time in a copy of the project, and shows which property catches each.
 *
 * Usage: npm run break-it                  all faults; exit status 1 unless every one is caught
 *        npm run break-it -- margin        faults whose name or file contains the word
 *        npm run break-it -- --write       also writes docs/break-it.md
 *
 * First the properties run on sound sources: a file of properties that fails by itself catches nothing.
 */
import { writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Fault } from "./fault.js";
import { faults } from "./faults/index.js";
import { ProjectCopy } from "./projectCopy.js";
import { renderTable, type Outcome } from "./table.js";
import { runProperties, type Verdict } from "./verdict.js";

const project = fileURLToPath(new URL("..", import.meta.url));

/** Takes tasks from one queue, on as many copies of the project as there are cores. */
async function inParallel<Task>(
  tasks: readonly Task[],
  copies: readonly ProjectCopy[],
  work: (task: Task, copy: ProjectCopy) => Promise<void>,
): Promise<void> {
  const queue = [...tasks];
  await Promise.all(
    copies.map(async (copy) => {
      for (let task = queue.shift(); task !== undefined; task = queue.shift()) await work(task, copy);
    }),
  );
}

async function checkSound(chosen: readonly Fault[], copies: readonly ProjectCopy[]): Promise<void> {
  const files = [...new Set(chosen.map(({ caughtBy }) => caughtBy))];
  console.log(`${files.length} files of properties on sound sources …`);
  await inParallel(files, copies, async (file, copy) => {
    const verdict = await runProperties(copy.folder, file);
    if (verdict.kind !== "passed") {
      throw new Error(`property-tests/${file}.test.ts fails without any fault: ${JSON.stringify(verdict)}`);
    }
  });
}

async function tryFaults(chosen: readonly Fault[], copies: readonly ProjectCopy[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  await inParallel(chosen, copies, async (fault, copy) => {
    const verdict = await copy
      .withFault(fault, () => runProperties(copy.folder, fault.caughtBy))
      .catch((error: Error): Verdict => ({ kind: "broken", output: error.message }));
    outcomes.push({ fault, verdict });
    console.log(describe({ fault, verdict }));
  });
  return chosen.map((fault) => outcomes.find((outcome) => outcome.fault === fault)!);
}

function describe({ fault, verdict }: Outcome): string {
  const title = `${verdict.kind === "passed" ? "ESCAPED" : verdict.kind}: ${fault.name} (${fault.file})`;
  if (verdict.kind === "passed") return `${title}\n    every property of ${fault.caughtBy} still holds`;
  if (verdict.kind === "broken") return `${title}\n    no property failed, the run itself did:\n${verdict.output}`;
  const { property, cases, shrunk, counterexample, reason } = verdict;
  return [
    title,
    `    by ${fault.caughtBy}: "${property}", case ${cases}, shrunk ${shrunk} times`,
    `    counterexample: ${shorten(counterexample)}`,
    `    reason: ${shorten(reason)}`,
  ].join("\n");
}

function shorten(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { write: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const chosen = faults.filter(
    ({ name, file }) => positionals.length === 0 || positionals.some((word) => `${name} ${file}`.includes(word)),
  );
  if (chosen.length === 0) throw new Error(`no fault's name or file contains ${positionals.join(" or ")}.`);
  const copies = await Promise.all(Array.from({ length: os.availableParallelism() }, () => ProjectCopy.make(project)));
  const removeCopies = async (): Promise<void> => {
    for (const copy of copies) await copy.remove();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void removeCopies().then(() => process.exit(130)));
  }
  try {
    await checkSound(chosen, copies);
    const outcomes = await tryFaults(chosen, copies);
    if (values.write) await writeFile(path.join(project, "docs/break-it.md"), renderTable(outcomes));
    const caught = outcomes.filter(({ verdict }) => verdict.kind === "caught").length;
    console.log(`break-it: ${chosen.length} planted, ${caught} caught, ${chosen.length - caught} not caught`);
    if (caught < chosen.length) process.exitCode = 1;
  } finally {
    await removeCopies();
  }
}

try {
  await main();
} catch (error) {
  console.error(`break-it: ${(error as Error).message}`);
  process.exitCode = 1;
}
