/** What the numbers say, in sentences: the same on the terminal and on the page. */
import { bytes } from "../training/report/results.js";
import { count, digits, percent, time } from "./inWords.js";
import { bestLimits, linesOf, unboundedEngines, type BenchmarkLine, type RatiosLine } from "./lines.js";

/** The limits that bounds are taken from, then what a sweep found, then what was not tried. */
export function findings(lines: readonly BenchmarkLine[]): string[] {
  return [
    ...bestLimits(lines).map(
      ({ engine, operationsPerSecond, bytesPerSecond }) =>
        `Limits of ${engine}: ${digits(operationsPerSecond / 1e9)} GFLOP/s from registers, ${digits(bytesPerSecond / 1e9)} GB/s of memory.`,
    ),
    ...unboundedEngines(lines).map((engine) => `Limits of ${engine} are not known: none of its works has a bound.`),
    ...linesOf(lines, "ratios").flatMap(ratioSentences),
    ...linesOf(lines, "refused").map(
      ({ classes, neededBytes, availableBytes }) =>
        `${count(classes)} classes were not tried: they need ${bytes(neededBytes)}, and ${bytes(availableBytes)} are there.`,
    ),
  ];
}

function ratioSentences({ variant, line, balance, slopeFraction, relative, crossover, busy }: RatiosLine): string[] {
  const of = (variant === "" ? "" : `${variant}: `) + (busy ? "(measured on a busy machine) " : "");
  const sentences: string[] = [];
  if (line) {
    const share = slopeFraction === undefined ? "" : `, of which the bound is ${percent(slopeFraction)}`;
    sentences.push(`${of}A step takes ${time(line.fixed)} + r · ${time(line.slope)} (fit through r below 1)${share}.`);
  }
  if (balance !== undefined) {
    sentences.push(
      balance < 1e-6
        ? `${of}The fit has no fixed cost: time follows r down to the smallest ratio measured.`
        : `${of}Under r = ${digits(balance)} the fixed cost is more than half of a step: smaller samples save little.`,
    );
  }
  if (relative.length > 0) {
    const shown = relative
      .filter(({ ratio }) => ratio < 1)
      .map(({ ratio, time: { median } }) => `${digits(median)} at r = ${ratio}`);
    sentences.push(`${of}Time over that of r = 1, round by round: ${shown.join(", ")}.`);
  }
  if (!crossover) {
    if (relative.length > 0) sentences.push(`${of}Sampling pays at every ratio below 1.`);
  } else if (crossover.from === "measured") {
    sentences.push(
      `${of}Sampling stops to pay at r = ${digits(crossover.ratio)} (between measured ratios): above, the full softmax is as fast.`,
    );
  } else {
    sentences.push(
      `${of}Sampling stops to pay at r = ${digits(crossover.ratio)} (where the fitted line reaches the time of r = 1).`,
    );
  }
  return sentences;
}

/** What the words in the column "busy" mean. */
const REASONS: readonly (readonly [word: string, sentence: string])[] = [
  ["spread", "samples scatter by more than a quarter of their median"],
  ["others", "other processes took processor time"],
  ["stolen", "the hypervisor gave processor time to other machines"],
];

/** One plain sentence where some of the numbers are not to be trusted. */
export function busyWarning(lines: readonly BenchmarkLine[]): string | undefined {
  const measurements = linesOf(lines, "measurement");
  const busy = measurements.filter((line) => line.busy);
  if (busy.length === 0) return undefined;
  const given = busy.flatMap(({ reasons }) => reasons);
  const why = REASONS.filter(([word]) => given.some((reason) => reason.startsWith(word))).map(
    ([, sentence]) => sentence,
  );
  return `BUSY MACHINE: ${busy.length} of ${measurements.length} measurements were disturbed (${why.join("; ")}); do not quote them, measure again when nothing else runs.`;
}
