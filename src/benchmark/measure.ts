/**
 * From works to lines of the record: measures all in turn, with the limits of the machine among them, and judges every number.
 *
 * Limits are those of a work's own engine, from the same rounds: a machine that slows down takes them along.
 */
import { boundOf, type MachineLimits } from "./bound.js";
import { busyReasons, type ProcessorWindow } from "./busy.js";
import { isLimit, limitsFrom } from "./limitWorks.js";
import type { BenchmarkLine, MeasurementLine } from "./lines.js";
import { roundRobin, type Samples } from "./roundRobin.js";
import { ratiosByRound, summarize } from "./statistics.js";
import type { Cost, Work } from "./work.js";

export interface MeasureOptions {
  readonly rounds: number;
  /** Threads that compute at the same time, at most. */
  readonly threads: number;
  /** Starts to watch the processor; what it returns says what happened since. */
  readonly watch: () => () => ProcessorWindow;
  /** Takes each line as soon as it is known. */
  readonly onLine: (line: BenchmarkLine) => void;
  readonly signal?: AbortSignal;
  readonly clock?: () => number;
  readonly sampleMilliseconds?: number;
}

/** All measurements, those of the limits first. None if it was stopped before the first round was over. */
export async function measure(works: readonly Work[], options: MeasureOptions): Promise<MeasurementLine[]> {
  const { watch, onLine, threads } = options;
  const watched = watch();
  const samples = await roundRobin(works, {
    ...options,
    onRound: (round, seconds) => {
      const named = works.map(({ name, variant }, index) => [name, variant, seconds[index]] as const);
      onLine({ kind: "round", round, seconds: named });
    },
  });
  const window = watched();
  if (samples.some(({ seconds }) => seconds.length === 0)) return [];
  const limits = limitsByEngine(samples);
  for (const [engine, found] of limits) onLine({ kind: "limits", engine, ...found });
  const timed = samples.flatMap(withParts);
  const lines = timed.map(({ work, seconds, cost, name }): MeasurementLine => {
    const summary = summarize(seconds);
    const found = limits.get(work.engine);
    const bound = found && !isLimit(work) ? boundOf(cost, found) : undefined;
    const first = timed.find((other) => other.name === name)!;
    const reasons = busyReasons(summary.spread, window, threads);
    return {
      kind: "measurement",
      name,
      variant: work.variant,
      engine: work.engine,
      settings: work.settings ?? {},
      ...cost,
      ...summary,
      ...(bound && { bound, fraction: bound.seconds / summary.median }),
      ...(first.work !== work && {
        against: { variant: first.work.variant, ratio: summarize(ratiosByRound(first.seconds, seconds)) },
      }),
      busy: reasons.length > 0,
      reasons,
      samples: seconds,
    };
  });
  for (const line of lines) onLine(line);
  return lines;
}

interface Timed {
  readonly work: Work;
  readonly name: string;
  readonly seconds: readonly number[];
  readonly cost: Cost;
}

/** A work, and after it each of its parts. */
function withParts({ work, seconds, parts }: Samples): Timed[] {
  const costOf = ({ operations, bytes }: Cost): Cost => ({
    ...(operations !== undefined && { operations }),
    ...(bytes !== undefined && { bytes }),
  });
  const named = Object.entries(work.parts ?? {}).map(([part, cost]): Timed => {
    return { work, name: `${work.name}: ${part}`, seconds: parts.get(part) ?? [], cost: costOf(cost) };
  });
  return [{ work, name: work.name, seconds, cost: costOf(work) }, ...named];
}

function limitsByEngine(samples: readonly Samples[]): Map<string, MachineLimits> {
  const limits = new Map<string, MachineLimits>();
  for (const engine of new Set(samples.map(({ work }) => work.engine))) {
    const measured = samples.filter(({ work }) => work.engine === engine);
    const found = limitsFrom(measured.map(({ work, seconds }) => ({ work, seconds: summarize(seconds).median })));
    if (found) limits.set(engine, found);
  }
  return limits;
}
