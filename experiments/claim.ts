/** A claim of a paper and what was measured of it; the table of an experiment's page. */
import { markdownTable } from "./markdown.js";

export type Verdict = "holds" | "partly" | "does not hold" | "reported";

export interface Claim {
  readonly number: number;
  readonly text: string;
  readonly expected: string;
  readonly measured: string;
  readonly holds: Verdict;
}

/** Of a claim that is checked in parts, for every seed. */
export function verdict(checks: readonly boolean[]): Verdict {
  if (checks.every(Boolean)) return "holds";
  return checks.some(Boolean) ? "partly" : "does not hold";
}

/** One text a seed. */
export function bySeed<Result extends { readonly seed: number }>(
  seeds: readonly Result[],
  text: (seed: Result) => string,
): string {
  return seeds.map((result) => `seed ${result.seed}: ${text(result)}`).join("; ");
}

/** How many hold, and the table. */
export function claimTable(claims: readonly Claim[]): string {
  const count = (verdict: Verdict): number => claims.filter(({ holds }) => holds === verdict).length;
  const reported = count("reported") > 0 ? `; ${count("reported")} are reported only` : "";
  const summary =
    `Of ${claims.length} claims ${count("holds")} hold, ${count("partly")} in part, ${count("does not hold")} not${reported}. ` +
    "A claim holds where all of its parts do, for every seed.";
  const rows = claims.map(({ number, text, expected, measured, holds }) => [String(number), text, expected, measured, holds]); // prettier-ignore
  return `${summary}\n\n${markdownTable(["#", "claim", "expected", "measured", "verdict"], rows)}`;
}
