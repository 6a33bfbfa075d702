/** Steps of the head, at one size or at several ratios: all alternatives in turn, on as few tables of centers as they can share. */
import { measureAlternatives, type BenchmarkRun, type Works } from "./benchmarkRun.js";
import { engineKey, type Alternative, type Engines } from "./engines.js";
import { headModel, type HeadSize } from "./headModel.js";
import { headTable, headWork, type HeadPath, type HeadTable } from "./headWork.js";
import { LIMIT_BYTES } from "./limitWorks.js";
import type { MeasurementLine } from "./lines.js";
import { assertFits, neededBytes } from "./memoryFit.js";
import { ratiosLine } from "./ratios.js";

export interface HeadAlternative extends Alternative {
  readonly size: HeadSize;
  readonly path: HeadPath;
  /** What is measured: alternatives of one name are compared. */
  readonly name: string;
}

/** @throws Error, before anything is allocated, if the tables do not fit into memory */
export async function benchHead(
  alternatives: readonly HeadAlternative[],
  run: BenchmarkRun,
): Promise<MeasurementLine[]> {
  const tables = new Set(alternatives.map(tableKey)).size;
  const sizes = alternatives.map(({ size, path }) => ({ ...size, path }));
  const { classes, embedding } = sizes[0];
  const what = `a head of ${classes} classes of ${embedding} numbers${tables > 1 ? `, ${tables} of them in turn,` : ""}`;
  assertFits(neededBytes(sizes, tables), run.availableMemory(), what);
  let onDevice: { readonly deviceBytes: number } | undefined;
  const watched = async (engines: Engines): Promise<Works> => {
    const held = await headWorks(engines, alternatives);
    const device = engines.all.find(({ kind }) => kind === "gpu");
    return {
      works: held.works,
      dispose: () => {
        if (device) onDevice = { deviceBytes: device.memory().peak };
        held.dispose();
      },
    };
  };
  const measured = await measureAlternatives(alternatives, watched, run);
  if (alternatives.length === 1 && measured.length > 0) {
    const { tableBytes } = headModel(sizes[0]);
    const benchmarkBytes = alternatives[0].engine === "wasm" ? LIMIT_BYTES : 0;
    run.onLine({ kind: "memory", classes, peakBytes: run.peakMemory(), ...onDevice, tableBytes, benchmarkBytes });
  }
  return measured;
}

/** The same at several ratios, and what the sweep says of every variant. */
export async function benchRatios(
  alternatives: readonly HeadAlternative[],
  run: BenchmarkRun,
): Promise<MeasurementLine[]> {
  const measured = await benchHead(alternatives, run);
  for (const variant of new Set(alternatives.map((alternative) => alternative.variant))) {
    const steps = measured.filter((line) => line.variant === variant && "ratio" in line.settings);
    if (steps.length > 0) run.onLine(ratiosLine(variant, steps));
  }
  return measured;
}

async function headWorks(engines: Engines, alternatives: readonly HeadAlternative[]): Promise<Works> {
  const tables = new Map<string, HeadTable>();
  const works = [];
  for (const alternative of alternatives) {
    const key = tableKey(alternative);
    const table = tables.get(key) ?? (await headTable(await engines.open(alternative), alternative.size));
    tables.set(key, table);
    works.push(headWork(table, alternative.size, alternative.path, alternative));
  }
  return {
    works,
    dispose: () => {
      for (const table of tables.values()) table.dispose();
    },
  };
}

function tableKey({ size, ...choice }: HeadAlternative): string {
  return JSON.stringify([engineKey(choice), size.classes, size.embedding, size.update, size.storage]);
}
