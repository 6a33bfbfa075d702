/** The page of results, in Markdown. */
import { claimTable, type Claim } from "../claim.js";
import { markdownSection, markdownTable } from "../markdown.js";
import { percent } from "./claims.js";
import type { Agreement } from "./clustering.js";
import { SHORT, WIDTHS } from "./compactness.js";
import { RATIOS } from "./conflict.js";
import { HEAD, ROUNDS } from "./dualCost.js";
import { figures } from "./figures.js";
import type { SeedResult } from "./measureSeed.js";
import { CONFLICT, DRAWN, EMOJI, FINE_TUNED } from "./settings.js";
import { CHOICE } from "./choice.js";

export interface Results {
  readonly seeds: readonly SeedResult[];
  readonly sizes: Readonly<Record<"drawn" | "typed" | "emoji", Readonly<Record<"train" | "test", Size>>>>;
  readonly heldOut: boolean;
  readonly engine: string;
  readonly processorSeconds: number;
}

/** Of a part. */
export interface Size {
  readonly count: number;
  readonly classes: number;
}

/** `folder`: of the figures, beside the page. */
export function page(results: Results, table: readonly Claim[], folder: string): string {
  const { seeds } = results;
  const picture = (file: string): string => {
    const { title } = figures(seeds).find((figure) => figure.file === file)!;
    return `![${title}](${folder}/${file}.svg)\n*${title}*`;
  };
  return [
    introduction(results),
    markdownSection("Claims", claimTable(table)),
    markdownSection("Clusters of image and text", `${clusterTables(seeds)}\n\n${picture("fusion")}`),
    markdownSection("Pseudo-classes that conflict", conflictTable(seeds)),
    markdownSection("Embeddings that are cut short", `${prefixTables(seeds)}\n\n${picture("prefixes")}`),
    markdownSection("What a step of the head costs", costTable(seeds)),
    markdownSection("Clusters against instances", methodTable(seeds)),
    markdownSection("Few clusters and many", `${granularityTable(seeds)}\n\n${picture("granularity")}`),
    markdownSection("Micro-batches", microTable(seeds)),
    markdownSection("How the settings were chosen", CHOICE),
  ]
    .join("\n\n")
    .concat("\n");
}

function introduction({ sizes, heldOut, seeds, engine, processorSeconds }: Results): string {
  const of = (name: "drawn" | "typed" | "emoji", what: string): string => {
    const { train, test } = sizes[name];
    return `${what}: ${train.count} images of ${train.classes} classes for training, ${test.count} of ${test.classes} others for the test`;
  };
  return `# Unicom at small scale

Written by \`npm run experiment:unicom -- --data <folder>\`${heldOut ? " with --held-out" : ""} (\`experiments/unicom.ts\`); do not edit.

${of("drawn", "Omniglot")}${heldOut ? " (held-out training classes)" : " (every third class of the evaluation half)"}. ${of("typed", "Glyphs")}. ${of("emoji", "Emoji")}. Networks: IResNets with stages of ${DRAWN.network!.widths!.join(", ")} channels,
${DRAWN.network!.embedding} numbers an embedding, CosFace with scale ${DRAWN.head!.margin!.scale} and margin ${DRAWN.head!.margin!.margin}, SGD with a cosine schedule; ${DRAWN.steps} steps of ${DRAWN.batch} characters of ${DRAWN.dataset!.side} pixels, ${EMOJI.steps} of emoji of
${EMOJI.dataset!.side} pixels in colour. On Glyphs a perceptron with two hidden layers of ${CONFLICT.hidden}, ${CONFLICT.steps} steps of ${CONFLICT.batch} characters of 16 pixels. Settings were chosen on held-out classes of the training parts (\`--held-out\`, other seeds); the test parts were evaluated once for each of the seeds ${seeds.map(({ seed }) => seed).join(" and ")}. A seed changes initial
weights, batches, captions and where k-means starts. R@1: the nearest of all other test images has the query's class, in percent. ${processorSeconds.toFixed(0)} seconds of processor time on ${engine}.`;
}

function clusterTables(seeds: readonly SeedResult[]): string {
  const cells = (agreements: readonly Agreement[]): string[] =>
    agreements.map((agreement) => `${agreement.purity.toFixed(3)} / ${agreement.mutualInformation.toFixed(3)}`);
  const rows = seeds.flatMap(({ seed, clustering: { world, emoji } }) => [
    ["two views of 200 latent classes", String(seed), ...cells(world)],
    ...emoji.map(({ words, agreements }) => [
      `emoji, ${words === "all" ? "all words of the class" : `captions of ${words} ${words === 1 ? "word" : "words"}`}`,
      String(seed),
      ...cells(agreements),
    ]),
  ]);
  const noise = seeds.map(({ clustering: { noise: { image, average } } }) => `${image.toFixed(3)} and ${average.toFixed(3)}`); // prettier-ignore
  return `Purity / normalised mutual information with the true classes of spherical k-means into as many clusters as there are classes, on test classes that nothing was trained on. Image: pixels averaged to 8 × 8. Text: hashed n-grams of a caption, words drawn
for every image from those of its class; a stand-in for CLIP's text tower. With all its words a caption is the class by another name, and nothing can be added to it.
Pixels and n-grams share a width and no space, as CLIP's two towers do: in the average of two rows the cosines of images and of texts are joined by two that mean nothing, and \`concat\`, which has none of these, is the better one where captions are short.

${markdownTable(["features", "seed", "image", "text", "average", "concat"], rows)}

Mean squared distance of a view and of the average of both from the class's direction in the first rows: ${noise.join("; ")}. Independent noise of equal size halves its variance in a mean; bringing rows back to length one takes part of that.`;
}

