/** `pfc predict <run>`: what a trained network takes its training images for, as the file from which CFCD's hard tuples are drawn. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import { QualityNetwork } from "../../crfiqa/index.js";
import { imageNames } from "../../data/ImageSet.js";
import { formatPredictions, parsePredictions } from "../../data/predictions.js";
import { buildHead } from "../../training/buildModel.js";
import { loadFinished } from "../../training/checkpoint.node.js";
import { predictClasses } from "../../training/predictClasses.js";
import { writeWhole } from "../../training/writeWhole.node.js";
import { checkPlace } from "../images/checkPlace.js";
import { withTrained, type Trained, type TrainedFlags } from "../withTrained.js";

export function predictCommand(): Command {
  return new Command("predict")
    .description("write what a trained run takes its training images for: a line `path true predicted score` an image")
    .argument("<run>", "run folder")
    .requiredOption("--out <file>", "file to write")
    .option("--data <folder>", "folder of the data set's files (or the environment variable PFC_DATA)")
    .option("--checkpoint <file>", "default: the best one of the run, else the last")
    .action(async (folder: string, { out, ...flags }: TrainedFlags & { readonly out: string }) => {
      checkPlace("--out", out, "predictions", isPredictions);
      await withTrained(folder, flags, async (trained) => {
        checkOtherThan(trained.predictions, out);
        await predict(trained, out);
      });
    });
}

async function predict({ engine, configuration, data, backbone, checkpoint }: Trained, out: string): Promise<void> {
  const set = data.train;
  const head = buildHead(engine, configuration, set.classes, () => undefined);
  const plain = backbone instanceof QualityNetwork ? backbone.backbone : backbone;
  await loadFinished(checkpoint, plain, head); // refused where the centers are of another number of classes
  const { predicted, scores } = await predictClasses({ engine, backbone: plain, head, set });
  const truth = set.labels;
  writeWhole(out, formatPredictions({ paths: imageNames(set), truth, predicted, scores }));
  const right = truth.filter((label, image) => label === predicted[image]).length;
  const share = ((100 * right) / set.count).toFixed(1);
  console.log(
    `${right} of ${set.count} training images (${share} %) of ${set.classes} classes are taken for their own class: ${resolve(out)}`,
  );
}

/** @throws Error for the run's own list, from which its tuples are drawn: with another one a run that is resumed would be another run */
function checkOtherThan(own: string, out: string): void {
  if (resolve(out) !== resolve(own) || !existsSync(own)) return;
  throw new Error(`--out: the run's own tuples are drawn from ${own}, which stays as it is; give another file.`);
}

function isPredictions(text: string): boolean {
  try {
    return parsePredictions(text, "").truth.length > 0;
  } catch {
    return false;
  }
}
