/**
 * A whole small training in every mode of the GPU engine, two of them in a browser, beside the wasm engine's: the same curve of losses, the same
 * accuracy, one read a step. Prints the table of docs/gpu.md. Minutes, since without a GPU each mode is software.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runInPage, withoutBrowser } from "../browser/runInPage.js";
import { run, type RunOf, type TinyRun } from "./tinyRun.js";

const STEPS = 200;
const UNIT = 2 ** -24;
/** Of what is computed by some tens of roundings, in any order. */
const FLOOR = 64 * UNIT;
/** Two engines stray from each other further than one from itself with another rounding. */
const WIDER = 8;

describe("a whole training", async () => {
  const of = { steps: STEPS, seed: 7 };
  const wasm = await run({ ...of, engine: "wasm", multiplyAdd: "separate" });
  const rounded = await run({ ...of, engine: "wasm", multiplyAdd: "fused" }); // the same but for the rounding of products
  print(wasm, wasm);
  print(rounded, wasm);

  for (const engine of ["gpu:webasm", "gpu:cpu"] as const) {
    it(`on ${engine}`, async () => assertSameTraining(await run({ ...of, engine }), wasm, rounded));
  }
  for (const engine of ["gpu:webgpu", "gpu:webgl2"] as const) {
    it(`on ${engine} in a page`, { skip: withoutBrowser }, async () => {
      const entry = new URL("./tinyRun.ts", import.meta.url);
      const argument: RunOf = { ...of, engine };
      assertSameTraining(await runInPage<TinyRun>(entry, argument, { timeout: 900_000 }), wasm, rounded);
    });
  }
});

function assertSameTraining(actual: TinyRun, wasm: TinyRun, rounded: TinyRun): void {
  print(actual, wasm);
  let drift = 0;
  for (const [step, loss] of wasm.losses.entries()) {
    drift = Math.max(drift, Math.abs(rounded.losses[step] / loss - 1));
    const apart = Math.abs(actual.losses[step] / loss - 1);
    const allowed = Math.max(FLOOR, WIDER * drift);
    assert.ok(apart <= allowed, `${actual.name}: the loss of step ${step} is ${apart} apart, ${allowed} allowed`);
  }
  // two standard deviations of a share of so many queries
  const noise = 2 * Math.sqrt((wasm.recallAt1 * (1 - wasm.recallAt1)) / wasm.queries);
  assert.ok(Math.abs(actual.recallAt1 - wasm.recallAt1) <= noise, `${actual.name}: recall ${actual.recallAt1}`);
  assert.deepEqual({ reads: actual.reads, streamedReads: actual.streamedReads }, { reads: STEPS, streamedReads: 0 });
}

function print({ name, losses, recallAt1, milliseconds, reads }: TinyRun, wasm: TinyRun): void {
  const apart = losses.map((loss, step) => Math.abs(loss / wasm.losses[step] - 1));
  const ends = [losses[0], losses[STEPS - 1]].map((loss) => loss.toFixed(4)).join(" → ");
  const largest = (count: number): string => Math.max(...apart.slice(0, count)).toExponential(1);
  console.log(
    `# ${name} | ${ends} | ${largest(10)} | ${largest(STEPS)} | ${(100 * recallAt1).toFixed(1)} % | ` +
      `${(milliseconds / STEPS).toFixed(0)} ms | ${reads ?? "–"}`,
  );
}
