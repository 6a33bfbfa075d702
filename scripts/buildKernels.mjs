/**
 * Compiles the AssemblyScript kernels to a wasm module in two variants and embeds them, as base64, in a generated TypeScript file.
 *
 * The variants differ in one operation, a · b + c: `separate` rounds the product and the sum, `fused` uses relaxed SIMD (kernels/multiplyAdd.ts).
 *
 * A module is text in a `.ts` file so that Node, a bundler and the packed library all load it the same way: no asset to find,
 * no file to read. The generated file opens with a hash of everything that decides its content (the sources, the flags,
 * the compiler); while the hash holds, this script only reads the sources and returns in a few milliseconds, and the
 * compiler is not even loaded. File times are not looked at: a fresh clone and a switch of branches scramble them.
 *
 * Usage: node scripts/buildKernels.mjs [--force]
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const kernels = "src/tensor/engines/wasm/kernels";
const entry = `${kernels}/index.ts`;
const output = path.join(root, "src/tensor/engines/wasm/generated/kernels.ts");

const flags = [
  // Speed over size, and no `assert`: the shapes are checked once, in TypeScript, before a kernel is called.
  ...["--optimizeLevel", "3", "--shrinkLevel", "0", "--noAssert"],
  ...["--enable", "simd", "--enable", "threads"],
  // One shared memory, made by the engine and imported by the instance of every worker. 65536 pages are 4 GiB, all that
  // 32-bit pointers reach; the memory itself starts small and grows.
  ...["--importMemory", "--noExportMemory", "--sharedMemory", "--maximumMemory", "65536"],
  // Kernels allocate nothing, so there is no allocator and no garbage collector to include.
  ...["--runtime", "stub"],
];

const variants = {
  separate: ["--use", "FUSED=0"],
  fused: ["--use", "FUSED=1", "--enable", "relaxed-simd"],
};

/** The kernel sources, sorted, as paths relative to the repository with forward slashes. */
function sources() {
  return readdirSync(path.join(root, kernels), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${kernels}/${name.split(path.sep).join("/")}`)
    .sort();
}

function contentHash(files) {
  const compiler = JSON.parse(
    readFileSync(path.join(root, "node_modules/assemblyscript/package.json"), "utf8"),
  ).version;
  const hash = createHash("sha256").update(
    `assemblyscript ${compiler}\n${flags.join(" ")}\n${JSON.stringify(variants)}\n`,
  );
  for (const file of files) {
    const content = readFileSync(path.join(root, file));
    hash.update(`${file} ${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}

/** First lines of the generated file: what tells that it is up to date. */
function header(hash) {
  return `// Written by scripts/buildKernels.mjs from ${kernels}; not in git.\n// inputs sha256 ${hash}\n`;
}

function isUpToDate(hash) {
  try {
    const text = readFileSync(output, "utf8");
    // The last line too: a file cut short by a full disk must not pass for a built one.
    return text.startsWith(header(hash)) && text.endsWith("};\n");
  } catch (error) {
    if (error.code === "ENOENT") return false;
    throw error;
  }
}

/** Runs the compiler in this process, writing nothing to disk; returns the bytes of the module. */
async function compile(variant) {
  const { default: asc } = await import("assemblyscript/asc");
  let module;
  const options = ["--baseDir", root, "--outFile", "kernels.wasm", ...flags, ...variants[variant]];
  const { error, stderr } = await asc.main([entry, ...options], {
    writeFile: (name, contents) => {
      if (name === "kernels.wasm") module = contents;
    },
  });
  const messages = stderr.toString();
  if (messages !== "") process.stderr.write(messages); // compiler warnings, or the errors
  if (error !== null || module === undefined) {
    throw new Error(`the kernels in ${kernels} do not compile: ${error?.message ?? "the compiler wrote no module"}`);
  }
  return module;
}

/** Written beside and renamed, so that another process never imports half a file. */
function write(hash, modules) {
  const entries = Object.entries(modules).map(
    ([variant, bytes]) => `  ${variant}:\n    "${Buffer.from(bytes).toString("base64")}",\n`,
  );
  const temporary = `${output}.${process.pid}`;
  mkdirSync(path.dirname(output), { recursive: true });
  try {
    writeFileSync(temporary, `${header(hash)}export const kernelsBase64 = {\n${entries.join("")}};\n`);
    renameSync(temporary, output);
  } finally {
    rmSync(temporary, { force: true });
  }
}

const started = performance.now();
try {
  const files = sources();
  const hash = contentHash(files);
  if (process.argv.includes("--force") || !isUpToDate(hash)) {
    const modules = { separate: await compile("separate"), fused: await compile("fused") };
    write(hash, modules);
    // On stderr: what a command prints on stdout is its own.
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const sizes = Object.values(modules).map(({ length }) => length);
    console.error(`kernels: ${files.length} sources compiled to ${sizes.join(" + ")} bytes of wasm in ${seconds} s`);
  }
} catch (error) {
  console.error(`build:kernels: ${error.message}`);
  process.exitCode = 1;
}
