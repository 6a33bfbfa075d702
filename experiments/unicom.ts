/**
 * Unicom at small scale: what clusters, samples of classes and selections of dimensions do on Omniglot, Glyphs and Emoji.
 *
 *     npm run experiment:unicom -- --data <folder>              writes docs/results/unicom.md and its figures
 *     npm run experiment:unicom -- --data <folder> --held-out   on held-out training classes, to choose settings with; prints
 *     npm run experiment:unicom -- --page                       the page and its figures again, from the numbers that the last run wrote
 *
 * Two seeds, some fifteen minutes of processor time. The exit status is 1 where what has to hold on any machine does not: one selection for all
 * ranks makes them one rank (claim 6). All others are results, whichever way they go.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { openEngine } from "../src/tensor/openEngine.js";
import { processorSeconds, readOptions, type ExperimentOptions } from "./readOptions.js";
import type { Engine } from "../src/tensor/engine.js";
import { claims } from "./unicom/claims.js";
import { figures } from "./unicom/figures.js";
import { openImages, type Parts } from "./unicom/images.js";
import { measureSeed, type SeedResult } from "./unicom/measureSeed.js";
import { page } from "./unicom/page.js";
import type { Results, Size } from "./unicom/results.js";

const SEEDS = [1, 2] as const;
/** Settings are chosen with other seeds than those that are reported. */
const HELD_OUT_SEEDS = [101, 102] as const;
const FIGURES = "unicom";

async function measure(engine: Engine, { data, heldOut }: ExperimentOptions): Promise<Results> {
  const images = await openImages(data, heldOut);
  const say = (text: string): void => console.log(`${processorSeconds().toFixed(0).padStart(4)} s  ${text}`);
  const seeds: SeedResult[] = [];
  for (const seed of heldOut ? HELD_OUT_SEEDS : SEEDS) seeds.push(await measureSeed(engine, images, seed, say));
  return {
    seeds,
    sizes: { drawn: sizesOf(images.drawn), typed: sizesOf(images.typed), emoji: sizesOf(images.emoji) },
    heldOut,
    engine: engine.name,
    processorSeconds: processorSeconds(),
  };
}

/** What the page says of a part. */
function sizesOf({ train, test }: Parts): Record<"train" | "test", Size> {
  const size = ({ count, classes }: Size): Size => ({ count, classes });
  return { train: size(train), test: size(test) };
}

async function measured(options: ExperimentOptions): Promise<Results> {
  const engine = await openEngine("wasm", { threads: 1 }); // a waiting thread costs processor time
  try {
    return await measure(engine, options);
  } finally {
    await engine.close();
  }
}

async function main(): Promise<void> {
  const options = readOptions("Omniglot, Glyphs and Emoji");
  const folder = path.join(options.out, FIGURES);
  const numbers = path.join(folder, "results.json");
  const results = options.page ? (JSON.parse(readFileSync(numbers, "utf8")) as Results) : await measured(options);
  if (!options.heldOut) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(numbers, `${JSON.stringify(results, null, 1)}\n`);
  }
  const table = claims(results);
  for (const { number, text, measured: found, holds } of table)
    console.log(`${holds.padEnd(13)} claim ${number}: ${text}: ${found}`);
  if (table.some(({ number, holds }) => number === 6 && holds !== "holds")) process.exitCode = 1;
  if (options.heldOut) {
    console.log(page(results, table, FIGURES));
    return;
  }
  for (const { file, svg } of figures(results.seeds)) writeFileSync(path.join(folder, `${file}.svg`), `${svg}\n`);
  const file = path.join(options.out, "unicom.md");
  writeFileSync(file, page(results, table, FIGURES));
  console.log(`written: ${file}`);
}

try {
  await main();
} catch (error) {
  console.error(`unicom: ${(error as Error).message}`);
  process.exitCode = 1;
}
