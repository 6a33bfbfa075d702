import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { progress } from "../../src/cli/progress.js";
import type { StepLine } from "../../src/training/metrics.js";
import { Terminal } from "./terminal.js";

function line(step: number): StepLine {
  return {
    kind: "step",
    step,
    epoch: 0,
    loss: 2,
    rate: 0.1,
    gradientNorm: 1,
    centerNorm: 1,
    sampled: 2,
    positives: 1,
    time: { stepMilliseconds: 100, headMilliseconds: 1, seconds: step },
  };
}

const pause = async (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

test("on a terminal, notes stand above the bar, whole and in order, and the last state of the bar stays", async () => {
  const terminal = new Terminal();
  const view = progress({ label: "train", steps: 4, batch: 10, stream: terminal });
  view.note("before the first step");
  for (let step = 1; step <= 4; step++) {
    view.step(line(step));
    view.note(`note ${step}`);
    await pause(step === 2 ? 250 : 0); // long enough for the bar to be drawn in between
  }
  view.note("evaluating");
  view.stop();
  terminal.write("results\n");
  const [before, ...rest] = terminal.screen();
  assert.equal(before, "before the first step");
  assert.deepEqual(rest.slice(0, 5), ["note 1", "note 2", "note 3", "note 4", "evaluating"]);
  assert.match(rest[5], /^train =+ 4\/4 · loss 2\.000 · 100 images\/s/);
  assert.equal(rest[6], "results");
});

test("elsewhere there are plain lines: the first step, one every ten seconds, the last", () => {
  const stream = new PassThrough();
  const view = progress({ label: "r = 1", steps: 25, batch: 10, stream });
  for (let step = 1; step <= 25; step++) view.step(line(step)); // a second each
  view.note("done");
  view.stop();
  const lines = (stream.read() as Buffer).toString().split("\n");
  assert.deepEqual(
    lines.map((text) => text.split(" · ")[0]),
    ["r = 1 step 1/25", "r = 1 step 11/25", "r = 1 step 21/25", "r = 1 step 25/25", "done", ""],
  );
});
