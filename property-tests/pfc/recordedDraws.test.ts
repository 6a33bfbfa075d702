/** The samples that the public layer drew, repeated index by index from the scores that were recorded with them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe } from "node:test";
import fc from "fast-check";
import { describeSample, distinctLabels, sampleByScores } from "../../src/pfc/sampleCenters.js";
import { localLabels, shardOf } from "../../src/pfc/shard.js";
import { property } from "../property.js";

interface Recorded {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** The parts of a recorded case that concern its draws. */
interface RecordedCase {
  readonly name: string;
  readonly params: { readonly world_size: number };
  readonly inputs: {
    readonly weight: Recorded;
    /** The classes of all ranks' rows: [steps, N] */
    readonly labels: Recorded;
    readonly draws: readonly (readonly { readonly class_scores?: Recorded }[])[];
  };
  readonly outputs: { readonly ranks: readonly RecordedRank[] };
}

interface RecordedRank {
  readonly num_sample: number;
  readonly steps: readonly { readonly class_index?: Recorded; readonly labels_local: Recorded }[];
}

/** One draw of one rank in one step. */
interface RecordedDraw {
  readonly name: string;
  readonly labels: Int32Array;
  readonly budget: number;
  /** undefined where positives exceed the budget: nothing was drawn. */
  readonly scores: readonly number[] | undefined;
  readonly index: readonly number[];
  readonly renumbered: readonly number[];
}

function recordedDraws(file: string): RecordedDraw[] {
  const text = readFileSync(new URL(`../../test/golden/${file}.json`, import.meta.url), "utf8");
  const { cases } = JSON.parse(text) as { cases: RecordedCase[] };
  return cases.flatMap((recorded) =>
    recorded.outputs.ranks.flatMap((result, rank) => {
      const { weight, labels, draws } = recorded.inputs;
      const rows = labels.shape[1];
      const shard = shardOf(weight.shape[0], rank, recorded.params.world_size);
      return result.steps.flatMap(({ class_index, labels_local }, step) => {
        if (class_index === undefined) return []; // r = 1: all classes, nothing drawn
        const ofStep = Int32Array.from(labels.data.slice(step * rows, (step + 1) * rows));
        return {
          name: `${recorded.name}, rank ${rank}, step ${step}`,
          labels: localLabels(ofStep, shard),
          budget: result.num_sample,
          scores: draws[rank][step].class_scores?.data,
          index: class_index.data,
          renumbered: labels_local.data,
        };
      });
    }),
  );
}

describe("recorded draws of the public layer", () => {
  for (const file of ["pfc-single", "pfc-trajectory", "pfc-distributed"]) {
    const draws = recordedDraws(file);
    property(
      `sampleByScores draws them again, index by index, and renumbers the labels alike (${file})`,
      [fc.constantFrom(...draws)],
      ({ labels, budget, scores, index, renumbered }) => {
        const positives = distinctLabels(labels);
        assert.equal(
          scores === undefined,
          positives.length > budget,
          "scores are drawn unless positives exceed the budget",
        );
        const sampled = sampleByScores(scores ?? [], positives, budget);
        assert.deepEqual(Array.from(sampled), index);
        assert.deepEqual(Array.from(describeSample(sampled, labels, positives, budget).labels), renumbered);
      },
      { examples: draws.map((recorded) => [recorded]), runs: draws.length }, // every draw once, whatever the seed
    );
  }
});
