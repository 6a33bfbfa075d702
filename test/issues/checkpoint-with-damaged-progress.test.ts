/**
 * The metadata of a checkpoint: progress was taken as it came, so that training went on at step undefined; settings that do not hold were
 * refused without the file's name.
 */
import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openEngine } from "../../src/tensor/openEngine.js";
import { buildTrainee } from "../../src/training/buildModel.js";
import { loadCheckpoint } from "../../src/training/checkpoint.node.js";
import { complete } from "../../src/training/configuration.js";
import { writeSafetensors } from "../../src/training/safetensors.node.js";
import { tinySettings } from "../cli/pfc.js";
import { numberedSet } from "../data/miniatures.js";

const configuration = complete(tinySettings);
const sound = {
  format: "partial-fc/checkpoint-1",
  configuration: JSON.stringify(configuration),
  progress: '{"step":3}',
  updates: "{}",
};

const damages: readonly (readonly [part: Partial<typeof sound>, message: string])[] = [
  [{ progress: "{}" }, 'damaged metadata: "progress": step must be a number, but is missing.'],
  [{ progress: '{"step":"3"}' }, 'damaged metadata: "progress": step must be a number, given "3".'],
  [{ progress: "[3]" }, 'damaged metadata: "progress": it must be an object, given [3].'],
  [{ progress: undefined }, 'damaged metadata: "progress" is missing.'],
  [{ updates: '{"head":-1}' }, 'damaged metadata: "updates": head must be at least 0, given -1.'],
  [{ configuration: '{"batch":1}' }, "damaged metadata: configuration: batch must be at least 2, given 1."],
];

test("damaged metadata are refused with the file and the field", async () => {
  const path = join(await mkdtemp(join(tmpdir(), "pfc-issue-")), "last.safetensors");
  const trainee = buildTrainee(await openEngine("reference"), configuration, numberedSet(8, 16), () => undefined);
  for (const [part, message] of damages) {
    const metadata = Object.entries({ ...sound, ...part }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    await writeSafetensors(path, [], Object.fromEntries(metadata));
    await assert.rejects(loadCheckpoint(path, trainee, configuration), { message: `${path}: ${message}` });
  }
});
