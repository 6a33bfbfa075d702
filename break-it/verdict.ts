/** Runs the properties of one file and reads from their output which one failed, and at what. */
import { spawn } from "node:child_process";

/** A mutant that has not failed by then hangs. */
const SECONDS_ALLOWED = 180;

/** The first property that noticed. */
export interface Catch {
  readonly property: string;
  readonly cases: number;
  readonly shrunk: number;
  readonly counterexample: string;
  readonly reason: string;
}

export type Verdict =
  | ({ readonly kind: "caught" } & Catch)
  /** All properties hold. */
  | { readonly kind: "passed" }
  /** The run failed, but no property did: it did not start, or hung; or the fault names what does not exist, which any test would notice. */
  | { readonly kind: "broken"; readonly output: string };

/** Runs `property-tests/<name>.test.ts` of the project in `folder`, with the fixed seed. */
export async function runProperties(folder: string, name: string): Promise<Verdict> {
  const file = `property-tests/${name}.test.ts`;
  const env = { ...process.env, PROPERTY_SEED: undefined, PROPERTY_PATH: undefined, PROPERTY_RUNS: undefined };
  const args = ["--import", "tsx", "--test", "--test-reporter=tap", file];
  const child = spawn(process.execPath, args, { cwd: folder, env, timeout: SECONDS_ALLOWED * 1000 });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const status = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (status === 0) return { kind: "passed" };
  const caught = firstCatch(output);
  return caught && !caught.reason.startsWith("ReferenceError: ")
    ? { kind: "caught", ...caught }
    : { kind: "broken", output: output.slice(-2000) };
}

/** The report that `property` writes (property-tests/property.ts), wherever it stands in the runner's output. */
function firstCatch(output: string): Catch | undefined {
  const lines = output.split("\n").map((line) => line.trim());
  for (const [number, line] of lines.entries()) {
    const failure = /^property "(.*)" fails after (\d+) cases \(shrunk (\d+) times\)\.$/.exec(line);
    if (!failure) continue;
    const after = (label: string): string =>
      lines
        .slice(number)
        .find((next) => next.startsWith(label))
        ?.slice(label.length) ?? "";
    return {
      property: failure[1],
      cases: Number(failure[2]),
      shrunk: Number(failure[3]),
      counterexample: after("counterexample: "),
      reason: after("reason: "),
    };
  }
  return undefined;
}
