/**
 * Compiles the project's TypeScript once, for all test processes: tsx would have each of them load esbuild, look every
 * import up under several names, and read what it needs from a cache, which costs half a second of processor time a file.
 *
 * The folder `compiled` mirrors the project. A compiled module names its source in stack traces, by its source map, and as
 * `import.meta.url`: whatever it looks for beside itself, fixtures, pages, workers, it finds there. What shall be run as a
 * program is named by `import.meta.resolve`, which gives the compiled module. Types are not checked here.
 *
 * Left out: compiling only what changed. All of it takes a third of a second; but files that stay the same are not written
 * again, so that another run in the same folder is not disturbed.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { transform } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = path.join(root, "compiled");
const tsconfigRaw = readFileSync(path.join(root, "tsconfig.json"), "utf8");
const { include, exclude } = JSON.parse(tsconfigRaw);

function listFiles(folder) {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => path.join(folder, name));
}

/** Those of tsc, and the plain modules beside them. */
function listSources() {
  return include
    .flatMap((folder) => listFiles(path.join(root, folder)))
    .filter((file) => /\.m?[jt]s$/.test(file) && !exclude.some((name) => file.startsWith(path.join(root, name))));
}

async function compile(file) {
  const source = readFileSync(file, "utf8");
  if (!file.endsWith(".ts")) return source;
  const url = pathToFileURL(file).href;
  const { code } = await transform(source, {
    loader: "ts",
    format: "esm",
    target: `node${process.versions.node}`,
    tsconfigRaw,
    define: { "import.meta.url": JSON.stringify(url) },
    sourcemap: "inline",
    sourcesContent: false,
    sourcefile: url,
  });
  return code;
}

/** The text of a file, or undefined where there is none. */
function readIfThere(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Where the compiled module of a source file is; both are relative to the project. */
export function compiledFile(source) {
  return path.join("compiled", source.replace(/\.ts$/, ".js"));
}

/** Compiles everything, and removes what has no source any more. @throws Error of esbuild: the place that does not parse */
export async function compileAll() {
  const files = listSources();
  const written = new Set();
  await Promise.all(
    files.map(async (file) => {
      const code = await compile(file);
      const output = path.join(root, compiledFile(path.relative(root, file)));
      written.add(output);
      if (readIfThere(output) === code) return;
      mkdirSync(path.dirname(output), { recursive: true });
      writeFileSync(output, code);
    }),
  );
  for (const file of listFiles(target)) if (/\.m?js$/.test(file) && !written.has(file)) rmSync(file, { force: true });
}
