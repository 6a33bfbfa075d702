/**
 * The same work here and in PyTorch, TensorFlow.js and scikit-learn, in turn, on the same processor: what docs/performance.md quotes.
 *
 * Every round runs each row's commands one after the other, every second round backwards; a row's ratio is the median of the ratios within
 * rounds. What is measured here comes from `pfc bench … --json`, what peers need from the scripts beside this file.
 *
 * Usage: node bench/peers/compare.mjs [--rounds 3] [--python /usr/bin/python3] [--tfjs FOLDER] [WORD…]
 * Needs a python with PyTorch and scikit-learn (Debian: apt-get install python3-torch python3-sklearn libopenblas0-pthread) and a folder where
 * `npm i @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0` has run; words narrow the rows.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, "../..");
const { values, positionals: words } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    python: { type: "string", default: "/usr/bin/python3" },
    tfjs: { type: "string" },
  },
  allowPositionals: true,
});

function lines(command, args, cwd = root) {
  const text = execFileSync(command, args, {
    cwd,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
}

/** What `pfc bench` measured, by name: seconds, fraction of the bound. */
function bench(args) {
  const found = lines(process.execPath, ["--import", "tsx", "src/cli/main.ts", "bench", ...args, "--json"]);
  return new Map(found.filter(({ kind }) => kind === "measurement").map((row) => [row.name, row]));
}

const torch = (...args) => lines(values.python, [path.join(here, "torch_peer.py"), ...args])[0].ms / 1e3;

function tfjs(...args) {
  if (values.tfjs === undefined) return NaN;
  copyFileSync(path.join(here, "tfjs_peer.mjs"), path.join(values.tfjs, "tfjs_peer.mjs"));
  return lines(process.execPath, ["tfjs_peer.mjs", ...args], values.tfjs)[0].ms / 1e3;
}

/** One measurement of ours under its name, at the head of every row. */
const ours = (args, name) => () => {
  const { median, fraction, engine } = bench(args).get(name) ?? {};
  if (median === undefined) throw new Error(`pfc bench ${args.join(" ")} has no measurement called "${name}".`);
  return { seconds: median, fraction, engine };
};

/** A work of unicom.ts or cfcd.ts. */
const script = (name, ...args) => lines(process.execPath, ["--import", "tsx", `bench/peers/${name}.ts`, ...args])[0];
const unicom = (...args) => script("unicom", ...args);
const sklearn = (...args) => lines(values.python, [path.join(here, "sklearn_peer.py"), ...args])[0].ms / 1e3;
const rowsFile = path.join(tmpdir(), "kmeans-rows-200000x128.f32");
const kmeansSizes = ["200000", "128", "10000"];

function head(classes, embedding, ratio, ...rules) {
  const sizes = ["--classes", `${classes}`, "--embedding", `${embedding}`, "--ratio", `${ratio}`];
  const peers = rules.map((rule) => [
    `PyTorch ${rule}`,
    () => torch("pfc", `${classes}`, `${embedding}`, "128", `${ratio}`, rule, "--runs", ratio === 1 ? "5" : "9"),
  ]);
  return { ours: ours(["head", ...sizes, "--rounds", "9"], "head step"), peers };
}

/** The head with MadaCos over the same with CosFace, which is measured in turn with it. */
function madaCos(...sizes) {
  let other;
  return {
    ours() {
      const { ms: own, cosFaceMs } = script("cfcd", "head", ...sizes);
      other = cosFaceMs;
      return { seconds: own / 1e3 };
    },
    peers: [["CosFace", () => (other ?? script("cfcd", "head", ...sizes).cosFaceMs) / 1e3]],
  };
}

const rows = {
  "matmul 512": {
    ours: ours(["kernels", "matmul", "--rounds", "5"], "matmul 512"),
    peers: [
      ["TensorFlow.js", () => tfjs("matmul", "512")],
      ["PyTorch", () => torch("matmul", "512")],
    ],
  },
  "matmul 1024": {
    ours: ours(["kernels", "matmul", "--rounds", "5"], "matmul 1024"),
    peers: [
      ["TensorFlow.js", () => tfjs("matmul", "1024")],
      ["PyTorch", () => torch("matmul", "1024")],
    ],
  },
  "head 100,000 x 512, r = 0.1": head(100_000, 512, 0.1, "dense", "sparse"),
  "head 100,000 x 512, r = 1": head(100_000, 512, 1, "dense"),
  "head 1,000,000 x 128, r = 0.1": head(1_000_000, 128, 0.1, "dense", "sparse"),
  "net 64 32": {
    ours: ours(["train", "--rounds", "9"], "training step"),
    peers: [["PyTorch", () => torch("net", "64", "32", "--runs", "9")]],
  },
  "vit-t 16": {
    ours: () => ({ seconds: unicom("vit", "16").ms / 1e3 }),
    peers: [["PyTorch", () => torch("vit", "16", "--runs", "7")]],
  },
  "local triplets, 8 maps of 16 x 16 x 2,048": {
    ours: () => ({ seconds: script("cfcd", "local", "8", "16", "2048").ms / 1e3 }),
    peers: [["PyTorch", () => torch("local", "8", "16", "2048", "--runs", "11")]],
  },
  "MadaCos, 100,000 x 512, r = 0.1": madaCos("100000", "512", "128", "0.1"),
  "MadaCos, 10,000 x 512, r = 1": madaCos("10000", "512", "128", "1"),
  "k-means 200,000 x 128 into 10,000, an iteration": {
    ours() {
      const { ms: brute, ofLimit, prunedMeanMs } = unicom("kmeans", rowsFile, ...kmeansSizes);
      console.log(`  with pruning, mean of 20 iterations: ${ms(prunedMeanMs / 1e3)}`);
      return { seconds: brute / 1e3, fraction: ofLimit };
    },
    peers: [["scikit-learn", () => sklearn(rowsFile, ...kmeansSizes)]],
  },
};

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const ms = (seconds) => `${(1e3 * seconds).toFixed(1)} ms`;

execFileSync(process.execPath, [path.join(root, "scripts/buildKernels.mjs")], { stdio: "inherit" });
console.log(`${cpus()[0].model}, ${cpus().length} cores, node ${process.version}, load ${loadavg()[0].toFixed(1)}`);
for (const [name, row] of Object.entries(rows)) {
  if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
  const seconds = [[], ...row.peers.map(() => [])];
  const fractions = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const turns = [
      () => {
        const { seconds: own, fraction } = row.ours();
        fractions.push(fraction);
        return own;
      },
      ...row.peers.map(([, run]) => run),
    ];
    const order = round % 2 === 0 ? [...turns.keys()] : [...turns.keys()].reverse();
    for (const turn of order) seconds[turn].push(turns[turn]());
  }
  const known = fractions.filter((fraction) => fraction !== undefined);
  const bound = known.length > 0 ? `, ${(100 * median(known)).toFixed(0)} % of its bound` : "";
  console.log(`${name}: ${ms(median(seconds[0]))}${bound}`);
  for (const [position, [peer]] of row.peers.entries()) {
    const ratios = seconds[0].map((own, round) => own / seconds[position + 1][round]);
    const all = ratios.map((ratio) => ratio.toFixed(3)).join(", ");
    console.log(`  over ${peer} (${ms(median(seconds[position + 1]))}): ${median(ratios).toFixed(3)} (${all})`);
  }
}
