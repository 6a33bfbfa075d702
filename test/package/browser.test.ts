/**
 * The library in a browser: an esbuild bundle of src/index.ts holds nothing that only Node has.
 *
 * Node-only files (`*.node.ts`) are exchanged for their `*.browser.ts` twins by the `browser` field of package.json. The keys
 * there end in `.js`, as the imports do: bundlers compare them with the path as it is written.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("a browser bundle of the library imports nothing of Node", async () => {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["src/index.ts"],
    bundle: true,
    platform: "browser",
    format: "esm",
    target: "es2022",
    write: false,
    metafile: true,
    logLevel: "silent",
    external: ["node:*"], // so that the test can say which file asks, where esbuild would only fail
  });

  const askers = Object.entries(metafile.inputs).flatMap(([file, { imports }]) =>
    imports.filter(({ path }) => path.startsWith("node:")).map(({ path }) => `${file} imports ${path}`),
  );
  assert.deepEqual(
    askers,
    [],
    "every file that src/index.ts reaches must run in a browser, or have a twin under `browser` in package.json",
  );

  const [{ text }] = outputFiles;
  assert.doesNotMatch(text, /["'`]node:/);
  assert.doesNotMatch(text, /\brequire\(/);
});
