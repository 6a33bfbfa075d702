/**
 * A script for a page, from a file of this project: esbuild with the exchanges of package.json's `browser` field, as in a user's bundle.
 *
 * Tests and properties can be bundled as they are: what they take from Node is exchanged for the small stand-ins beside this file.
 */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));

function standIn(name: string): string {
  return fileURLToPath(new URL(`./standIns/${name}.ts`, import.meta.url));
}

const standIns = {
  "node:test": standIn("test"),
  "node:assert": standIn("assert"),
  "node:assert/strict": standIn("assert"),
  "node:fs": standIn("files"),
};

/** How properties are tried, from the environment of this process (property-tests/property.ts). */
function propertySettings(): Record<string, string | undefined> {
  const { PROPERTY_SEED, PROPERTY_PATH, PROPERTY_RUNS, PROPERTY_NAME } = process.env;
  return { PROPERTY_SEED, PROPERTY_PATH, PROPERTY_RUNS, PROPERTY_NAME };
}

/** @param entry exports `run`, which the script leaves in the page as `globalThis.runPage` */
export async function bundlePage(entry: URL): Promise<string> {
  const file = fileURLToPath(entry);
  // as for a test in Node, where the line that repeats a failing property has its file from
  const script = path.relative(path.join(root, "property-tests"), file).replace(/\.ts$/, ".test.ts");
  const { outputFiles } = await build({
    absWorkingDir: root,
    stdin: {
      contents: `import { run } from ${JSON.stringify(file)}; globalThis.runPage = run;`,
      resolveDir: root,
    },
    bundle: true,
    platform: "browser",
    format: "esm", // for modules that await where they are loaded
    target: "es2022",
    define: {
      "process.env": JSON.stringify(propertySettings()),
      "process.argv": JSON.stringify(["node", script]),
    },
    alias: standIns,
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0].text;
}