function conflictTable(seeds: readonly SeedResult[]): string {
  return markdownTable(
    ["classes", "number", "purity", "seed", ...RATIOS.map((ratio) => `r = ${ratio}`)],
    seeds.flatMap(({ seed, conflict }) =>
      conflict.map(({ classes, count, purity, recall }) => [
        classes,
        String(count),
        purity.toFixed(2),
        String(seed),
        ...recall.map(percent),
      ]),
    ),
  );
}

function prefixTables(seeds: readonly SeedResult[]): string {
  const rows = (which: "sliceThenNormalise" | "normaliseThenSlice"): string[][] =>
    seeds.flatMap(({ seed, compactness }) =>
      compactness.map((of) => [
        String(of.features),
        String(seed),
        ...of[which].map(({ recall }) => percent(recall)),
        ...(which === "sliceThenNormalise" ? [of.participationRatio.toFixed(1), of.loss.toFixed(2)] : []),
      ]),
    );
  const widths = WIDTHS.map((width) => `first ${width}`);
  const subsets = seeds.flatMap(({ seed, compactness }) =>
    compactness.map(({ features, subsets: found }) => [
      String(features),
      String(seed),
      ...found.map(({ mean, least, largest }) => `${percent(mean)} (${percent(least)} to ${percent(largest)})`),
    ]),
  );
  return `R@1 of the first dimensions, cut and then normalised, as training does:

${markdownTable(["f of 128", "seed", ...widths, "participation ratio", "last loss"], rows("sliceThenNormalise"))}

Normalised and then cut, as the public evaluation does, ranked by distance:

${markdownTable(["f of 128", "seed", ...widths], rows("normaliseThenSlice"))}

Rows that were normalised before they were cut keep in their length how much of the embedding lies elsewhere, one number more than their direction; of four dimensions that is much.

Of random dimensions, mean and range of eight draws, cut and then normalised:

${markdownTable(["f of 128", "seed", ...SHORT.map((width) => `${width} dimensions`)], subsets)}`;
}

function costTable(seeds: readonly SeedResult[]): string {
  const [first] = seeds;
  const rows = first.dualCost.map(({ ratio, features, operations, bytes }, i) => [
    String(ratio),
    String(features),
    operations.toFixed(3),
    bytes.toFixed(3),
    ...seeds.map(({ dualCost }) => `${dualCost[i].time.toFixed(3)} (${dualCost[i].milliseconds.toFixed(0)} ms)`),
  ]);
  return `${HEAD.classes.toLocaleString("en")} classes, ${HEAD.embedding} dimensions, a batch of ${HEAD.batch}, the fused path, one thread: median of ${ROUNDS} steps of the head in turn. The exponentials of N·S logits and the update of whole rows (momentum and decay move the dimensions that were not selected as well) do not shrink with f.

${markdownTable(["r", "f", "operations", "bytes of compared centers", ...seeds.map(({ seed }) => `time, seed ${seed}`)], rows)}`;
}

function methodTable(seeds: readonly SeedResult[]): string {
  const [first] = seeds;
  const rows = first.discrimination.methods.map(({ name }, i) => [
    name,
    ...seeds.flatMap(({ discrimination: { methods } }) => {
      const { judgement, mutualInformation } = methods[i];
      return [
        mutualInformation?.toFixed(3) ?? "–",
        percent(judgement.recallAtOne),
        percent(judgement.nearestNeighbours),
      ];
    }),
  ]);
  const head = seeds.flatMap(({ seed }) => [`NMI, seed ${seed}`, `R@1, seed ${seed}`, `5-NN, seed ${seed}`]);
  return `The same network, batches, augmentation, optimizer and steps, on emoji without their labels but in the last row. The augmentation is the preset's and the temperature 0.1, neither chosen for InfoNCE, and its result hangs on them: on the held-out classes (seed 101) it has 35.6 with these,
43.3 with a narrower augmentation (3 degrees, 3 percent), 16.6 with a wider one; clusters of images have 42.5 and 40.7 with the first two, clusters of image and text 46.2 with the first; pixels that nothing was trained on 39.3, and 35.6 on the test. So what is compared here is not clusters with instances at their best. NMI: of the clusters with the true classes of the training images.\n\n${markdownTable(["trained on", ...head], rows)}`;
}

function granularityTable(seeds: readonly SeedResult[]): string {
  const [first] = seeds;
  return markdownTable(
    ["clusters", ...seeds.flatMap(({ seed }) => [`NMI, seed ${seed}`, `R@1, seed ${seed}`])],
    first.discrimination.granularity.map(({ clusters }, i) => [
      String(clusters),
      ...seeds.flatMap(({ discrimination: { granularity } }) => [
        granularity[i].mutualInformation!.toFixed(3),
        percent(granularity[i].judgement.recallAtOne),
      ]),
    ]),
  );
}

function microTable(seeds: readonly SeedResult[]): string {
  const [first] = seeds;
  const rows = first.microBatches.tuned.map(({ batch }, i) => [
    String(batch),
    String(16 / batch),
    ...seeds.map(({ microBatches }) => percent(microBatches.tuned[i].judgement.recallAtOne)),
  ]);
  const before = ["before", "", ...seeds.map(({ microBatches }) => percent(microBatches.base.recallAtOne))];
  return `A network trained on clusters, fine-tuned on true classes: ${FINE_TUNED.steps} updates of 16 emoji, a one-cycle schedule, class centers at five times the rate.\n\n${markdownTable(
    ["images of a pass", "passes of an update", ...seeds.map(({ seed }) => `R@1, seed ${seed}`)],
    [before, ...rows],
  )}`;
}
