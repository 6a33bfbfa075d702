/**
 * A property: a sentence, the values it speaks of, and a check that must hold for all of them.
 *
 * Seeds are fixed, so that a change lands or fails for what it is; `npm run test:long` draws new ones and tries many more values. A
 * failure is shrunk, and its last line repeats it:
 *
 *     npm run property -- pfc/ranks --seed 42 --path 1:0:2 --name 'k ranks give the loss of one rank'
 *
 * Environment: PROPERTY_SEED and PROPERTY_PATH (that line sets them), PROPERTY_RUNS (a factor on the number of cases),
 * PROPERTY_REPORT (a file to which every property appends one line: what was tried).
 */
import { appendFileSync } from "node:fs";
import { it } from "node:test";
import fc from "fast-check";

/** Of every run without `--seed`. Any number would do. */
const FIXED_SEED = 20220324;
/** Cases of a property that does not say otherwise. */
const DEFAULT_RUNS = 100;

export interface PropertyOptions {
  /** Cases to try, before PROPERTY_RUNS multiplies them. */
  readonly runs?: number;
  /** Cases that are tried first, whatever the seed. */
  readonly examples?: readonly (readonly unknown[])[];
}

type Arbitraries<Values extends readonly unknown[]> = {
  readonly [Position in keyof Values]: fc.Arbitrary<Values[Position]>;
};

/**
 * Declares one test: `check` throws (or returns false) where the sentence `name` does not hold.
 *
 * @param arbitraries generators of the arguments of `check`
 */
export function property<Values extends readonly unknown[]>(
  name: string,
  arbitraries: Arbitraries<Values>,
  check: (...values: Values) => boolean | void | Promise<boolean | void>,
  { runs = DEFAULT_RUNS, examples }: PropertyOptions = {},
): void {
  it(name, async () => {
    const settings = {
      seed: Number(process.env.PROPERTY_SEED ?? FIXED_SEED),
      path: process.env.PROPERTY_PATH,
      numRuns: Math.ceil(runs * Number(process.env.PROPERTY_RUNS ?? 1)),
      examples: examples?.map((values): [unknown] => [values]),
    };
    const tuple = fc.tuple(...(arbitraries as readonly fc.Arbitrary<unknown>[]));
    const claim = fc.asyncProperty(tuple, async (values) => (await check(...(values as unknown as Values))) ?? true);
    const details = await fc.check(
      claim as fc.IAsyncPropertyWithHooks<[unknown]>,
      settings as fc.Parameters<[unknown]>,
    );
    report(name, details.numRuns);
    if (details.failed) throw new Error(explain(name, details));
  });
}

/** The shrunk counterexample, why it fails, and the line that repeats it. */
function explain(name: string, details: fc.RunDetails<[unknown]>): string {
  const { counterexample, counterexamplePath, seed, numRuns, numShrinks, numSkips, errorInstance } = details;
  if (counterexample === null) {
    return `property "${name}" was not tried: ${numSkips} cases did not meet its condition, ${numRuns} did.`;
  }
  const [file, long] = runningFile().split(/(\.long)?\.test\.ts$/);
  const script = long === undefined ? "property" : "test:long";
  const values = counterexample[0] as unknown[];
  return [
    `property "${name}" fails after ${numRuns} cases (shrunk ${numShrinks} times).`,
    `counterexample: ${values.map((value) => fc.stringify(value)).join(", ")}`,
    `reason: ${reasonOf(errorInstance)}`,
    `npm run ${script} -- ${file} --seed ${seed} --path ${counterexamplePath} --name ${quoteForShell(name)}`,
  ].join("\n");
}

/** The source of the test file that runs, "pfc/ranks.test.ts": below this folder, and compiled or not. */
function runningFile(): string {
  const file = (process.argv[1] ?? "").replaceAll("\\", "/");
  return file.replace(/^.*\/property-tests\//, "").replace(/\.js$/, ".ts");
}

/** The message alone where an assertion or a reader speaks; with its name where it is an accident, such as a ReferenceError. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `threw ${fc.stringify(thrown)}`;
  const { name, message } = thrown;
  return name === "Error" || name === "AssertionError" ? message : `${name}: ${message}`;
}

/** One word of a POSIX shell, in which no character means anything but itself. */
function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function report(name: string, cases: number): void {
  const target = process.env.PROPERTY_REPORT;
  if (target === undefined) return;
  appendFileSync(target, `${JSON.stringify({ file: runningFile(), name, cases })}\n`);
}
