/** All that a run measured: what `results.json` keeps, and what verdicts and the page are made of. */
import type { SeedResult } from "./measureSeed.js";

export interface Results {
  readonly seeds: readonly SeedResult[];
  readonly sizes: Readonly<Record<"drawn" | "emoji", Readonly<Record<"train" | "test", Size>>>>;
  readonly engine: string;
  readonly processorSeconds: number;
}

/** Of a part. */
export interface Size {
  readonly count: number;
  readonly classes: number;
}
