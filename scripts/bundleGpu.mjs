/**
 * Packs what bench/gpu.sh needs on a bare Linux machine with a GPU into one file: this Node, Dawn, a Vulkan loader, the `pfc` command and
 * the tests of the GPU engine. No npm, no compiler and no network are needed there.
 *
 * Dependencies are bundled with esbuild; native ones that built-in identities do without (sharp, gl) are left out and say so when they are
 * asked for. Dawn lies where its package looks for it, beside the bundled files. `lib/fallback` holds libraries that nearly every machine has,
 * for those that do not (gpu.sh takes them only there). Files are packed in order, without times and owners, so that the same inputs make the
 * same file.
 *
 * Usage: node scripts/bundleGpu.mjs [FOLDER]        default: dist-gpu
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const NAME = "partial-fc-gpu";
const MOST_BYTES = 60e6;

/** Of the machine that bundles, where Linux distributions keep their libraries. */
const LIBRARY_FOLDERS = ["/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib"];

/** What Node and Dawn are linked with, and what NVIDIA's driver is. Those of the last line belong to X11, which a server may lack. */
const FALLBACK_LIBRARIES = [
  ...["libstdc++.so.6", "libgcc_s.so.1"],
  ...["libX11.so.6", "libXext.so.6", "libxcb.so.1", "libXau.so.6", "libXdmcp.so.6", "libbsd.so.0", "libmd.so.0"],
];

/** Native packages, and what takes their place. */
const LEFT_OUT = {
  sharp: `export default () => {
    throw new Error("image files are decoded by the package sharp, which this bundle leaves out; --dataset builtin needs no files");
  };`,
  gl: "module.exports = null;", // as GPU.js finds it where it was not compiled
};

function has(tool) {
  return (process.env.PATH ?? "").split(path.delimiter).some((folder) => existsSync(path.join(folder, tool)));
}

function findLibrary(name) {
  const folder = LIBRARY_FOLDERS.find((candidate) => existsSync(path.join(candidate, name)));
  return folder === undefined ? undefined : realpathSync(path.join(folder, name));
}

/** Copies a program or library, without what only debuggers read where there is a `strip`. */
function copyStripped(from, to) {
  mkdirSync(path.dirname(to), { recursive: true });
  copyFileSync(from, to);
  chmodSync(to, 0o755);
  if (has("strip")) execFileSync("strip", [to]);
}

function copy(from, to) {
  mkdirSync(path.dirname(to), { recursive: true });
  copyFileSync(path.join(root, from), to);
}

function checkMachine() {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      `the bundle is for Linux on x64 and holds this machine's Node; this is ${process.platform} ${process.arch}.`,
    );
  }
  for (const tool of ["tar", "xz"]) {
    if (!has(tool)) throw new Error(`there is no ${tool} here; apt-get install ${tool === "xz" ? "xz-utils" : tool}.`);
  }
}

/** Test files of the GPU engine that have tests in every mode of Node; the others are about modes that need no GPU, or a browser. */
function testsInNode() {
  const folder = "test/tensor/engines/gpu";
  const files = readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => `${folder}/${name}`)
    .filter((file) => {
      const text = readFileSync(path.join(root, file), "utf8");
      return text.includes("inEveryMode(") && !text.includes("testsInPage");
    });
  return ["property-tests/operations/gpuParity.test.ts", ...files];
}

/** The command, the tests and what they share, as a few files of JavaScript. */
async function bundleCode(folder) {
  const { build } = await import("esbuild");
  await build({
    absWorkingDir: root,
    entryPoints: [
      { in: "src/cli/main.ts", out: "pfc" },
      { in: "bench/gpu/compareLosses.ts", out: "compareLosses" },
      ...testsInNode().map((file) => ({ in: file, out: path.basename(file, ".ts") })),
    ],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    chunkNames: "shared-[hash]",
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20",
    legalComments: "eof",
    logLevel: "error",
    // CommonJS packages in it ask for modules of Node by `require`
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
    plugins: [leftOut],
  });
  for (const file of ["worker.mjs", "collectGarbage.mjs"])
    copy(`src/tensor/engines/wasm/${file}`, path.join(folder, file));
}

