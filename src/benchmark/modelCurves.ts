/** The cost model as curves over a sweep: what a step cannot help taking in time, and what it holds in memory. */
import type { MachineLimits } from "./bound.js";
import { headModel, type HeadModel, type HeadSize } from "./headModel.js";
import { bestLimits, linesOf, type BenchmarkLine } from "./lines.js";
import { geometric } from "./plot.js";

export type SweptSetting = "ratio" | "classes";

export interface CurvePoint {
  readonly x: number;
  readonly y: number;
  readonly curve: string;
}

/** Milliseconds that the operations and the memory traffic of a step take at least; empty where no limits were measured. */
export function timeCurves(lines: readonly BenchmarkLine[], swept: SweptSetting): CurvePoint[] {
  const limits = fastest(lines);
  if (!limits) return [];
  return sweep(lines, swept).flatMap(({ x, model }) => [
    { x, y: (1e3 * model.operations) / limits.operationsPerSecond, curve: "bound by operations" },
    { x, y: (1e3 * model.bytes) / limits.bytesPerSecond, curve: "bound by memory" },
  ]);
}

/** Megabytes of centers with momentum, of the gathered sample and of the logits. */
export function memoryCurves(lines: readonly BenchmarkLine[], swept: SweptSetting): CurvePoint[] {
  return sweep(lines, swept).flatMap(({ x, model, size }) => [
    { x, y: model.tableBytes / 1e6, curve: "centers + momentum" },
    { x, y: (4 * model.sampled * size.embedding) / 1e6, curve: "sampled centers" },
    { x, y: model.logitsBytes / 1e6, curve: "logits, 4·N·rC" },
  ]);
}

/** The model along the swept setting, from the smallest to the largest that was measured. */
function sweep(
  lines: readonly BenchmarkLine[],
  swept: SweptSetting,
): { readonly x: number; readonly size: HeadSize; readonly model: HeadModel }[] {
  const sizes = linesOf(lines, "measurement").flatMap(({ settings }) => (isHeadSize(settings) ? [settings] : []));
  if (sizes.length === 0) return [];
  const xs = sizes.map((size) => size[swept]);
  return geometric(Math.min(...xs), Math.max(...xs)).map((along) => {
    const x = swept === "classes" ? Math.round(along) : Math.min(1, along);
    const size = { ...sizes[0], [swept]: x };
    return { x, size, model: headModel(size) };
  });
}

/** Of several engines the fastest: a bound that holds for all. */
function fastest(lines: readonly BenchmarkLine[]): MachineLimits | undefined {
  const limits = bestLimits(lines);
  if (limits.length === 0) return undefined;
  return {
    operationsPerSecond: Math.max(...limits.map(({ operationsPerSecond }) => operationsPerSecond)),
    bytesPerSecond: Math.max(...limits.map(({ bytesPerSecond }) => bytesPerSecond)),
  };
}

function isHeadSize(settings: object): settings is HeadSize {
  return ["classes", "embedding", "batch", "ratio", "update", "storage"].every((name) => name in settings);
}
