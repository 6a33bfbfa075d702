/** The page of results, in Markdown. */
import { DEGRADATIONS } from "../../src/data/degradation.js";
import type { Configuration } from "../../src/training/configuration.js";
import { claimTable, type Claim } from "../claim.js";
import { markdownSection, markdownTable } from "../markdown.js";
import { CONVENTIONS, FMRS, type Curves } from "./curves.js";
import type { Faces } from "./faces.js";
import type { FewClasses } from "./fewClasses.js";
import { figures } from "./figures.js";
import type { SeedResult } from "./measureSeed.js";
import type { SampledCenters } from "./sampledCenters.js";
import { METHODS } from "./scores.js";
import { CHOICE, PAIRS } from "./settings.js";
import { SEVERITIES } from "./severitySweep.js";
import type { Speed } from "./speed.js";
import type { VariantResult } from "./variants.js";
import { pictures } from "../namedFigure.js";

interface Size {
  readonly images: number;
  readonly classes: number;
}

export interface Results {
  readonly seeds: readonly SeedResult[];
  readonly variants: readonly VariantResult[];
  readonly sampled: readonly SampledCenters[];
  readonly few: readonly FewClasses[];
  readonly faces: readonly Faces[];
  readonly speed: Speed;
  readonly sizes: { readonly trained: Size; readonly tested: Size };
  readonly heldOut: boolean;
  readonly configuration: Configuration;
  readonly engine: string;
  /** User and system time of the whole process. */
  readonly processorSeconds: number;
}

const CONVENTION_NAMES = { fullSet: "threshold of the full set", perSubset: "threshold of each subset" } as const;

/** `folder`: of the figures, beside the page. */
export function page(results: Results, table: readonly Claim[], folder: string): string {
  const { seeds } = results;
  const drawn = figures(results);
  return [
    introduction(results),
    markdownSection("Claims", claimTable(table)),
    ...CONVENTIONS.map((convention) =>
      markdownSection(
        `Area under the error-versus-discard curve, ${CONVENTION_NAMES[convention]}`,
        areaTable(seeds, "other", convention),
      ),
    ),
    markdownSection(
      "The same, compared by the quality network itself (threshold of the full set)",
      areaTable(seeds, "own", "fullSet"),
    ),
    markdownSection("Curves at an FMR of 1e-2", pictures(drawn, folder, "discard")),
    markdownSection("Severity", `${severityTable(seeds)}\n\n${pictures(drawn, folder, "severity")}`),
    markdownSection("Score and target in training", pictures(drawn, folder, "correlation")),
    markdownSection("Recognition with and without the regression", recognitionTable(seeds)),
    markdownSection("Variants (first seed)", variantTable(results.variants)),
    markdownSection("Over a sample of the centers", sampledTable(results.sampled)),
    markdownSection("Four classes", fewTable(results.few)),
    markdownSection("Faces", faceTable(results.faces)),
    markdownSection("How the settings were chosen", CHOICE),
    markdownSection("Speed", speedText(results)),
  ].join("\n\n");
}

function introduction({ sizes, configuration, heldOut, seeds }: Results): string {
  const { network, head, quality, steps, batch } = configuration;
  return `# CR-FIQA at small scale

Written by \`npm run experiment:crfiqa -- --data <folder>\`${heldOut ? " with --held-out" : ""} (\`experiments/crfiqa.ts\`); do not edit.

Trained on ${sizes.trained.images} drawings of ${sizes.trained.classes} characters (Omniglot, background alphabets), tested on ${sizes.tested.images} drawings of
${sizes.tested.classes} characters of ${heldOut ? "held-out training" : "the evaluation"} alphabets. Every test image is degraded once: blur, noise, occlusion, low resolution or low contrast, of a severity
drawn evenly. ${PAIRS.genuine} genuine and ${PAIRS.impostor} impostor pairs. Networks: IResNet with stages of ${network.widths.join(", ")} channels, ${network.embedding} numbers an embedding,
ArcFace with scale ${head.margin.scale} and margin ${head.margin.margin}, λ ${quality.weight}, ${steps} steps of ${batch} images. Settings were chosen on held-out training alphabets
(\`--held-out\`, other seeds); the test half was evaluated once for each of the seeds ${seeds.map(({ seed }) => seed).join(" and ")}. A seed changes initial weights, batches, degradations and
pairs. "Other network": pairs are compared by a network of the other seed that was trained without quality. All baselines are computed
with the quality network unless they say otherwise. Embeddings of mirror images are not joined, since a mirrored character is another one. Areas are not normalised (0 to 0.95); lower is better. The oracle knows the severity, but not that kinds differ in what a severity does.`;
}

function areaTable(seeds: readonly SeedResult[], which: "other" | "own", convention: keyof Curves): string {
  const columns = seeds.flatMap((result) => FMRS.map((fmr, k) => ({ result, fmr, k })));
  const rows = METHODS.map((method) => [
    method === "CR-FIQA" ? "**CR-FIQA**" : method,
    ...columns.map(({ result, k }) => result[which][convention][method].areas[k].toFixed(3)),
    ...seeds.map((result) => result[which][convention][method].partial[0].toFixed(3)),
  ]);
  return markdownTable(
    [
      "quality",
      ...columns.map(({ result, fmr }) => `seed ${result.seed}, FMR ${fmr.toExponential(0)}`),
      ...seeds.map(({ seed }) => `seed ${seed}, pAUC to 0.3, relative, FMR 1e-2`),
    ],
    rows,
  );
}

