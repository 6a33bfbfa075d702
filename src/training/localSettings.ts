/** The settings of CFCD's second stage: tuples of images, matched local descriptors. */
import { z } from "zod";

export const local = z.strictObject({
  /** Images of a tuple: anchor, positive, negatives; the paper has 8. 0: no local stage. */
  tuple: z.union([z.literal(0), z.int().min(3)], { error: "0 for no local stage, or a whole number from 3" }),
  /** λ of the triplets, 0.05 in the paper's configuration and 1 in what its code did; 0 trains on tuples without them. */
  weight: z.number().min(0),
  /** By how much a matched cell shall be nearer (squared distance). */
  margin: z.number().min(0),
  /** Largest distance of a match over that of the second nearest cell. */
  ratio: z.number().positive(),
  /** Share of the positive's cells, those of largest attention, that may match. */
  prominent: z.number().gt(0).max(1),
  reduction: z.enum(["sum", "mean"]),
  /** The update from which on tuples are trained on; before, a stage without. */
  from: z.int().min(0),
  /** Negatives that the network takes for the anchor's class, by predictions that are made when the stage begins. */
  hard: z.boolean(),
  /** Folder of a run, whose network and class centers (its best checkpoint, else its last) the run begins with (restart); empty: initial weights. */
  base: z.string(),
});

export const localDefaults: z.infer<typeof local> = {
  ...{ tuple: 0, weight: 0.05, margin: 0.1, ratio: 0.9, prominent: 0.5, reduction: "sum" },
  ...{ from: 0, hard: true, base: "" },
};

/** @throws Error where the stage does not fit the other settings. */
export function checkLocal(
  { tuple, from, base }: z.infer<typeof local>,
  other: { network: string; quality: string; engine: string; batch: number; steps: number; isGpu: boolean },
): void {
  if (tuple === 0) {
    if (from === 0 && base === "") return;
    throw new Error(
      `configuration: local.from and local.base are of a stage with tuples; given local.tuple 0, ${from} and "${base}".`,
    );
  }
  if (!/^(small-)?resnet/.test(other.network)) {
    throw new Error(
      `configuration: local descriptors are cells of the last map of small-resnet, resnet50 or resnet101; given network.kind ${other.network}.`,
    );
  }
  if (other.quality !== "none") {
    throw new Error(
      `configuration: a run learns quality or a local stage, not both; given quality.variant ${other.quality}.`,
    );
  }
  if (other.isGpu) {
    throw new Error(
      `configuration: which cells match is read within a step, which needs the engine wasm or reference; given ${other.engine}.`,
    );
  }
  if (other.batch % tuple !== 0) {
    throw new Error(`configuration: a batch holds whole tuples, but batch is ${other.batch} and local.tuple ${tuple}.`);
  }
  if (from >= other.steps) {
    throw new Error(
      `configuration: the local stage begins before the run ends, but local.from is ${from} and steps is ${other.steps}.`,
    );
  }
}
