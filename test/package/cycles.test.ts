/**
 * Arrows between files: no file of src imports itself round a corner.
 *
 * Between rooms the linter sees to it (scripts/roomArrows.mjs); this covers the files of one room. Only imports that are left when
 * the types are gone count: two interfaces may name each other, two modules that need each other to start may not.
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** File → the files it imports, paths relative to the repository, types erased. */
async function importGraph(): Promise<Map<string, string[]>> {
  const entryPoints = readdirSync(`${root}/src`, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.includes("kernels"))
    .map((name) => `src/${name}`);
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    bundle: true,
    platform: "node",
    format: "esm",
    outdir: "unwritten",
    write: false,
    metafile: true,
    packages: "external",
    logLevel: "silent",
  });
  return new Map(
    Object.entries(metafile.inputs).map(([file, { imports }]) => [
      file,
      imports.filter(({ external }) => external !== true).map(({ path }) => path),
    ]),
  );
}

/** The first cycle met by a depth-first walk, as its files in order; undefined if there is none. */
function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const walk = (file: string, trail: readonly string[]): string[] | undefined => {
    const start = trail.indexOf(file);
    if (start >= 0) return [...trail.slice(start), file];
    if (done.has(file)) return undefined;
    for (const next of graph.get(file) ?? []) {
      const cycle = walk(next, [...trail, file]);
      if (cycle !== undefined) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = walk(file, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

test("the walk finds a cycle where there is one", () => {
  const graph = new Map([
    ["a", ["b", "c"]],
    ["b", ["d"]],
    ["c", ["d"]],
    ["d", ["c"]],
  ]);
  assert.deepEqual(findCycle(graph), ["d", "c", "d"]);
  assert.equal(findCycle(new Map([...graph, ["d", []]])), undefined);
});

test("no two files of src import each other, directly or by way of others", async () => {
  const graph = await importGraph();
  assert.ok(graph.size > 0, "esbuild found no files");
  assert.equal(findCycle(graph)?.join(" → "), undefined);
});
