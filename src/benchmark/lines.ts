/**
 * The record of a benchmark: lines of JSON, the first of which says what was measured on which machine.
 *
 * A `measurement` holds all its samples; everything else can be computed again from them. A `round` is written as soon as it is over, so
 * that a benchmark that is killed has lost nothing but its last round.
 */
import type { Bound, MachineLimits } from "./bound.js";
import type { Crossover } from "./crossover.js";
import type { Line } from "./fitLine.js";
import type { Summary } from "./statistics.js";
import type { Cost } from "./work.js";

export const FORMAT = "partial-fc/benchmark-1";

export type BenchmarkName = "kernels" | "head" | "ratios" | "scale" | "train";

/** The machine, and what it was doing before. */
export interface MachineCard {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly platform: string;
  /** Mean number of running processes over the last minute, before the benchmark; 0 where the platform does not tell. */
  readonly load: number;
}

export interface HeaderLine {
  readonly kind: "benchmark";
  readonly format: typeof FORMAT;
  readonly what: BenchmarkName;
  /** As typed. */
  readonly command: string;
  readonly started: string;
  readonly machine: MachineCard;
  readonly versions: { readonly "partial-fc": string; readonly node: string; readonly v8: string };
  readonly settings: Readonly<Record<string, number | string>>;
}

/** Times of one round, by work and variant, in seconds a call. */
export interface RoundLine {
  readonly kind: "round";
  readonly round: number;
  readonly seconds: readonly (readonly [name: string, variant: string, seconds: number])[];
}

/** An engine that was opened, by the name it gives itself: a GPU engine names its adapter. */
export interface EngineLine {
  readonly kind: "engine";
  readonly engine: string;
  /** Whether its limits are measured: without them no work of it has a bound. */
  readonly bounded: boolean;
}

/** What bounds the measurements of one engine. */
export interface LimitsLine extends MachineLimits {
  readonly kind: "limits";
  readonly engine: string;
}

/** Times in seconds a call. */
export interface MeasurementLine extends Summary, Cost {
  readonly kind: "measurement";
  readonly name: string;
  readonly variant: string;
  /** The engine that really ran. */
  readonly engine: string;
  readonly settings: Readonly<Record<string, number | string>>;
  readonly samples: readonly number[];
  readonly bound?: Bound;
  /** bound.seconds / median */
  readonly fraction?: number;
  /** Time over that of another variant, round by round. */
  readonly against?: { readonly variant: string; readonly ratio: Summary };
  /** The number is not to be trusted, and why. */
  readonly busy: boolean;
  readonly reasons: readonly string[];
}

/** What a sweep of the ratio says, of one variant. */
export interface RatiosLine {
  readonly kind: "ratios";
  readonly variant: string;
  /** Seconds of a step = fixed + slope · r, for r below 1. */
  readonly line?: Line;
  /** fixed / slope: below this r most of a step does not depend on r. */
  readonly balance?: number;
  /** Seconds of the bound at r = 1, over the slope: what share of the time that depends on r is unavoidable. */
  readonly slopeFraction?: number;
  /** Time of r over time of r = 1, round by round. */
  readonly relative: readonly { readonly ratio: number; readonly time: Summary }[];
  readonly crossover?: Crossover;
  readonly busy: boolean;
}

/** Memory of a process that held one head. */
export interface MemoryLine {
  readonly kind: "memory";
  readonly classes: number;
  /** Of the whole process, at its largest. */
  readonly peakBytes: number;
  /** Of the GPU at its fullest, by the engine's account of its buffers; absent on other engines. */
  readonly deviceBytes?: number;
  /** Centers and momentum. */
  readonly tableBytes: number;
  /** Arrays of the benchmark itself, to measure bandwidth with. */
  readonly benchmarkBytes: number;
}

/** A size that was not tried, because it does not fit. */
export interface RefusedLine {
  readonly kind: "refused";
  readonly classes: number;
  readonly neededBytes: number;
  readonly availableBytes: number;
}

export type BenchmarkLine =
  HeaderLine | EngineLine | RoundLine | LimitsLine | MeasurementLine | RatiosLine | MemoryLine | RefusedLine;

/** The lines of one kind. */
export function linesOf<K extends BenchmarkLine["kind"]>(
  lines: readonly BenchmarkLine[],
  kind: K,
): Extract<BenchmarkLine, { readonly kind: K }>[] {
  return lines.filter((line): line is Extract<BenchmarkLine, { readonly kind: K }> => line.kind === kind);
}

/** Names of the engines whose limits nobody measures. */
export function unboundedEngines(lines: readonly BenchmarkLine[]): string[] {
  const unbounded = linesOf(lines, "engine").filter(({ bounded }) => !bounded);
  return [...new Set(unbounded.map(({ engine }) => engine))];
}

/** The limits of each engine; where they were measured several times, the best. */
export function bestLimits(lines: readonly BenchmarkLine[]): LimitsLine[] {
  const best = new Map<string, LimitsLine>();
  for (const line of linesOf(lines, "limits")) {
    const known = best.get(line.engine) ?? line;
    best.set(line.engine, {
      ...line,
      operationsPerSecond: Math.max(line.operationsPerSecond, known.operationsPerSecond),
      bytesPerSecond: Math.max(line.bytesPerSecond, known.bytesPerSecond),
    });
  }
  return [...best.values()];
}
