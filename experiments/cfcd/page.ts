/** The page of results, in Markdown. */
import { claimTable, type Claim } from "../claim.js";
import { markdownSection, markdownTable } from "../markdown.js";
import { pictures } from "../namedFigure.js";
import { noise } from "../noise.js";
import { CHOICE } from "./choice.js";
import { percent, standing } from "./claims.js";
import { figures } from "./figures.js";
import type { Fine } from "./fineStage.js";
import type { HeadResult } from "./grid.js";
import { MADACOS, MADACOS_CHOSEN, type Head } from "./heads.js";
import type { Judgement } from "./judge.js";
import type { SeedResult, Stages } from "./measureSeed.js";
import { READING } from "./reading.js";
import type { Results } from "./results.js";
import { COARSE, DRAWN, EMOJI, FINE } from "./settings.js";
import { IMAGE_SCALES } from "./severalScales.js";

type Seeds = readonly SeedResult[];

const SETS = [
  ["Omniglot", "drawn"],
  ["emoji", "emoji"],
] as const;

/** `folder`: of the figures, beside the page. */
export function page(results: Results, table: readonly Claim[], folder: string): string {
  const { seeds } = results;
  const drawn = figures(seeds);
  const picture = (file: string): string => pictures(drawn, folder, file);
  return [
    introduction(results),
    markdownSection("Claims", `${claimTable(table)}\n\n${READING}\n\n${noiseNote(results)}`),
    markdownSection(
      "Scale, margin and median",
      `${trajectoryTable(seeds)}\n\n${["scale", "margin", "median"].map(picture).join("\n\n")}`,
    ),
    markdownSection("A grid of fixed margins beside MadaCos", `${gridTables(seeds)}\n\n${picture("grid")}`),
    markdownSection("The stage with tuples", fineTable(seeds)),
    markdownSection("Several sizes of an image", scalesTable(seeds)),
    markdownSection("The power of the generalised mean", poolingTable(seeds)),
    markdownSection("How the settings were chosen", CHOICE),
  ]
    .join("\n\n")
    .concat("\n");
}

function introduction({ sizes, seeds, engine, processorSeconds }: Results): string {
  const of = (name: keyof Results["sizes"], what: string): string => {
    const { train, test } = sizes[name];
    return `${what}: ${train.count} images of ${train.classes} classes for training, ${test.count} of ${test.classes} others for the test.`;
  };
  const { network, optimizer, batch } = DRAWN;
  return `# CFCD at small scale

Written by \`npm run experiment:cfcd -- --data <folder>\` (\`experiments/cfcd.ts\`); do not edit.

${of("drawn", "Omniglot (every sixth class)")} ${of("emoji", "Emoji (every fourth class for training, every second for the test)")} The network: a ResNet of basic blocks with stages of ${network!.widths!.join(", ")} channels, whose last map has 4×4 cells of a character of ${DRAWN.dataset!.side} pixels and 5×5 of an emoji of ${EMOJI.dataset!.side}; GeM with p = 3, a linear layer to ${network!.embedding} numbers and batch norm. SGD with Nesterov momentum ${optimizer!.momentum}, weight decay ${optimizer!.decay} and a cosine schedule, ${batch} images a step: ${COARSE.steps} steps of the coarse stage on Omniglot, ${EMOJI.steps} on emoji, both at a rate of ${MADACOS.rate}, ${FINE.steps} of the stage with tuples (five epochs of Omniglot, nine of emoji), ${DRAWN.steps} of every head of the grid and every power.
MadaCos has the constants of the paper (α = 0.02, κ = 9,999,999, s ≥ 32, no largest scale) but in one row of the grid, which has those that held-out classes chose. Settings were chosen on held-out classes of the training parts, with another seed; the test parts were evaluated once for each of the seeds ${seeds.map(({ seed }) => seed).join(" and ")} (and once before, with an earlier version of this experiment: see the end). A seed changes initial weights and batches. R@1: the nearest of all other test images has the query's class; mAP: mean average precision of the whole ranking; both in percent. ${processorSeconds.toFixed(0)} seconds of processor time on ${engine}.`;
}

/** What a verdict takes for noise, and how far the seeds are apart. */
function noiseNote({ seeds, sizes }: Results): string {
  const of = (name: keyof Results["sizes"], share: number): string =>
    `${percent(noise([share, share], sizes[name].test.count))} at ${percent(share)}`;
  const spread = (judgements: (seed: SeedResult) => readonly Judgement[], which: keyof Judgement): string =>
    percent(
      Math.max(
        ...judgements(seeds[0]).map((_, i) => {
          const found = seeds.map((seed) => judgements(seed)[i][which]);
          return Math.max(...found) - Math.min(...found);
        }),
      ),
    );
  const drawn = ({ grid, drawn: { fine }, pooling }: SeedResult): Judgement[] =>
    [...grid, ...fine, ...pooling].map(({ judgement }) => judgement);
  const emoji = ({ emojiGrid, emoji: { fine } }: SeedResult): Judgement[] =>
    [...emojiGrid, ...fine].map(({ judgement }) => judgement);
  return `Noise, in a verdict: two standard errors of a difference of shares of so many queries, √(p(1 − p)/n + q(1 − q)/n), queries taken as independent: in points of R@1 ${of("drawn", 0.8)} percent on Omniglot, ${of("emoji", 0.5)} on emoji. Of mAP the same is an upper bound. What another seed would give is not in it; the same recipe with the two seeds differs by up to ${spread(drawn, "recall")} points of R@1 and ${spread(drawn, "map")} of mAP on Omniglot, ${spread(emoji, "recall")} and ${spread(emoji, "map")} on emoji. Two seeds show no more than that a verdict is not one seed's.`;
}

