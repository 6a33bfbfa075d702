import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { compareRatios } from "../../src/cli/compareRatios.js";
import { temporaryFolder, tinySettings } from "./pfc.js";

const settings = { ...tinySettings, steps: 3 };

test("a comparison trains each ratio once, reports them together, and goes on with what is there", async () => {
  const out = await temporaryFolder();
  const alone = await compareRatios({ out, settings, ratios: [1] });
  assert.deepEqual(
    alone?.runs.map(({ name }) => name),
    ["r=1"],
  );
  const trained = await readFile(join(out, "r=1", "metrics.jsonl"), "utf8");

  const both = await compareRatios({ out, settings, ratios: [1, 0.5] });
  assert.deepEqual(
    both?.runs.map(({ configuration, test }) => [configuration.head.ratio, test?.step]),
    [
      [1, 3],
      [0.5, 3],
    ],
  );
  assert.ok(existsSync(both.report));
  assert.equal(await readFile(join(out, "r=1", "metrics.jsonl"), "utf8"), trained, "r = 1 was trained again");

  const other = { ...settings, steps: 4 };
  await assert.rejects(
    compareRatios({ out, settings: other, ratios: [1] }),
    /r=1 holds a run with steps = 3, but 4 is/,
  );
});
