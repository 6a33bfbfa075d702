import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { figures } from "../../src/benchmark/figures.js";
import type { BenchmarkLine } from "../../src/benchmark/lines.js";
import { ratiosLine } from "../../src/benchmark/ratios.js";
import { renderPage } from "../../src/benchmark/renderPage.js";
import { resultTable } from "../../src/benchmark/resultTable.js";
import { headerLine, limitsLine, stepLine } from "./lines.js";

const sweep = [0.01, 0.1, 0.5, 1].map((ratio) => stepLine({ ratio }, 0.002 + 0.1 * ratio));
const ratios: BenchmarkLine[] = [headerLine("ratios"), limitsLine, ...sweep, ratiosLine("", sweep)];
const sizes = [1000, 10_000].map((classes) => stepLine({ classes }, classes / 1e6));
const memory = sizes.map(({ settings }): BenchmarkLine => {
  return { kind: "memory", classes: Number(settings.classes), peakBytes: 4e8, tableBytes: 2e8, benchmarkBytes: 1e8 };
});
const scale: BenchmarkLine[] = [headerLine("scale"), limitsLine, ...sizes, ...memory];

describe("the page", () => {
  test("refers to nothing outside itself, and no text of the machine becomes markup", () => {
    const page = renderPage(ratios);
    const namespaces = /xmlns(:\w+)?="[^"]*"/g;
    assert.doesNotMatch(page.replaceAll(namespaces, ""), /https?:|<script|<link|@import|url\((?!#)/);
    assert.doesNotMatch(page, /<fast>/);
    assert.match(page, /a &#60;fast&#62; one, 2 cores/);
  });

  test("warns first where numbers were disturbed, and marks their rows", () => {
    const disturbed = sweep.map((line, i) => (i === 1 ? { ...line, busy: true, reasons: ["spread 40 %"] } : line));
    const page = renderPage([headerLine("ratios"), limitsLine, ...disturbed]);
    assert.match(page, /class="warning">BUSY MACHINE: 1 of 4 measurements/);
    assert.equal(page.match(/<tr class="busy">/g)?.length, 1);
    assert.doesNotMatch(renderPage(ratios), /BUSY/);
  });

  test("needs the line that says what was measured where", () => {
    assert.throws(() => renderPage(sweep), /first line of a record/);
  });
});

describe("figures", () => {
  test("of a sweep show every point, and the model as lines with their names", () => {
    const [time, relative, bytes] = figures(ratios);
    assert.deepEqual([time.file, relative.file, bytes.file], ["time-over-ratio", "time-relative", "memory"]);
    assert.equal(time.svg.match(/<circle/g)?.length, 4);
    for (const label of ["bound by operations", "bound by memory", "measured"])
      assert.ok(time.svg.includes(`>${label}<`));
    assert.match(time.svg, /^<svg[^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  });

  test("of sizes show the peak of memory beside the tables", () => {
    const [, bytes] = figures(scale);
    assert.equal(bytes.svg.match(/<circle/g)?.length, 2);
    assert.ok(bytes.svg.includes("peak of the process"));
  });

  test("of a sweep of one point are none of time: there is no line to draw", () => {
    assert.deepEqual(
      figures([headerLine("ratios"), limitsLine, sweep[0]]).map(({ file }) => file),
      [],
    );
  });

  test("without limits draw no bound", () => {
    const [time] = figures(ratios.filter(({ kind }) => kind !== "limits"));
    assert.doesNotMatch(time.svg, /bound by/);
  });
});

describe("the table", () => {
  test("has no column that no row has a word for", () => {
    assert.deepEqual(resultTable(ratios).head, ["work", "time (10 % – 90 %)", "± MAD", "rounds"]);
    assert.ok(resultTable(scale).head.includes("peak memory / tables"));
  });

  test("shows time, rate and bound in units one reads", () => {
    const bound = { seconds: 0.01, by: "operations" } as const;
    const line = stepLine({}, [0.019, 0.02, 0.021], { operations: 1e9, bound, fraction: 0.5 });
    const [{ cells }] = resultTable([line]).rows;
    assert.ok(cells.includes("20.0 ms (19.2 ms – 20.8 ms)") && cells.includes("50.0 GFLOP/s"), cells.join());
    assert.ok(cells.includes("50 % (operations)"));
  });
});
