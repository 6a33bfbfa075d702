/** What every benchmark is given: its engines, how often to measure, and where its lines go. */
import type { ProcessorWindow } from "./busy.js";
import { engineKey, Engines, type Alternative } from "./engines.js";
import { limitWorks } from "./limitWorks.js";
import type { BenchmarkLine, MeasurementLine } from "./lines.js";
import { measure } from "./measure.js";
import type { Work } from "./work.js";

export interface BenchmarkRun {
  readonly rounds: number;
  readonly onLine: (line: BenchmarkLine) => void;
  /** Starts to watch the processor; what it returns says what happened since. */
  readonly watch: () => () => ProcessorWindow;
  /** Bytes that may still be taken, and the most that this process ever held. */
  readonly availableMemory: () => number;
  readonly peakMemory: () => number;
  readonly signal?: AbortSignal;
}

/** Works with what they hold. */
export interface Works {
  readonly works: readonly Work[];
  dispose(): void;
}

/** Opens the engines, makes the works of every alternative and measures all of them in turn, limits of the engines included. */
export async function measureAlternatives<A extends Alternative>(
  alternatives: readonly A[],
  worksOf: (engines: Engines, alternatives: readonly A[]) => Promise<Works>,
  run: BenchmarkRun,
): Promise<MeasurementLine[]> {
  const engines = new Engines();
  const several = new Set(alternatives.map(engineKey)).size > 1;
  const held: Works[] = [];
  try {
    for (const alternative of alternatives) {
      const before = engines.all.length;
      const engine = await engines.open(alternative);
      if (engines.all.length === before) continue;
      const limits = limitWorks(engine, several ? alternative.variant : "");
      run.onLine({ kind: "engine", engine: engine.name, bounded: limits.works.length > 0 });
      held.push(limits);
    }
    held.push(await worksOf(engines, alternatives));
    const works = besideEachOther(held.flatMap((part) => part.works));
    return await measure(works, { ...run, threads: engines.threads });
  } finally {
    for (const part of held) part.dispose();
    await engines.close();
  }
}

/** Works of one name follow each other: what is compared is measured within the same moment. */
function besideEachOther(works: readonly Work[]): Work[] {
  const names = [...new Set(works.map(({ name }) => name))];
  return names.flatMap((name) => works.filter((work) => work.name === name));
}
