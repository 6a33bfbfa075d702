/**
 * Whether two runs of one configuration learn alike, whatever engines they ran on: losses side by side, and what was found on unseen classes.
 *
 * Roundings differ between engines and grow from step to step, so the first steps agree closely and the others in the mean.
 *
 * Usage: compareLosses RUN RUN
 */
import { RunFolder } from "../../src/training/runFolder.node.js";

/** The first losses differ by roundings of one forward pass and a few updates. */
const FIRST = { steps: 3, tolerance: 0.01 };
/**
 * The mean of the last tenth, of curves that have drifted apart by roundings. The two roundings of the wasm engine (`--multiply-add`) give
 * means that are 0.2 % apart after the 300 steps of gpu.sh, single losses up to 4 %, and a recall that is 0.8 points apart.
 */
const LAST = { share: 0.1, tolerance: 0.03 };
/** Recall of unseen classes, in percent points; of few images the deviation of a share, twice, where that is more. */
const recallTolerance = (images: number): number => Math.max(5, 100 / Math.sqrt(images));
const ROWS = 12;

interface Curve {
  readonly engine: string;
  readonly losses: readonly number[];
  readonly recall: number | undefined;
  readonly images: number;
  readonly seconds: number;
}

async function curveOf(folder: string): Promise<Curve> {
  const { run, configuration } = await RunFolder.open(folder);
  const lines = run.metrics();
  const steps = lines.filter((line) => line.kind === "step");
  const tests = lines.filter((line) => line.kind === "evaluation").filter(({ part }) => part === "test");
  const result = tests.at(-1)?.result;
  return {
    engine: configuration.engine,
    losses: steps.map(({ loss }) => loss),
    recall: result && 100 * result.recallAt1,
    images: result?.images ?? 0,
    seconds: steps.at(-1)?.time.seconds ?? NaN,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function lastMean({ losses }: Curve): number {
  return mean(losses.slice(-Math.max(1, Math.round(LAST.share * losses.length))));
}

function difference(a: number, b: number): number {
  return Math.abs(a - b) / Math.abs(a);
}

const folders = process.argv.slice(2);
if (folders.length !== 2) throw new Error(`compareLosses takes the folders of two runs; given ${folders.length}.`);
const [a, b] = [await curveOf(folders[0]), await curveOf(folders[1])];
const steps = Math.min(a.losses.length, b.losses.length);
console.log(`step  ${a.engine.padEnd(12)}  ${b.engine.padEnd(12)}  difference`);
for (let row = 0; row < ROWS; row++) {
  const step = Math.round((row * (steps - 1)) / (ROWS - 1));
  const apart = (100 * difference(a.losses[step], b.losses[step])).toFixed(4);
  console.log(
    `${String(step + 1).padStart(4)}  ${a.losses[step].toFixed(6).padEnd(12)}  ${b.losses[step].toFixed(6).padEnd(12)}  ${apart} %`,
  );
}
const faults: string[] = [];
if (a.losses.length !== b.losses.length) faults.push(`${a.losses.length} steps beside ${b.losses.length}`);
for (let step = 0; step < FIRST.steps; step++) {
  const apart = difference(a.losses[step], b.losses[step]);
  if (!(apart <= FIRST.tolerance)) faults.push(`loss of step ${step + 1} differs by ${(100 * apart).toFixed(2)} %`);
}
const apart = difference(lastMean(a), lastMean(b));
console.log(
  `mean of the last tenth: ${lastMean(a).toFixed(4)}, ${lastMean(b).toFixed(4)} (${(100 * apart).toFixed(2)} %)`,
);
if (!(apart <= LAST.tolerance)) faults.push(`mean losses of the last tenth differ by ${(100 * apart).toFixed(1)} %`);
if (!(lastMean(a) < a.losses[0] && lastMean(b) < b.losses[0])) faults.push("the loss does not fall");
if (a.recall === undefined || b.recall === undefined) {
  faults.push("a run was not evaluated on unseen classes");
} else {
  console.log(`R@1 on unseen classes: ${a.recall.toFixed(2)} %, ${b.recall.toFixed(2)} %`);
  const most = recallTolerance(a.images);
  if (Math.abs(a.recall - b.recall) > most) faults.push(`R@1 differs by more than ${most.toFixed(1)} points`);
}
console.log(`seconds of training: ${a.engine} ${a.seconds.toFixed(1)}, ${b.engine} ${b.seconds.toFixed(1)}`);
for (const fault of faults) console.log(`NOT ALIKE: ${fault}`);
if (faults.length > 0) process.exitCode = 1;
else console.log("alike");