const leftOut = {
  name: "left out",
  setup(build) {
    const filter = new RegExp(`^(${Object.keys(LEFT_OUT).join("|")})$`);
    build.onResolve({ filter }, ({ path: name }) => ({ path: name, namespace: "left-out" }));
    build.onLoad({ filter, namespace: "left-out" }, ({ path: name }) => ({ contents: LEFT_OUT[name], loader: "js" }));
  },
};

/** Node, Dawn and libraries. */
function copyBinaries(folder) {
  copyStripped(realpathSync(process.execPath), path.join(folder, "bin/node"));
  const dawn = path.join(root, "node_modules/webgpu/dist/linux-x64/dawn.node");
  if (!existsSync(dawn)) throw new Error(`${dawn} is missing; npm ci --ignore-scripts installs it.`);
  copyStripped(dawn, path.join(folder, "app/js/dist/linux-x64/dawn.node"));
  const loader = findLibrary("libvulkan.so.1");
  if (loader === undefined) {
    throw new Error(`no libvulkan.so.1 in ${LIBRARY_FOLDERS.join(", ")}; apt-get install libvulkan1.`);
  }
  copyStripped(loader, path.join(folder, "lib/libvulkan.so.1"));
  for (const name of FALLBACK_LIBRARIES) {
    const library = findLibrary(name);
    if (library === undefined) console.log(`${name} is not here and not in the bundle; most machines have it`);
    else copyStripped(library, path.join(folder, "lib/fallback", name));
  }
}

/** The script, the peer in PyTorch, licences, and what says which version this is. */
function copyTexts(folder) {
  copy("bench/gpu.sh", path.join(folder, "gpu.sh"));
  chmodSync(path.join(folder, "gpu.sh"), 0o755);
  copy("bench/peers/torch_peer.py", path.join(folder, "peers/torch_peer.py"));
  copy("LICENSE", path.join(folder, "LICENSE"));
  copy("node_modules/webgpu/LICENSE.md", path.join(folder, "app/js/dist/LICENSE.md"));
  const { name, version, license, dependencies } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const facts = { name, version, license, type: "module", node: process.version, dependencies };
  writeFileSync(path.join(folder, "package.json"), `${JSON.stringify(facts, null, 2)}\n`);
}

/** It has to start with nothing but what is in it. */
function tryOut(folder) {
  const node = path.join(folder, "bin/node");
  const dawn = path.join(folder, "app/js/dist/linux-x64/dawn.node");
  const run = (...args) => execFileSync(node, args, { env: {}, encoding: "utf8" }).trim();
  run("-e", `require(${JSON.stringify(dawn)})`);
  return run(path.join(folder, "app/js/pfc.mjs"), "--version");
}

function listFiles(folder) {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(path.join(folder, name)).isFile())
    .sort();
}

function pack(parent, file) {
  const ordered = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--format=ustar"];
  const tar = execFileSync("tar", ["-C", parent, ...ordered, "-cf", "-", NAME], { maxBuffer: 2 ** 30 });
  writeFileSync(file, execFileSync("xz", ["-6", "-T2", "-c"], { input: tar, maxBuffer: 2 ** 30 }));
}

async function main() {
  checkMachine();
  const parent = path.resolve(process.argv[2] ?? path.join(root, "dist-gpu"));
  const folder = path.join(parent, NAME);
  const file = path.join(parent, `${NAME}.tar.xz`);
  rmSync(folder, { recursive: true, force: true });
  rmSync(file, { force: true });
  execFileSync(process.execPath, [path.join(root, "scripts/buildKernels.mjs")], { stdio: "inherit" });
  await bundleCode(path.join(folder, "app/js"));
  copyBinaries(folder);
  copyTexts(folder);
  const version = tryOut(folder);
  pack(parent, file);
  for (const name of listFiles(folder)) {
    console.log(`${String(statSync(path.join(folder, name)).size).padStart(10)}  ${name}`);
  }
  const { size } = statSync(file);
  console.log(
    `${String(size).padStart(10)}  ${path.relative(process.cwd(), file)}: partial-fc ${version}, node ${process.version}`,
  );
  console.log(`there: tar -xf ${NAME}.tar.xz && ${NAME}/gpu.sh gpu-results`);
  if (size > MOST_BYTES) throw new Error(`the bundle is to be at most ${MOST_BYTES} bytes, and has ${size}.`);
}

try {
  await main();
} catch (error) {
  console.error(`bundle:gpu: ${error.message}`);
  process.exitCode = 1;
}
