/**
 * A step of the head at more and more classes, until memory ends.
 *
 * A size fills memory, so sizes cannot take turns as other alternatives do: each is measured in a process of its own, one after the other,
 * whose peak of memory then is that of the size alone. What is written down of a size is what that process said.
 */
import type { BenchmarkLine, RefusedLine } from "./lines.js";
import { assertFits, classCounts, neededBytes } from "./memoryFit.js";
import { count } from "./inWords.js";
import type { HeadSize } from "./headModel.js";
import type { HeadPath } from "./headWork.js";

export interface ScaleOptions {
  /** All but the classes; those are the least. */
  readonly size: HeadSize;
  readonly path: HeadPath;
  readonly mostClasses: number;
  /** Tables that a process holds at once. */
  readonly tables: number;
  readonly available: () => number;
  /** Measures that many classes in a new process: the lines of its record. */
  readonly measureSize: (classes: number) => Promise<readonly BenchmarkLine[]>;
  readonly onLine: (line: BenchmarkLine) => void;
  readonly signal?: AbortSignal;
}

/** Ends at the first size that does not fit, and says so. @throws Error if that is the first of all. */
export async function benchScale(options: ScaleOptions): Promise<void> {
  const { size, path, mostClasses, tables, available, measureSize, onLine, signal } = options;
  for (const classes of classCounts(size.classes, mostClasses)) {
    if (signal?.aborted) return;
    const needed = neededBytes([{ ...size, path, classes }], tables);
    const there = available();
    if (classes === size.classes) assertFits(needed, there, `a head of ${classes} classes`);
    if (needed > there) {
      const refused: RefusedLine = { kind: "refused", classes, neededBytes: needed, availableBytes: there };
      onLine(refused);
      return;
    }
    for (const line of await measureSize(classes)) for (const kept of ofSize(line, classes)) onLine(kept);
  }
}

/** What is kept of a size's record, under a name that tells it from the others. */
function ofSize(line: BenchmarkLine, classes: number): BenchmarkLine[] {
  if (line.kind === "benchmark" || line.kind === "round") return [];
  if (line.kind !== "measurement") return [line];
  return "classes" in line.settings ? [{ ...line, name: `${line.name}, C = ${count(classes)}` }] : [];
}
