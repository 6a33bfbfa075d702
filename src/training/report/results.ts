/** The table of results: one row a run, the same on the terminal and in the report. */
import type { QualityResult } from "../metrics.js";
import { median, type RunSummary } from "./runSummary.js";

export interface ResultsTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A dash stands for what a run has not measured; columns of one-shot, pair files and quality are there where some run has them. */
export function resultsTable(runs: readonly RunSummary[]): ResultsTable {
  const oneShot = runs.some((run) => run.test?.result.oneShot !== undefined);
  const quality = runs.some((run) => run.test?.result.quality !== undefined);
  const pairSets = [...new Set(runs.flatMap((run) => run.test?.result.pairSets?.map(({ name }) => name) ?? []))];
  return {
    head: [
      "run",
      "r",
      "centers a step",
      "R@1",
      "verification",
      "TAR@FAR 1e-3",
      "EER",
      ...(oneShot ? ["one-shot"] : []),
      ...pairSets,
      ...(quality ? ["discard area (random)"] : []),
      "head ms",
      "step ms",
      "head bytes a step",
    ],
    rows: runs.map((run) => {
      const result = run.test?.result;
      const tar = result?.tarAtFar.find(({ far }) => far === 1e-3)?.tar;
      return [
        run.name,
        String(run.configuration.head.ratio),
        run.cost && run.steps.length > 0
          ? `${median(run.steps.map((line) => line.sampled))} of ${run.cost.classes}`
          : "–",
        percent(result?.recallAt1),
        accuracy(result?.verification),
        percent(tar),
        percent(result?.equalErrorRate),
        ...(oneShot ? [percent(result?.oneShot)] : []),
        ...pairSets.map((name) => accuracy(result?.pairSets?.find((pairs) => pairs.name === name))),
        ...(quality ? [discardArea(result?.quality)] : []),
        fixed(median(run.steps.flatMap((line) => line.time.headMilliseconds ?? []))),
        fixed(median(run.steps.map((line) => line.time.stepMilliseconds))),
        run.cost ? bytes(run.cost.logitBytes + run.cost.gatheredBytes) : "–",
      ];
    }),
  };
}

/** Of verification: mean and deviation over the folds. */
function accuracy(measured: { readonly accuracy: number; readonly deviation: number } | undefined): string {
  return measured ? `${percent(measured.accuracy)} ± ${(100 * measured.deviation).toFixed(1)}` : "–";
}

/** Under the error-versus-discard curve of the scores, and of chance, at the first FMR. */
function discardArea(quality: QualityResult | undefined): string {
  const area = (name: string): string | undefined =>
    quality?.methods.find((method) => method.name === name)?.fullSet.areas[0].toFixed(3);
  return quality ? `${area("quality")} (${area("random")})` : "–";
}

function percent(share: number | undefined): string {
  return share === undefined ? "–" : `${(100 * share).toFixed(1)} %`;
}

function fixed(value: number): string {
  return Number.isNaN(value) ? "–" : value.toFixed(1);
}

/** "1.9 MB": decimal units. */
export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3));
  return `${(count / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
