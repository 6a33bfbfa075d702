import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { complete } from "../../../src/training/configuration.js";
import { tellApart } from "../../../src/training/report/loadSummaries.node.js";
import { writeReport } from "../../../src/training/report/writeReport.node.js";
import { RunFolder } from "../../../src/training/runFolder.node.js";
import { temporaryFolder } from "../../cli/pfc.js";

async function begunRun(): Promise<string> {
  const run = RunFolder.vacant(join(await temporaryFolder(), "run"));
  run.begin(complete({ steps: 40 }))();
  return run.path;
}

test("a run of which nothing is recorded has a report that says so, and which may be written again", async () => {
  const run = await begunRun();
  const file = join(run, "report.html");
  await writeReport(file, [run]);
  await writeReport(file, [run]);
  const page = await readFile(file, "utf8");
  assert.match(page, /has made 0 of 40 steps/);
  assert.match(page, /Nothing is recorded yet/);
  assert.doesNotMatch(page, /NaN|undefined/);
});

test("a file that is no report is not written over", async () => {
  const file = join(await temporaryFolder(), "notes.html");
  await writeFile(file, "<!doctype html><h1>My notes</h1>");
  await assert.rejects(writeReport(file, [await begunRun()]), /notes\.html is there already and is no report/);
  assert.match(await readFile(file, "utf8"), /My notes/);
});

test("a folder that is not there is named", async () => {
  const run = await begunRun();
  await assert.rejects(
    writeReport(join(run, "no", "x.html"), [run]),
    /x\.html: could not be written \(there is no such/,
  );
  await assert.rejects(writeReport(run, [run]), /is a folder; name a file/);
});

test("runs are named by the shortest ends of their paths that differ", () => {
  assert.deepEqual(tellApart(["/a/x", "/a/y/"]), ["x", "y"]);
  assert.deepEqual(tellApart(["/a/one/x", "/a/two/x"]), ["one/x", "two/x"]);
  assert.throws(() => tellApart(["/a/x", "/a/y", "/a/y/."]), /\/a\/y is given twice/);
});
