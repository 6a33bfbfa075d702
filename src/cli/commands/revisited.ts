/**
 * `pfc revisited`: the benchmark of Revisited Oxford and Paris on descriptors that were computed elsewhere. It needs no run, which is why it is
 * no protocol of `pfc evaluate`.
 */
import Table from "cli-table3";
import { Command } from "commander";
import { readFeaturesFile, type FeatureRows } from "../../data/readFeaturesFile.node.js";
import type { RevisitedGroundTruth } from "../../data/revisited/groundTruth.js";
import { readRevisitedGroundTruthFile } from "../../data/revisited/readGroundTruthFile.node.js";
import { normalizeRows, rowNorms } from "../../evaluation/normalizeRows.js";
import { evaluateRevisited } from "../../evaluation/revisited/evaluateRevisited.js";
import { PROTOCOLS } from "../../evaluation/revisited/groundTruth.js";
import type { RevisitedScores } from "../../evaluation/revisited/protocolScores.js";

interface RevisitedFlags {
  readonly groundTruth: string;
  readonly queries: string;
  readonly database: string;
  readonly distractors?: string;
  readonly normalise?: boolean;
  readonly json?: boolean;
}

/** The benchmark's. */
const KAPPAS = [1, 5, 10];
/** Rows whose length differs more from one were not brought to it. */
const LENGTH_TOLERANCE = 1e-3;

export function revisitedCommand(): Command {
  return new Command("revisited")
    .description("Revisited Oxford or Paris: mAP and mP@1, 5, 10 of descriptors from files; prints a table")
    .requiredOption("--ground-truth <file>", "the benchmark's gnd_roxford5k.pkl or gnd_rparis6k.pkl")
    .requiredOption(
      "--queries <file>",
      "descriptors of the queries: .npy, a row each, or of a .mat file Q, a column each",
    )
    .requiredOption(
      "--database <file>",
      "of the database's images, in the order of the ground truth: .npy, or X of a .mat file",
    )
    .option("--distractors <file>", "of more images, which show no landmark of a query: .npy, or X of a .mat file")
    .option("--normalise", "bring every descriptor to length one first; else they are compared as they are")
    .option("--json", "print JSON")
    .action(async (flags: RevisitedFlags) => {
      const read = await readBenchmark(flags);
      const { truth, queries, database, distractors } = read;
      const scores = await evaluateRevisited({
        ...{ queries: queries.rows, database: database.rows, distractors: distractors?.rows },
        ...{ embedding: queries.width, groundTruth: truth.queries, kappas: KAPPAS },
      });
      if (flags.json === true) console.log(JSON.stringify(asJson(flags, read, scores), null, 2));
      else console.log(asTable(scores));
    });
}

interface Benchmark {
  readonly truth: RevisitedGroundTruth;
  readonly queries: FeatureRows;
  readonly database: FeatureRows;
  readonly distractors?: FeatureRows;
}

/** @throws Error naming the file at fault: unreadable, or with other numbers of rows or columns than the others */
async function readBenchmark(flags: RevisitedFlags): Promise<Benchmark> {
  const truth = await readRevisitedGroundTruthFile(flags.groundTruth);
  const read = async (path: string, variable: string): Promise<FeatureRows> =>
    prepare(path, await readFeaturesFile(path, variable), flags);
  const queries = await read(flags.queries, "Q");
  checkCount(flags.queries, queries, flags.groundTruth, truth.queries.length, "queries");
  const database = await read(flags.database, "X");
  checkCount(flags.database, database, flags.groundTruth, truth.images.length, "images in its database");
  const distractors = flags.distractors === undefined ? undefined : await read(flags.distractors, "X");
  for (const [path, { width }] of [
    [flags.database, database],
    [flags.distractors, distractors ?? database],
  ] as const) {
    if (width === queries.width) continue;
    throw new Error(
      `${path}: descriptors that are compared have as many numbers, but these have ${width} and those of ${flags.queries} ${queries.width}.`,
    );
  }
  return { truth, queries, database, ...(distractors && { distractors }) };
}

function checkCount(path: string, { count }: FeatureRows, groundTruth: string, expected: number, what: string): void {
  if (count === expected) return;
  throw new Error(
    `${path}: ${groundTruth} has ${expected} ${what}, each with a descriptor, but this file has ${count}.`,
  );
}

/** Of length one where that is asked for; a note where it is not, and they differ. */
function prepare(path: string, features: FeatureRows, { normalise }: RevisitedFlags): FeatureRows {
  const { rows, width } = features;
  if (normalise === true) return { ...features, rows: normalizeRows(rows, width) };
  const norms = rowNorms(rows, width);
  if (norms.some((norm) => Math.abs(norm - 1) > LENGTH_TOLERANCE)) {
    const [least, most] = [norms.reduce((a, b) => Math.min(a, b)), norms.reduce((a, b) => Math.max(a, b))];
    console.error(
      `note: descriptors of ${path} have lengths of ${least.toPrecision(3)} to ${most.toPrecision(3)} and are compared as they are; --normalise compares their directions`,
    );
  }
  return features;
}

function asTable(scores: RevisitedScores): string {
  const percent = (share: number): string => (Number.isNaN(share) ? "–" : `${(100 * share).toFixed(2)} %`);
  const head = ["protocol", "queries", "mAP", ...KAPPAS.map((k) => `mP@${k}`)];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const protocol of PROTOCOLS) {
    const { queries, map, meanPrecisionAt } = scores[protocol];
    const name = protocol[0].toUpperCase() + protocol.slice(1);
    table.push([name, queries, percent(map), ...Array.from(meanPrecisionAt, percent)]);
  }
  return table.toString();
}

/** Shares in [0, 1]; null where no query counts. */
function asJson(
  { groundTruth, normalise = false }: RevisitedFlags,
  { queries, database, distractors }: Benchmark,
  scores: RevisitedScores,
): object {
  const protocols = PROTOCOLS.map((protocol) => {
    const { queries: counted, map, meanPrecisionAt, averagePrecisions } = scores[protocol];
    const numbers = {
      ...{ queries: counted, map, averagePrecisions: [...averagePrecisions] },
      meanPrecisionAt: KAPPAS.map((k, i) => ({ k, precision: meanPrecisionAt[i] })),
    };
    return [protocol, numbers] as const;
  });
  return {
    groundTruth,
    ...{ queries: queries.count, database: database.count, distractors: distractors?.count ?? 0 },
    ...{ embedding: queries.width, normalise, protocols: Object.fromEntries(protocols) },
  };
}
