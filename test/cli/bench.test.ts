import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { linesOf, type BenchmarkLine } from "../../src/benchmark/lines.js";
import { outcome, pfc, start, temporaryFolder, type Outcome } from "./pfc.js";

const tiny = ["--classes", "300", "--embedding", "16", "--batch", "8", "--threads", "1", "--rounds", "3"];
let folder: string;

before(async () => {
  folder = await temporaryFolder();
});

function record(text: string): BenchmarkLine[] {
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as BenchmarkLine);
}

describe("pfc bench ratios", () => {
  let run: Outcome;
  let out: string;
  before(async () => {
    out = join(folder, "ratios");
    run = await pfc(
      "bench",
      "ratios",
      ...tiny,
      "--ratios",
      "1,0.1,0.5",
      "--compare",
      "path=formula,fused",
      "--out",
      out,
    );
  });

  test("writes the machine first, then every sample, bound and comparison", () => {
    assert.equal(run.code, 0, run.error);
    const lines = record(readFileSync(join(out, "bench.jsonl"), "utf8"));
    const [header] = lines;
    assert.ok(header.kind === "benchmark" && header.machine.cores >= 1 && header.versions.node === process.version);
    assert.match(header.command, /bench ratios --classes 300/);
    assert.equal(linesOf(lines, "round").length, 3);
    const steps = linesOf(lines, "measurement").filter(({ name }) => name.startsWith("head step"));
    const seen = steps.map(({ name, variant }) => `${name} ${variant}`);
    const expected = [0.1, 0.5, 1].flatMap((r) =>
      ["formula", "fused"].map((path) => `head step, r = ${r} path ${path}`),
    );
    assert.deepEqual(seen, expected);
    for (const step of steps) {
      assert.equal(step.samples.length, 3);
      assert.equal(step.engine.startsWith("wasm, 1 thread"), true);
      assert.equal(step.operations, 6 * 8 * Math.trunc(Number(step.settings.ratio) * 300) * 16);
      assert.ok(step.fraction! > 0 && step.bound!.seconds > 0);
      assert.equal(step.against?.variant, step.variant === "path fused" ? "path formula" : undefined);
    }
    const found = linesOf(lines, "ratios");
    assert.deepEqual(
      found.map(({ variant, relative }) => [variant, relative.map(({ ratio }) => ratio)]),
      [
        ["path formula", [0.1, 0.5, 1]],
        ["path fused", [0.1, 0.5, 1]],
      ],
    );
  });

  test("prints a table with what it found, and draws a page with its figures", () => {
    assert.match(run.out, /head step, r = 0\.1 +│ path fused/);
    assert.match(run.out, /A step takes .* \+ r · /);
    assert.match(run.out, /page: .*bench\.html/);
    const page = readFileSync(join(out, "bench.html"), "utf8");
    assert.equal(page.match(/<figure/g)?.length, 3);
    for (const file of ["time-over-ratio", "time-relative", "memory"]) assert.ok(existsSync(join(out, `${file}.svg`)));
  });
});

test("sizes are measured in processes of their own, each with its peak of memory", async () => {
  const { code, out, error } = await pfc("bench", "scale", ...tiny, "--most-classes", "1000", "--json");
  assert.equal(code, 0, error);
  const lines = record(out);
  assert.deepEqual(
    linesOf(lines, "memory").map(({ classes, tableBytes }) => [classes, tableBytes]),
    [300, 1000].map((classes) => [classes, 2 * 4 * 16 * classes]),
  );
  for (const { peakBytes, benchmarkBytes } of linesOf(lines, "memory")) assert.ok(peakBytes > benchmarkBytes);
});

test("an engine of GPU.js is named in the record, and its works have no bound", async () => {
  const { code, out, error } = await pfc(
    "bench",
    "kernels",
    "read",
    "upload",
    "--engine",
    "gpu:webasm",
    "--rounds",
    "2",
    "--json",
  );
  assert.equal(code, 0, error);
  const lines = record(out);
  assert.deepEqual(linesOf(lines, "engine"), [{ kind: "engine", engine: "gpu.js webasm", bounded: false }]);
  const found = linesOf(lines, "measurement");
  assert.deepEqual(
    found.map(({ name, engine, bound }) => [name, engine, bound]),
    ["read: one number", "upload: one number"].map((name) => [name, "gpu.js webasm", undefined]),
  );
  assert.deepEqual(linesOf(lines, "limits"), []);
});

test("Ctrl-C keeps the rounds that were finished, and says where", async () => {
  const out = join(folder, "stopped");
  const child = start("bench", "head", ...tiny, "--rounds", "1000", "--out", out);
  const file = join(out, "bench.jsonl");
  while (!(existsSync(file) && readFileSync(file, "utf8").includes('"round":1,'))) {
    assert.equal(child.exitCode, null, "it ended by itself");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  child.kill("SIGINT");
  const { code } = await outcome(child);
  assert.equal(code, 130);
  const lines = record(readFileSync(file, "utf8"));
  const rounds = linesOf(lines, "round").length;
  assert.ok(rounds >= 2 && rounds < 1000);
  assert.ok(linesOf(lines, "measurement").every(({ samples }) => samples.length === rounds));
  assert.ok(existsSync(join(out, "bench.html")));
});

describe("bad input is one sentence, and nothing is written", () => {
  // what the options themselves refuse: benchOptions.test.ts
  const faults: [what: string, args: string[], message: RegExp][] = [
    ["a batch of none", ["head", "--batch", "0"], /--batch.*'0' is invalid\. It is a whole number from 1/],
    [
      "classes that cannot fit",
      ["head", "--classes", "1000000000"],
      /1000000000 classes .* needs .* bytes\), but .* are there/,
    ],
    ["threads of an engine without", ["kernels", "--engine", "reference", "--threads", "2"], /reference has none/],
    ["an unknown benchmark", ["everything"], /unknown command 'everything'/],
  ];
  for (const [what, args, message] of faults) {
    test(what, async () => {
      const out = join(folder, what.replaceAll(" ", "-"));
      const { code, error } = await pfc("bench", ...args, ...(args.length > 1 ? ["--out", out] : []));
      assert.notEqual(code, 0);
      assert.match(error, /^pfc: .*\n(\(.*\)\n)*$/);
      assert.match(error, message);
      assert.ok(!existsSync(out));
    });
  }

  test("a folder with other files", async () => {
    const out = join(folder, "taken");
    mkdirSync(out);
    writeFileSync(join(out, "thesis.tex"), "years of work");
    const { code, error } = await pfc("bench", "head", ...tiny, "--out", out);
    assert.notEqual(code, 0);
    assert.match(error, /^pfc: .*taken holds other files already \(thesis\.tex\).*\n$/);
    assert.equal(readFileSync(join(out, "thesis.tex"), "utf8"), "years of work");
  });
});
