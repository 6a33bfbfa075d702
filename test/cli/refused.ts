/** Refusals of a command that runs in this process, so that they take no second: `pfc` puts its name before them, as test/cli/badInput.test.ts shows. */
import assert from "node:assert/strict";
import type { Command } from "commander";

/** The command ends in one sentence. */
export async function refused(command: Command, args: readonly string[], message: RegExp): Promise<void> {
  await assert.rejects(command.parseAsync(args, { from: "user" }), (error: Error) => {
    assert.match(error.message, /^[^\n]*[^.]\.$/);
    assert.match(error.message, message);
    return true;
  });
}
