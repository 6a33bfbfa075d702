/**
 * The npm package as a stranger meets it: built, packed, installed elsewhere, then run, imported, type-checked and bundled.
 *
 * The install takes the dependencies from npm's cache where `npm ci` left them (--prefer-offline) and else from the registry.
 * Without either it fails: that a package installs cannot be shown by not installing it.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const minute = 60_000;

/** stdout of a command; if it fails, an error that carries everything it printed. */
function run(folder: string, command: string, ...args: string[]): string {
  try {
    return execFileSync(command, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`\`${command} ${args.join(" ")}\` failed in ${folder}\n${stdout ?? ""}${stderr ?? ""}`, {
      cause: error,
    });
  }
}

/** [[1, 2], [3, 4]] · [[5, 6], [7, 8]], and a product large enough for the worker threads, of ones: every element is 512. */
const consumer = `
import { openEngine } from "partial-fc";

const engine = await openEngine("wasm");
const a = engine.tensor([1, 2, 3, 4], [2, 2]);
const b = engine.tensor([5, 6, 7, 8], [2, 2]);
const product = await engine.matmul(a, b, false, false).data();
const ones = engine.full([512, 512], 1);
const large = await engine.matmul(ones, ones, false, false).data();
console.log(JSON.stringify({ product: Array.from(product), large: [...new Set(large)] }));
await engine.close();
`;

describe("the package", { timeout: 5 * minute }, () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "partial-fc-package-"));
  const installed = path.join(folder, "node_modules/partial-fc");
  const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
    version: string;
    scripts: Record<string, string>;
  };

  before(() => {
    run(root, "npm", "run", "build");
    run(root, "npm", "pack", "--ignore-scripts", "--pack-destination", folder);
    // Without a package.json of its own npm would look for one in the folders above.
    writeFileSync(path.join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
    const tarball = `./partial-fc-${manifest.version}.tgz`;
    run(folder, "npm", "install", "--ignore-scripts", "--prefer-offline", "--fetch-retries=1", tarball);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("carries the built library, its types and the licence, and nothing else", () => {
    const files = readdirSync(installed, { recursive: true, encoding: "utf8" });
    for (const file of ["dist/index.js", "dist/index.d.ts", "dist/cli/main.js", "LICENSE", "package.json"]) {
      assert.ok(files.includes(path.normalize(file)), `${file} is missing`);
    }
    const top = readdirSync(installed).filter((name) => !["README.md", "CHANGELOG.md"].includes(name));
    assert.deepEqual(top.sort(), ["LICENSE", "dist", "package.json"]);
    assert.deepEqual(
      files.filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts")),
      [],
    );
  });

  it("runs nothing when it is installed", () => {
    for (const hook of ["preinstall", "install", "postinstall", "prepare"]) {
      assert.ok(!(hook in manifest.scripts), `package.json has the install hook ${hook}`);
    }
  });

  it("offers the pfc command", () => {
    // --no: never fetch some other package of that name
    const report = run(folder, "npx", "--no", "pfc", "info");
    assert.match(report, /wasm/);
    assert.match(report, new RegExp(manifest.version.replaceAll(".", "\\.")));
  });

  it("multiplies matrices when imported, also on threads", () => {
    writeFileSync(path.join(folder, "consumer.js"), consumer);
    const result: unknown = JSON.parse(run(folder, process.execPath, "consumer.js"));
    assert.deepEqual(result, { product: [19, 22, 43, 50], large: [512] });
  });

  it("gives its types to a strict TypeScript program", () => {
    writeFileSync(path.join(folder, "consumer.ts"), consumer);
    const compilerOptions = {
      noEmit: true,
      strict: true,
      module: "nodenext",
      target: "es2022",
      lib: ["es2023", "esnext.disposable", "dom"],
      types: [], // nor may the library lean on types that only its own development has
    };
    writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
    run(folder, process.execPath, path.join(root, "node_modules/typescript/bin/tsc"), "-p", ".");
  });

  it("can be bundled for a browser without anything of Node", async () => {
    const { outputFiles } = await build({
      stdin: { contents: 'export * from "partial-fc";', resolveDir: folder },
      bundle: true,
      platform: "browser",
      format: "esm",
      write: false,
      logLevel: "silent",
    });
    assert.doesNotMatch(outputFiles[0].text, /["'`]node:/);
  });
});
