/** Damaged settings: the configuration that a user gives or a run's folder holds, and the lines of its metrics and examples. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe } from "node:test";
import fc from "fast-check";
import { complete, configurationSchema } from "../../src/training/configuration.js";
import type { EvaluationLine, MetricsLine, StepLine } from "../../src/training/metrics.js";
import { RunFolder } from "../../src/training/runFolder.node.js";
import { jsonMutants, textMutants } from "../arbitraries/jsonMutations.js";
import { property } from "../property.js";
import { underFire } from "./underFire.js";

const folder = mkdtempSync(join(tmpdir(), "settings-fire-"));
after(() => rmSync(folder, { recursive: true }));

const configuration = complete({ dataset: { name: "omniglot" }, steps: 500, seed: "text" });
const step: StepLine = {
  ...{
    kind: "step",
    step: 3,
    epoch: 0,
    loss: 2.5,
    rate: 0.1,
    gradientNorm: 1,
    centerNorm: 0.4,
    sampled: 20,
    positives: 8,
  },
  time: { stepMilliseconds: 5, headMilliseconds: 1, seconds: 0.5 },
};
const evaluation: EvaluationLine = {
  ...{ kind: "evaluation", step: 3, part: "test", time: { seconds: 1 } },
  result: {
    ...{ images: 40, classes: 10, recallAt1: 0.5, recallAt5: 1, equalErrorRate: 0.25 },
    verification: { accuracy: 0.75, deviation: 0.1, pairs: 20 },
    tarAtFar: [{ far: 0.1, tar: 0.5 }],
    roc: [
      [0, 0],
      [1, 1],
    ],
  },
};
const example = { label: 1, picture: "data:image/png;base64,AAAA" };
const examples = [{ query: example, nearest: [{ ...example, cosine: 0.5 }] }];

/** Mostly JSON with another value in it, now and then no JSON at all. */
function damaged(value: unknown): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: jsonMutants(value) },
    { weight: 1, arbitrary: textMutants(JSON.stringify(value)) },
  );
}

/** Writes a file of the run's folder, and reads it under fire. */
async function fire<Result>(
  file: string,
  text: string,
  read: (run: RunFolder) => Result,
  check: (result: Result) => void,
): Promise<void> {
  const { run } = await openRun();
  writeFileSync(join(folder, file), text);
  await underFire({ name: join(folder, file), size: Buffer.byteLength(text) }, () => read(run), check);
}

function checkLines(lines: readonly MetricsLine[]): void {
  for (const { kind, step: steps } of lines) {
    assert.ok(["step", "evaluation", "cost"].includes(kind) && Number.isSafeInteger(steps) && steps >= 0);
  }
}

describe("settings and records of a run under fire", () => {
  property(
    "a damaged config.json is complete and valid, or refused by name",
    [damaged(configuration)],
    async (text) => {
      const file = join(folder, "config.json");
      writeFileSync(file, text);
      const read = async () => (await RunFolder.open(folder)).configuration;
      await underFire({ name: file, size: Buffer.byteLength(text) }, read, (opened) => {
        assert.ok(configurationSchema.safeParse(opened).success);
        assert.deepEqual(complete(opened), opened); // nothing is left to be filled in
      });
    },
    { runs: 500 },
  );

  property(
    "damaged metrics are lines of known kinds, or refused with file and line",
    [damaged(step), damaged(evaluation), fc.boolean()],
    (first, second, ended) =>
      fire("metrics.jsonl", `${first}\n${second}${ended ? "\n" : ""}`, (run) => run.metrics(), checkLines),
    { runs: 500 },
  );

  property(
    "damaged examples are pictures with labels, or refused by name",
    [damaged(examples)],
    (text) =>
      fire(
        "examples.json",
        text,
        (run) => run.examples(),
        (rows) => assert.ok(rows.every(({ query: { picture } }) => picture.startsWith("data:image/png;base64,"))),
      ),
    { runs: 100 },
  );

  property(
    "a damaged claim does not lock a folder in which nobody trains",
    [damaged({ process: 2 ** 22, host: "nobody's machine" })],
    async (text) => {
      const claim = join(folder, ".training.json");
      writeFileSync(claim, text);
      const { run } = await openRun();
      await underFire(
        { name: folder, size: Buffer.byteLength(text) },
        () => run.claim(),
        (release) => release(),
      );
      rmSync(claim, { force: true });
    },
    { runs: 100 },
  );
});

async function openRun(): ReturnType<typeof RunFolder.open> {
  writeFileSync(join(folder, "config.json"), JSON.stringify(configuration));
  return RunFolder.open(folder);
}
