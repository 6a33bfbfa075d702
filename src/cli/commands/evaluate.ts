/** `pfc evaluate <run>`: the protocols of the report, or those of retrieval, on the unseen classes or on those held out for validation. */
import { Command, InvalidArgumentError, Option } from "commander";
import { checkScales } from "../../training/embedBatch.js";
import { embedImages } from "../../training/embedImages.js";
import { evaluateModel } from "../../training/evaluateModel.node.js";
import { evaluateProtocols, PROTOCOLS, type Protocol } from "../../training/evaluateProtocols.js";
import { numberList, SCALES_HELP } from "../numbers.js";
import { withTrained, type Trained, type TrainedFlags } from "../withTrained.js";

interface EvaluateFlags extends TrainedFlags {
  readonly part: "test" | "validation";
  readonly protocol?: readonly Protocol[];
  readonly scales?: readonly number[];
}

export function evaluateCommand(): Command {
  return new Command("evaluate")
    .description("evaluate a trained run; prints JSON")
    .argument("<run>", "run folder")
    .option("--data <folder>", "folder of the data set's files (or the environment variable PFC_DATA)")
    .option("--checkpoint <file>", "default: the best one of the run, else the last")
    .addOption(
      new Option("--part <part>", "unseen or held-out classes").choices(["test", "validation"]).default("test"),
    )
    .option(
      "--protocol <name>",
      `of retrieval, in place of those of the report: ${PROTOCOLS.join(", ")}; may be repeated`,
      oneMore,
    )
    .addOption(new Option("--scales <list>", `with --protocol: ${SCALES_HELP}`).argParser(numberList()))
    .action(async (folder: string, { part, protocol, scales, ...flags }: EvaluateFlags) => {
      if (scales && !protocol) {
        throw new Error(
          "--scales is of the retrieval protocols; name them with --protocol, such as --protocol recall.",
        );
      }
      await withTrained(folder, flags, async (trained) => {
        const { step } = trained;
        const result = protocol
          ? await retrievalNumbers(trained, part, protocol, scales)
          : await reportNumbers(trained, part);
        console.log(JSON.stringify({ run: folder, step, part, ...result }, null, 2));
      });
    });
}

function oneMore(text: string, earlier: readonly Protocol[] = []): readonly Protocol[] {
  const protocol = PROTOCOLS.find((known) => known === text);
  if (protocol) return [...earlier, protocol];
  throw new InvalidArgumentError(`Protocols are ${PROTOCOLS.join(", ")}.`);
}

async function reportNumbers(
  { engine, configuration, data, backbone }: Trained,
  part: EvaluateFlags["part"],
): Promise<object> {
  const { embedding } = configuration.network;
  return (await evaluateModel({ engine, backbone, data, part, embedding })).result;
}

async function retrievalNumbers(
  { engine, configuration, data, backbone }: Trained,
  part: EvaluateFlags["part"],
  protocols: readonly Protocol[],
  scales?: readonly number[],
): Promise<object> {
  const set = data[part];
  if (!set) throw new Error(`data set ${data.name} has no ${part} part: it was opened without held-out classes.`);
  const { kind, embedding } = configuration.network;
  if (scales) checkScales(scales, backbone, kind);
  const embeddings = await embedImages({ engine, backbone, set, scales }); // [N, E]
  const results = await evaluateProtocols({ engine, set, embeddings, embedding, protocols });
  return { images: set.count, classes: set.classes, embedding, ...(scales && { scales }), protocols: results };
}
