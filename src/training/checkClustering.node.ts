/**
 * Whether pseudo-classes are of the images that are trained on. A file of labels says how many there are and no more; `pfc cluster` puts beside
 * it, in `cluster.json`, which images they are of. Files without that, or of features from elsewhere, leave nothing to compare.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { configurationSchema, type Configuration } from "./configuration.js";

const record = z.object({
  settings: z.object({ dataset: configurationSchema.shape.dataset, seed: configurationSchema.shape.seed }),
});

/** What decides which images there are, where their number does not show it: built-in identities are drawn by the seed. */
function imagesOf({ dataset, seed }: Pick<Configuration, "dataset" | "seed">): [flag: string, value: unknown][] {
  const { name, identities, samples } = dataset;
  const drawn: [string, unknown][] = [
    ["--seed", seed],
    ["--set dataset.identities", identities],
    ["--set dataset.samples", samples],
  ];
  return [["--dataset", name], ...(name === "builtin" ? drawn : [])];
}

/** @throws Error that names the flag by which the images that were clustered differ from those to train on */
export function checkClustering({ dataset, seed }: Pick<Configuration, "dataset" | "seed">): void {
  const { file } = dataset.pseudoLabels;
  if (file === "") return;
  const beside = join(dirname(file), "cluster.json");
  const clustered = settingsIn(beside);
  if (!clustered) return;
  const wanted = new Map(imagesOf({ dataset, seed }));
  for (const [flag, value] of imagesOf(clustered)) {
    if (wanted.get(flag) === value) continue;
    throw new Error(
      `pseudo-labels: ${file} are classes of other images than those to train on: they were found with ${flag} ${String(value)} (${beside}), ` +
        `and this run has ${String(wanted.get(flag))}; train with the same, or cluster these images.`,
    );
  }
}

/** undefined where there are none, or none of a data set. */
function settingsIn(file: string): Pick<Configuration, "dataset" | "seed"> | undefined {
  try {
    return record.safeParse(JSON.parse(readFileSync(file, "utf8"))).data?.settings;
  } catch {
    return undefined;
  }
}
