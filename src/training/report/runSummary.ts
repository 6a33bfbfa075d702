/** What a report shows of one run, drawn from its folder's lines. */
import type { Configuration } from "../configuration.js";
import type { ExampleRow } from "../examples.js";
import type { CostLine, EvaluationLine, MetricsLine, StepLine } from "../metrics.js";

export interface RunSummary {
  readonly name: string;
  readonly configuration: Configuration;
  readonly steps: readonly StepLine[];
  readonly validations: readonly EvaluationLine[];
  /** The evaluation on unseen classes, if it was made. */
  readonly test?: EvaluationLine;
  readonly cost?: CostLine;
  readonly examples: readonly ExampleRow[];
}

/** Sorts the lines of a run by kind. */
export function summarize(
  name: string,
  configuration: Configuration,
  lines: readonly MetricsLine[],
  examples: readonly ExampleRow[],
): RunSummary {
  const evaluations = lines.filter((line) => line.kind === "evaluation");
  return {
    name,
    configuration,
    steps: lines.filter((line) => line.kind === "step"),
    validations: evaluations.filter((line) => line.part === "validation"),
    test: evaluations.findLast((line) => line.part === "test"),
    cost: lines.find((line) => line.kind === "cost"),
    examples,
  };
}

/** The middle value; robust against the odd step that waited for the machine. NaN without values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}
