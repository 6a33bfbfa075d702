/**
 * The library in a browser: an esbuild bundle of src/index.ts holds nothing that only Node has, and loads GPU.js for those alone who ask for it.
 *
 * Node-only files (`*.node.ts`) are exchanged for their `*.browser.ts` twins by the `browser` field of package.json. The keys
 * there end in `.js`, as the imports do: bundlers compare them with the path as it is written.
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What a program loads at its start: a chunk, and what it imports by a statement. */
function loadedWith(entry: string, outputs: Metafile["outputs"]): Set<string> {
  const loaded = new Set([entry]);
  for (const chunk of loaded) {
    for (const { path, kind } of outputs[chunk].imports) if (kind === "import-statement") loaded.add(path);
  }
  return loaded;
}

describe("a browser bundle of the library", () => {
  let bundle: Awaited<ReturnType<typeof bundled>>;

  /** In chunks, as a bundler for pages makes them: what is imported on demand is apart. */
  async function bundled(): Promise<{ metafile: Metafile; texts: Map<string, string> }> {
    const { metafile, outputFiles } = await build({
      absWorkingDir: root,
      entryPoints: ["src/index.ts"],
      bundle: true,
      splitting: true,
      outdir: "unwritten",
      platform: "browser",
      format: "esm",
      target: "es2022",
      write: false,
      metafile: true,
      logLevel: "silent",
      external: ["node:*"], // so that the test can say which file asks, where esbuild would only fail
    });
    return { metafile, texts: new Map(outputFiles.map(({ path, text }) => [path.slice(root.length), text])) };
  }

  before(async () => {
    bundle = await bundled();
  });

  it("imports nothing of Node", () => {
    const { metafile, texts } = bundle;
    const askers = Object.entries(metafile.inputs).flatMap(([file, { imports }]) =>
      imports.filter(({ path }) => path.startsWith("node:")).map(({ path }) => `${file} imports ${path}`),
    );
    assert.deepEqual(
      askers,
      [],
      "every file that src/index.ts reaches must run in a browser, or have a twin under `browser` in package.json",
    );
    for (const text of texts.values()) assert.ok(!/["'`]node:/.test(text));
    for (const chunk of loadedWith("unwritten/index.js", metafile.outputs)) {
      assert.ok(!/\brequire\(/.test(texts.get(chunk)!), `${chunk} requires something`);
    }
  });

  it("has GPU.js and the kernels of the GPU engine in chunks that are loaded on demand", () => {
    const { outputs } = bundle.metafile;
    const loaded = loadedWith("unwritten/index.js", outputs);
    const ofGpu = (chunk: string): string[] =>
      Object.keys(outputs[chunk].inputs).filter((file) => /gpu\.js\/|engines\/gpu\//.test(file));
    assert.deepEqual([...loaded].flatMap(ofGpu), []);
    assert.ok(Object.keys(outputs).flatMap(ofGpu).length > 10);
  });

  it("takes GPU.js' own build for browsers, and the browser's WebGPU", () => {
    const files = Object.keys(bundle.metafile.inputs);
    assert.deepEqual(
      files.filter((file) => file.includes("gpu.js/")).map((file) => file.replace(/.*node_modules\//, "")),
      ["gpu.js/dist/gpu-browser.js"],
    );
    assert.deepEqual(
      files.filter((file) => /node_modules\/webgpu\/|\.node\.[jt]s$/.test(file)),
      [],
    );
  });
});