function severityTable(seeds: readonly SeedResult[]): string {
  return markdownTable(
    ["degradation", "seed", ...SEVERITIES.map((severity) => `severity ${severity}`), "Spearman(score, −severity)"],
    DEGRADATIONS.flatMap((kind) =>
      seeds.map(({ seed, sweep }) => [
        kind,
        String(seed),
        ...sweep.means[kind].map((mean) => mean.toFixed(3)),
        sweep.correlations[kind].toFixed(2),
      ]),
    ),
  );
}

function recognitionTable(seeds: readonly SeedResult[]): string {
  const rows = seeds.flatMap(({ seed, withQuality, without }) =>
    [["with", withQuality] as const, ["without", without] as const].map(([name, { fnmr, accuracy, deviation }]) => [
      String(seed),
      name,
      fnmr.toFixed(3),
      `${(100 * accuracy).toFixed(1)} % ± ${(100 * deviation).toFixed(1)}`,
    ]),
  );
  return `Same seed, same initial weights, same batches.\n\n${markdownTable(["seed", "regression", "FNMR at FMR 1e-2, degraded pairs", "verification, undegraded images"], rows)}`;
}

function variantTable(variants: readonly VariantResult[]): string {
  return markdownTable(
    ["variant", "AUC at FMR 1e-2, full set", "each subset", "FNMR at FMR 1e-2 of its own network"],
    variants.map(({ name, areas, ownFnmr }) => [
      name,
      ...[areas[0], areas[1], ownFnmr].map((value) => value.toFixed(3)),
    ]),
  );
}

function sampledTable(rows: readonly SampledCenters[]): string {
  return `NNCCS over a sample is a lower bound of that over all centers, so that CR comes out too large. Batches of 32 training images, the first seed's network.\n\n${markdownTable(
    ["r", "mean NNCCS", "mean CR", "Spearman with CR at r = 1"],
    rows.map(({ ratio, negative, classifiability, correlation }) => [
      String(ratio),
      negative.toFixed(3),
      classifiability.toFixed(3),
      correlation.toFixed(3),
    ]),
  )}`;
}

function fewTable(rows: readonly FewClasses[]): string {
  return markdownTable(
    [
      "form of CR",
      "mean target of the worst step",
      "of the last step",
      "mean score at the end",
      "Spearman(score, target)",
    ],
    rows.map(({ form, worstTarget, lastTarget, score, correlation }) => [
      form,
      worstTarget.toPrecision(3),
      lastTarget.toPrecision(3),
      score.toPrecision(3),
      correlation.toFixed(2),
    ]),
  );
}

function faceTable(faces: readonly Faces[]): string {
  const spread = (values: readonly number[]): string => values.map((value) => value.toFixed(2)).join(", ");
  const tables = faces.map(
    ({ trainedOn, groups, eyes, pose }) => `Trained on ten people, ${trainedOn}:

${markdownTable(
  ["pose", "eyes", "pictures", "mean score, first half", "second half"],
  groups.map(({ pose, eyes, pictures, scores }) => [
    pose,
    eyes,
    String(pictures),
    ...scores.map((score) => score.toFixed(3)),
  ]),
)}

Sunglasses lower the mean score in ${lowered(groups)}. Spearman's correlation of the score with open eyes, by network: ${spread(eyes)}; with a face that is not in profile: ${spread(pose)}.`,
  );
  return `CMU Face Images (Mitchell 1997): heads of 20 people at 32 pixels, each half of the people scored by three networks that were trained on the other half.
A network that sees as many pictures with sunglasses as without has no reason to find the ones harder than the others; so a second set of networks saw neither sunglasses nor profiles.

${tables.join("\n\n")}`;
}

/** In how many poses and halves the mean score with sunglasses is below that without. */
function lowered(groups: Faces["groups"]): string {
  const open = groups.filter(({ eyes }) => eyes === "open");
  const checks = open.flatMap(({ pose, scores }) => {
    const covered = groups.find((other) => other.pose === pose && other.eyes === "sunglasses")!;
    return scores.map((score, half) => covered.scores[half] < score);
  });
  return `${checks.filter(Boolean).length} of ${checks.length} comparisons (pose and half)`;
}

function speedText({ speed, processorSeconds, engine }: Results): string {
  const { plain, quality, ratio, spread } = speed;
  return `A training step with the regression takes ${ratio.toFixed(3)} times that of one without (median of 60 pairs of steps in turn, 10th to 90th percentile ${spread
    .map((value) => value.toFixed(3))
    .join(
      " to ",
    )}; medians ${quality.toFixed(1)} and ${plain.toFixed(1)} ms). The whole experiment took ${processorSeconds.toFixed(0)} seconds of processor time on ${engine}.
`;
}
