/**
 * Builds `dist`, what the npm package ships: JavaScript with types, the worker files, and the `pfc` command.
 *
 * `tsc` copies nothing, and the workers are plain `.mjs` files that it never sees: they are copied to the same relative path, so that
 * `new URL("./worker.mjs", import.meta.url)` finds them in `src` and in `dist` alike. The kernels need no copying, they
 * are inside a generated `.ts` file (buildKernels.mjs).
 *
 * Usage: node scripts/build.mjs
 */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = path.join(root, "src");
const dist = path.join(root, "dist");

function runNode(...args) {
  execFileSync(process.execPath, args, { cwd: root, stdio: "inherit" });
}

function copyWorkers() {
  const workers = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".mjs"));
  for (const worker of workers) {
    const target = path.join(dist, worker);
    mkdirSync(path.dirname(target), { recursive: true });
    copyFileSync(path.join(source, worker), target);
  }
}

/** npm makes a command executable when it installs one; `dist/cli/main.js` should run from here too. */
function makeCommandsExecutable() {
  const { bin } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  for (const [name, file] of Object.entries(bin)) {
    const command = path.join(root, file);
    if (!existsSync(command))
      throw new Error(`package.json names ${file} for the command ${name}, but tsc wrote no such file`);
    if (!readFileSync(command, "utf8").startsWith("#!/usr/bin/env node\n")) {
      throw new Error(`${file} is the command ${name}, so its source must begin with the line #!/usr/bin/env node`);
    }
    chmodSync(command, 0o755);
  }
}

try {
  rmSync(dist, { recursive: true, force: true }); // a file deleted from src must not live on in dist
  runNode("scripts/buildKernels.mjs");
  runNode("node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json");
  copyWorkers();
  makeCommandsExecutable();
} catch (error) {
  console.error(`build: ${error.message}`);
  process.exitCode = 1;
}
