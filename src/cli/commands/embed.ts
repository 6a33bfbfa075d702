/** `pfc embed <run>`: embeddings of a part of the data set as a safetensors file. */
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { openEngine } from "../../tensor/openEngine.js";
import { buildBackbone } from "../../training/buildModel.js";
import { loadBackbone } from "../../training/checkpoint.node.js";
import { embedImages } from "../../training/embedImages.js";
import { RunFolder } from "../../training/runFolder.node.js";
import { writeSafetensors } from "../../training/safetensors.node.js";
import { openData } from "../../training/train.node.js";
import { newestModel } from "./evaluate.js";

const PARTS = ["train", "validation", "test", "oneShot"] as const;

interface EmbedFlags {
  readonly data?: string;
  readonly checkpoint?: string;
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
    .action(async (folder: string, { data: files, checkpoint, part, out }: EmbedFlags) => {
      const { run, configuration } = await RunFolder.open(folder);
      const data = await openData(configuration, files);
      const set = data[part];
      if (!set) throw new Error(`data set ${data.name}, as this run opens it, has no part "${part}".`);
      const engine = await openEngine(configuration.engine);
      try {
        const backbone = buildBackbone(engine, configuration, { channels: set.channels, side: set.height });
        await loadBackbone(checkpoint ?? newestModel(run), backbone);
        const embeddings = await embedImages({ engine, backbone, set });
        const { embedding } = configuration.network;
        await writeSafetensors(
          out,
          [
            { name: "embeddings", dtype: "F32", shape: [set.count, embedding], chunks: () => [embeddings] },
            { name: "labels", dtype: "F32", shape: [set.count], chunks: () => [Float32Array.from(set.labels)] },
          ],
          { format: "partial-fc/embeddings-1", dataset: data.name, part, run: folder },
        );
        console.log(`${set.count} embeddings of ${embedding} numbers: ${resolve(out)}`);
      } finally {
        await engine.close();
      }
    });
}
