/** `pfc retrieve <query>`: the images of a gallery that a trained network takes for nearest, as a table and as a page. */
import { basename, extname, resolve } from "node:path";
import { Command, Option } from "commander";
import type { Box } from "../../data/cropBox.js";
import { DATA_SET_NAMES } from "../../data/DataSet.js";
import { openConfigured } from "../../training/openConfigured.js";
import { isRetrievalSheet, retrievalSheet, type RetrievalSheet } from "../../training/report/retrievalSheet.js";
import { holdsRetrieval, retrievalAsCsv, retrievalAsJson, type Retrieval } from "../../training/retrievalTable.js";
import { RunFolder } from "../../training/runFolder.node.js";
import { openTrainedBackbone } from "../../training/trainedBackbone.node.js";
import { writeWhole } from "../../training/writeWhole.node.js";
import { checkPlace } from "../images/checkPlace.js";
import { openImageSource, PARTS, type DataSetFlags } from "../images/openImageSource.js";
import { reportSkipped } from "../images/withProgress.js";
import { numberList, SCALES_HELP, wholeNumber } from "../numbers.js";
import { retrieve } from "../retrieve/retrieve.js";

interface RetrieveFlags extends DataSetFlags {
  readonly gallery: string;
  readonly model: string;
  readonly checkpoint?: string;
  readonly top: number;
  readonly dimensions?: number;
  readonly scales?: readonly number[];
  readonly crop?: Box;
  readonly sheet: string;
  readonly out?: string;
}

export function retrieveCommand(): Command {
  return new Command("retrieve")
    .description("find the images of a gallery that are nearest to a query; prints CSV, writes a page")
    .argument("<query>", "an image; or of a data set as gallery the number of one of its images")
    .requiredOption("--gallery <images>", `a folder of images, or a data set: ${DATA_SET_NAMES.join(", ")}`)
    .requiredOption("--model <run>", "run whose network embeds them")
    .option("--checkpoint <file>", "default: the best one of the run, else the last")
    .addOption(new Option("--top <n>", "images to find").argParser(wholeNumber(1, 10_000)).default(24))
    .addOption(
      new Option("--dimensions <n>", "compare the first n dimensions of the embedding only (default: all)").argParser(
        wholeNumber(1, 65_536),
      ),
    )
    .addOption(
      new Option("--crop <x1,y1,x2,y2>", "ask about this part of the query only, in its pixels").argParser(
        numberList(4),
      ),
    )
    .addOption(new Option("--scales <list>", SCALES_HELP).argParser(numberList()))
    .option("--sheet <file>", "page of the query and what was found (.html)", "retrieve.html")
    .option("--out <file>", "write the table there instead of printing it: .csv, or .json")
    .option("--data <folder>", "of a data set: folder of its files (or the environment variable PFC_DATA)")
    .addOption(new Option("--part <part>", "of a data set (default: test)").choices([...PARTS]))
    .action(async (query: string, flags: RetrieveFlags) => {
      checkOutputs(flags);
      const found = await find(query, flags);
      writeResults(found, flags);
      reportSkipped(found.skipped, found.skipped.length + found.compared);
      console.error(`page: ${resolve(flags.sheet)}`);
    });
}

async function find(query: string, flags: RetrieveFlags): Promise<RetrievalSheet> {
  const { gallery, model, checkpoint, top, scales, crop } = flags;
  const { configuration } = await RunFolder.open(model);
  const { embedding } = configuration.network;
  const { dimensions = embedding } = flags;
  if (dimensions > embedding) {
    throw new Error(`--dimensions: embeddings of ${model} have ${embedding} dimensions; given ${dimensions}.`);
  }
  const engine = await openConfigured(configuration);
  try {
    const trained = await openTrainedBackbone(engine, model, { checkpoint });
    const format = trained.images;
    const opened = await openImageSource(gallery, flags, {
      format,
      trained: configuration,
      what: "a gallery is",
      verb: "searched",
    });
    try {
      const name = basename(resolve(model));
      return await retrieve({ engine, trained, model: name, query, gallery, opened, top, dimensions, scales, crop });
    } finally {
      await opened.close?.();
    }
  } finally {
    await engine.close();
  }
}

function checkOutputs({ out, sheet }: RetrieveFlags): void {
  if (extname(sheet) !== ".html") throw new Error(`--sheet: the page is an .html file, given ${sheet}.`);
  checkPlace("--sheet", sheet, "page of nearest images", isRetrievalSheet);
  if (out === undefined) return;
  if (![".csv", ".json"].includes(extname(out))) {
    throw new Error(`--out: the table is written as .csv or as .json, given ${out}.`);
  }
  checkPlace("--out", out, "table of nearest images", holdsRetrieval);
}

function writeResults(found: RetrievalSheet, { out, sheet }: RetrieveFlags): void {
  const { picture: _, text: __, ...rest } = found;
  const nearest = found.nearest.map(({ picture: _, text: __, ...image }) => image);
  const retrieval: Retrieval = { ...rest, nearest };
  const table = out !== undefined && extname(out) === ".json" ? retrievalAsJson(retrieval) : retrievalAsCsv(retrieval);
  if (out === undefined) process.stdout.write(table);
  else writeWhole(out, table);
  writeWhole(sheet, retrievalSheet(found));
}
