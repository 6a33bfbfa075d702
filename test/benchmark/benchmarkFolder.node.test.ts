import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { BenchmarkFolder } from "../../src/benchmark/benchmarkFolder.node.js";
import { headerLine, limitsLine, stepLine } from "./lines.js";

const scratch = (): string => mkdtempSync(join(tmpdir(), "pfc-bench-"));

test("lines are in the file as soon as they are told; page and figures come with draw", () => {
  const path = join(scratch(), "new");
  const folder = new BenchmarkFolder(path);
  assert.ok(!existsSync(path), "asking for a folder makes none");
  const lines = [headerLine("ratios"), limitsLine, stepLine({ ratio: 0.1 }, 0.1), stepLine({ ratio: 1 }, 1)];
  for (const [index, line] of lines.entries()) {
    folder.append(line);
    const text = readFileSync(join(path, "bench.jsonl"), "utf8");
    assert.deepEqual(JSON.parse(text.trim().split("\n")[index]), line);
  }
  folder.draw(lines);
  assert.match(readFileSync(folder.page, "utf8"), /^<!doctype html>/);
  assert.match(readFileSync(join(path, "time-over-ratio.svg"), "utf8"), /^<svg/);
});

test("a folder that holds something is refused, and it stays as it was", () => {
  const path = scratch();
  writeFileSync(join(path, "notes.txt"), "mine");
  assert.throws(() => new BenchmarkFolder(path), /holds other files already \(notes\.txt\)/);
  assert.equal(readFileSync(join(path, "notes.txt"), "utf8"), "mine");
});

test("a file in the place of the folder is refused; an empty folder is taken", () => {
  const path = scratch();
  assert.equal(new BenchmarkFolder(path).path, path);
  writeFileSync(join(path, "file"), "");
  assert.throws(() => new BenchmarkFolder(join(path, "file")), /is a file/);
  assert.throws(() => new BenchmarkFolder(""), /needs a name/);
});
