import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { test } from "node:test";
import { loaderFor } from "../nodeArguments.js";
import { outcome } from "./pfc.js";

const listener = import.meta.resolve("../../src/cli/listenForInterrupts.js");

/** A process that listens, says "ready", and would live for ten seconds. */
function listening(): ChildProcess {
  const program = `
    const { listenForInterrupts } = await import(${JSON.stringify(listener)});
    const say = (text) => () => console.log(text);
    listenForInterrupts({ onFirst: say("first"), onSecond: say("second") });
    setTimeout(say("end"), 10_000);
    console.log("ready");`;
  const args = [...loaderFor(listener), "--input-type=module", "--eval", program];
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
}

async function said(child: ChildProcess, word: string): Promise<void> {
  await new Promise<void>((resolve) => {
    child.stdout?.on("data", (text: Buffer) => text.toString().includes(word) && resolve());
  });
}

test("a second Ctrl-C ends the process at once; two in the same moment are one", async () => {
  const child = listening();
  const ended = outcome(child);
  await said(child, "ready");
  child.kill("SIGINT");
  await said(child, "first");
  child.kill("SIGINT"); // npm passes the terminal's signal on
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.equal(child.exitCode, null);
  child.kill("SIGINT");
  const { code, out } = await ended;
  assert.equal(code, 130);
  assert.equal(out, "ready\nfirst\nsecond\n");
});
