/**
 * `npm test`: everything that must hold before a change lands.
 *
 * The checks come first, as many at a time as there are cores, because each keeps one of them busy; what one says is shown when it has ended. All of them run,
 * so that one pass shows everything that is wrong. Node's test runner comes last and its closing lines end the output; what
 * failed before it is named just above it. The exit status is 0 only if every step passed.
 */
import { spawn } from "node:child_process";
import os from "node:os";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The longest first: what is left for the end is short. */
const checks = [
  { name: "lint", command: "node_modules/eslint/bin/eslint.js", args: ["--max-warnings", "0", "."] },
  { name: "golden", command: "test/golden/run.ts", args: ["--allow-unsupported"] },
  { name: "format", command: "node_modules/prettier/bin/prettier.cjs", args: ["--check", "--log-level", "warn", "."] },
  { name: "types", command: "node_modules/typescript/bin/tsc", args: ["-p", "."] },
];

/** Runs a script with this node (and tsx where it is TypeScript). Resolves to its exit status, or null where a signal ended it. */
async function run(command, args, output) {
  const loader = command.endsWith(".ts") ? ["--import", "tsx"] : [];
  const stdio = output ? ["ignore", "pipe", "pipe"] : "inherit";
  const child = spawn(process.execPath, [...loader, command, ...args], { cwd: root, stdio });
  const closed = new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (output) output.push(...(await Promise.all([buffer(child.stdout), buffer(child.stderr)])));
  return closed;
}

/** Runs a check; shows what it said, and how long it took. Resolves to whether it passed. */
async function passes({ name, command, args }) {
  const started = performance.now();
  const output = [];
  const status = await run(command, args, output);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  for (const text of output) process.stdout.write(text);
  console.log(`${name}: ${status === 0 ? "passed" : "FAILED"} in ${seconds} s`);
  return status === 0;
}

/** Takes checks from one queue, on as many cores as there are. Resolves to the names of those that failed. */
async function failing(checks) {
  const queue = [...checks];
  const failed = [];
  const lane = async () => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      if (!(await passes(check))) failed.push(check.name);
    }
  };
  await Promise.all(Array.from({ length: os.availableParallelism() }, lane));
  return failed;
}

if (!(await passes({ name: "kernels", command: "scripts/buildKernels.mjs", args: [] }))) {
  process.exitCode = 1; // nothing else can be told without them
} else {
  const failed = await failing(checks);
  if (failed.length > 0) console.log(`npm test fails, whatever the tests below say: ${failed.join(", ")}`);
  const tested = (await run("scripts/runTests.mjs", ["test", "property-tests"])) === 0;
  process.exitCode = failed.length === 0 && tested ? 0 : 1;
}
