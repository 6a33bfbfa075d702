/**
 * `npm test`: everything that must hold before a change lands.
 *
 * The checks run one after another and all of them run, so that one pass shows everything that is wrong. Node's test runner
 * comes last and its closing lines end the output; what failed before it is named just above it. The exit status is 0
 * only if every step passed.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

const checks = [
  { name: "types", command: "node_modules/typescript/bin/tsc", args: ["-p", "."] },
  { name: "lint", command: "node_modules/eslint/bin/eslint.js", args: ["--max-warnings", "0", "."] },
  { name: "format", command: "node_modules/prettier/bin/prettier.cjs", args: ["--check", "--log-level", "warn", "."] },
  { name: "golden", command: "test/golden/run.ts", args: ["--allow-unsupported"] },
];

/** Runs a script with this node (and tsx where it is TypeScript); says how long it took. Returns whether it passed. */
function passes(name, command, args) {
  const started = performance.now();
  const loader = command.endsWith(".ts") ? ["--import", "tsx"] : [];
  const { status } = spawnSync(process.execPath, [...loader, command, ...args], { cwd: root, stdio: "inherit" });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (name !== "tests") console.log(`${name}: ${status === 0 ? "passed" : "FAILED"} in ${seconds} s`);
  return status === 0;
}

if (!passes("kernels", "scripts/buildKernels.mjs", [])) {
  process.exitCode = 1; // nothing else can be told without them
} else {
  const failed = checks.filter(({ name, command, args }) => !passes(name, command, args)).map(({ name }) => name);
  if (failed.length > 0) console.log(`npm test fails, whatever the tests below say: ${failed.join(", ")}`);
  const tested = passes("tests", "scripts/runTests.mjs", ["test", "property-tests"]);
  process.exitCode = failed.length === 0 && tested ? 0 : 1;
}
