/**
 * Ends a process whose reader hangs: a loop without end holds the thread on which every timer of it runs.
 *
 * A worker looks at what the main thread last began and since when. It says so on standard error and kills the process, so that
 * the test fails instead of standing still.
 */
import { Worker } from "node:worker_threads";

const SECONDS_ALLOWED = 30;

/** In plain JavaScript, as workers do not go through the loader of TypeScript. */
const WATCH = `
const { workerData: state } = require("node:worker_threads");
const { writeSync } = require("node:fs");
let seen = -1, since = Date.now();
setInterval(() => {
  const turn = Atomics.load(state, 0);
  if (turn !== seen || turn % 2 === 0) { seen = turn; since = Date.now(); return; }
  if (Date.now() - since < ${SECONDS_ALLOWED * 1000}) return;
  writeSync(2, "case " + (turn + 1) / 2 + " of this file has not ended after ${SECONDS_ALLOWED} s: the reader hangs.\\n");
  process.kill(process.pid, "SIGKILL");
}, 500);
`;

/** Odd while a case runs; begun cases and ended ones are counted together. */
let turns: Int32Array | undefined;

/** Runs one case under watch; returns the milliseconds it took. */
export async function watched(body: () => Promise<void>): Promise<number> {
  turns ??= watch();
  const started = performance.now();
  Atomics.add(turns, 0, 1);
  try {
    await body();
  } finally {
    Atomics.add(turns, 0, 1);
  }
  return performance.now() - started;
}

function watch(): Int32Array {
  const state = new Int32Array(new SharedArrayBuffer(4));
  new Worker(WATCH, { eval: true, workerData: state }).unref();
  return state;
}
