import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { callAgain } from "../../src/cli/callAgain.js";

const event = process.env.npm_lifecycle_event;
afterEach(() => {
  if (event === undefined) delete process.env.npm_lifecycle_event;
  else process.env.npm_lifecycle_event = event;
});

test("a command is named as it was reached, and words with spaces are quoted", () => {
  delete process.env.npm_lifecycle_event;
  assert.equal(callAgain("train", "--resume", "runs/a-r0.1"), "pfc train --resume runs/a-r0.1");
  process.env.npm_lifecycle_event = "start";
  assert.equal(callAgain("train", "--resume", "my run"), 'npm run pfc -- train --resume "my run"');
});