function trajectoryTable(seeds: Seeds): string {
  const most = Math.max(...seeds.flatMap((seed) => SETS.map(([, set]) => seed[set].coarse.epochs.length)));
  const cell = ({ coarse: { epochs } }: Stages, epoch: number): string => {
    if (epoch >= epochs.length) return "";
    const { scale, margin, median, loss } = epochs[epoch];
    return `${scale.toFixed(1)} / ${margin.toFixed(3)} / ${median.toFixed(3)} / ${loss.toFixed(2)}`;
  };
  const rows = Array.from({ length: most }, (_, epoch) => [
    String(epoch + 1),
    ...SETS.flatMap(([, set]) => seeds.map((seed) => cell(seed[set], epoch))),
  ]);
  const head = SETS.flatMap(([name]) => seeds.map(({ seed }) => `${name}, seed ${seed}`));
  return `Means of the batches of an epoch: s / m / median cosine / mean loss. The mean loss is above that of the median image, −ln 0.02 = 3.91, and rises with the scale: images below the median pay in proportion to it.

${markdownTable(["epoch", ...head], rows)}`;
}

function gridTables(seeds: Seeds): string {
  const table = (of: (seed: SeedResult) => readonly HeadResult[]): string =>
    markdownTable(
      ["head", "rate", ...seeds.flatMap(({ seed }) => [`R@1, seed ${seed}`, `mAP, seed ${seed}`]), "last loss"],
      of(seeds[0]).map(({ name, rate }, i) => [
        name,
        String(rate),
        ...seeds.flatMap((seed) => inPercent(of(seed)[i].judgement)),
        seeds.map((seed) => of(seed)[i].loss.toFixed(2)).join(", "),
      ]),
    );
  const fixedOnes = seeds[0].grid.filter(({ fixed }) => fixed).length;
  const better = ({ grid }: SeedResult, head: Head): number => {
    const { recall } = standing(grid, head).madaCos.judgement;
    return grid.filter(({ fixed, judgement }) => fixed && judgement.recall > recall).length;
  };
  const places = seeds.map(
    (seed) =>
      `seed ${seed.seed}: ${better(seed, MADACOS)} with the paper's constants, ${better(seed, MADACOS_CHOSEN)} with the chosen ones`,
  );
  const coarse = seeds.map(({ seed, emoji }) => `seed ${seed}: ${inPercent(emoji.judgement).join(" / ")}`);
  return `Omniglot, every head at the best of the same learning rates on held-out classes. Fixed settings, of ${fixedOnes}, with a higher R@1 than MadaCos: ${places.join("; ")}.

${table(({ grid }) => grid)}

Emoji, at the rates that were found on Omniglot; MadaCos has there (R@1 / mAP) ${coarse.join("; ")}.

${table(({ emojiGrid }) => emojiGrid)}`;
}

function fineTable(seeds: Seeds): string {
  const inWords = ({ weight, prominent }: Fine): string =>
    `weight ${weight}${prominent === 1 ? ", no test of attention" : ""}`;
  const course = (values: readonly number[], digits: number): string =>
    values.map((value) => value.toFixed(digits)).join(", ");
  const rows = SETS.flatMap(([name, set]) =>
    seeds.flatMap((seed) => [
      [name, String(seed.seed), "before the stage", "", "", "", ...inPercent(seed[set].judgement)],
      ...seed[set].fine.map((fine) => [
        name,
        String(seed.seed),
        inWords(fine),
        course(fine.parts.map(({ matches }) => matches), 2), // prettier-ignore
        course(fine.parts.map(({ loss }) => loss), 3), // prettier-ignore
        course(fine.parts.map(({ distance }) => distance), 3), // prettier-ignore
        ...inPercent(fine.judgement),
      ]),
    ]),
  );
  return `From the weights of the coarse stage, ${FINE.steps} steps at a rate of ${FINE.optimizer.rate} without warm-up on tuples of ${FINE.local.tuple} images: anchor, positive, hard negatives by the predictions of the coarse network. Weight 0 trains on the same tuples without triplets. Matches of a tuple, sum of its terms (without weight) and distance of a match: means of each fifth of the stage. Each match has ${FINE.local.tuple - 2} terms.

${markdownTable(["images", "seed", "variant", "matches", "triplets", "distance", "R@1", "mAP"], rows)}`;
}

function scalesTable(seeds: Seeds): string {
  const rows = SETS.flatMap(([name, set]) =>
    seeds.map((seed) => {
      const { alone, averaged } = seed[set].severalScales;
      const both = (judgement: Judgement): string => inPercent(judgement).join(" / ");
      return [name, String(seed.seed), ...alone.map(both), both(averaged)];
    }),
  );
  return `R@1 / mAP of the network of the coarse stage, images resized bilinearly.\n\n${markdownTable(["images", "seed", ...IMAGE_SCALES.map(String), "averaged"], rows)}`;
}

function poolingTable(seeds: Seeds): string {
  const rows = seeds[0].pooling.map(({ power, learned }, i) => [
    learned ? `learned from ${power} on` : String(power),
    ...seeds.flatMap(({ pooling }) => [pooling[i].final.toFixed(2), ...inPercent(pooling[i].judgement)]),
  ]);
  const head = seeds.flatMap(({ seed }) => [`p at last, seed ${seed}`, `R@1, seed ${seed}`, `mAP, seed ${seed}`]);
  return `MadaCos on Omniglot, ${DRAWN.steps} steps.\n\n${markdownTable(["p", ...head], rows)}`;
}

function inPercent({ recall, map }: Judgement): [string, string] {
  return [percent(recall), percent(map)];
}
