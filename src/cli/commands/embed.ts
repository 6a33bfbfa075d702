/** `pfc embed <run>`: embeddings of a part of the data set as a safetensors file. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { embedImages } from "../../training/embedImages.js";
import { openSafetensors, writeSafetensors } from "../../training/safetensors.node.js";
import { withTrained, type TrainedFlags } from "../withTrained.js";

const FORMAT = "partial-fc/embeddings-1";
const PARTS = ["train", "validation", "test", "oneShot"] as const;

interface EmbedFlags extends TrainedFlags {
  readonly part: (typeof PARTS)[number];
  readonly out: string;
}

export function embedCommand(): Command {
  return new Command("embed")
    .description("write embeddings [N, E] and labels [N] of a part of the data set to a safetensors file")
    .argument("<run>", "run folder")
    .requiredOption("--out <file>", "file to write")
    .option("--data <folder>", "folder of the data set's files (or the environment variable PFC_DATA)")
    .option("--checkpoint <file>", "default: the best one of the run, else the last")
    .addOption(new Option("--part <part>", "part of the data set").choices([...PARTS]).default("test"))
    .action(async (folder: string, { part, out, ...flags }: EmbedFlags) => {
      if (existsSync(out) && !(await holdsEmbeddings(out))) {
        throw new Error(`${out} is there already and holds no embeddings; name another file with --out.`);
      }
      await withTrained(folder, flags, async ({ engine, configuration, data, backbone }) => {
        const set = data[part];
        if (!set) throw new Error(`data set ${data.name}, as this run opens it, has no part "${part}".`);
        const embeddings = await embedImages({ engine, backbone, set }); // [N, E]
        const { embedding } = configuration.network;
        await writeSafetensors(
          out,
          [
            { name: "embeddings", dtype: "F32", shape: [set.count, embedding], chunks: () => [embeddings] },
            { name: "labels", dtype: "F32", shape: [set.count], chunks: () => [Float32Array.from(set.labels)] },
          ],
          { format: FORMAT, dataset: data.name, part, run: folder },
        );
        console.log(`${set.count} embeddings of ${embedding} numbers: ${resolve(out)}`);
      });
    });
}

/** Whether a file was written by this command, so that it may be written anew. */
async function holdsEmbeddings(path: string): Promise<boolean> {
  try {
    const file = await openSafetensors(path);
    await file.close();
    return file.metadata.format === FORMAT;
  } catch {
    return false;
  }
}
