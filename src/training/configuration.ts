/**
 * The configuration of a run: data, validated once at the edge, complete and typed inside.
 *
 * `complete(partial)` starts from the preset of the data set, lays the given settings over it and checks the result; what comes
 * out is written to `config.json` and is all that a run depends on.
 */
import { z } from "zod";

const count = z.int().positive();
const fraction = z.number().min(0).max(1);

const dataset = z.strictObject({
  name: z.enum(["builtin", "omniglot", "glyphs"]),
  /** Pixels of a side after resizing. */
  side: z.int().min(8).max(224),
  /** Every class turned by 90, 180 and 270 degrees counts as three further classes. */
  rotations: z.boolean(),
  /** Part of the training classes is held out for validation; false: train on all of them. */
  holdOut: z.boolean(),
  /** Built-in identities only: identities to train on, to test (and validate) on, and images of each. */
  identities: count,
  testIdentities: count,
  samples: z.int().min(2),
});

const augmentation = z.strictObject({
  /** Largest random rotation and shear, in degrees. */
  rotation: z.number().min(0).max(180),
  shear: z.number().min(0).max(45),
  /** Largest random change of size, and shift, in percent of the image. */
  scale: z.number().min(0).max(90),
  translation: z.number().min(0).max(90),
  /** Probability of a horizontal mirror image. */
  flip: fraction,
  /** Probability that a rectangle is erased. */
  erase: fraction,
});

const network = z.strictObject({
  kind: z.enum([
    "small",
    "iresnet18",
    "iresnet34",
    "iresnet50",
    "iresnet100",
    "iresnet200",
    "mobilefacenet",
    "mobilefacenet-large",
  ]),
  embedding: count,
  /** Of the small network only: channels and blocks of each stage. */
  widths: z.array(count).min(1),
  blocks: z.array(count).min(1),
});

const margin = z.strictObject({
  kind: z.enum(["arcface", "cosface"]),
  scale: z.number().positive(),
  margin: z.number().min(0),
  /** ArcFace only. */
  gradient: z.enum(["exact", "straight-through"]),
  beyondPi: z.enum(["affine", "wrap"]),
  /** Cosines of wrong classes above this are set to 0; 0: off. */
  filter: fraction,
});

const head = z.strictObject({
  /** Share of the class centers that a step samples, positives included. */
  ratio: fraction,
  update: z.enum(["sparse", "dense"]),
  margin,
});

const optimizer = z.strictObject({
  kind: z.enum(["sgd", "adamw"]),
  rate: z.number().positive(),
  momentum: z.number().min(0).max(0.999),
  nesterov: z.boolean(),
  decay: z.number().min(0),
  /** Largest gradient norm of the backbone; 0: no clipping. */
  clip: z.number().min(0),
});

const schedule = z.strictObject({
  kind: z.enum(["cosine", "polynomial", "one-cycle", "multi-step", "constant"]),
  /** Updates over which the rate rises from zero. */
  warmup: z.int().min(0),
  /** Of the polynomial schedule. */
  power: z.number().positive(),
  /** Of the multi-step schedule: fractions of the run at which the rate is divided by ten. */
  milestones: z.array(fraction),
});

export const configurationSchema = z.strictObject({
  dataset,
  augmentation,
  network,
  head,
  optimizer,
  schedule,
  /** Images of one forward pass; an update sees batch · accumulate images. */
  batch: count,
  accumulate: count,
  /** Updates in all. */
  steps: count,
  /** Updates between two validations, and between two checkpoints. */
  evaluateEvery: count,
  checkpointEvery: count,
  seed: z.union([z.int(), z.string()]),
  engine: z.enum(["wasm", "reference"]),
});

export type Configuration = z.infer<typeof configurationSchema>;
export type DatasetName = Configuration["dataset"]["name"];

/** Every level optional, for presets and for what a user gives. */
export type PartialConfiguration = {
  [K in keyof Configuration]?: Configuration[K] extends object ? DeepPartial<Configuration[K]> : Configuration[K];
};
type DeepPartial<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: DeepPartial<T[K]> } : T;

/** Defaults shared by all data sets: the network of the calibration runs, SGD with Nesterov momentum and cosine decay. */
const base: Configuration = {
  dataset: {
    name: "builtin",
    side: 28,
    rotations: false,
    holdOut: true,
    identities: 2000,
    testIdentities: 500,
    samples: 12,
  },
  augmentation: { rotation: 8, shear: 4, scale: 8, translation: 6, flip: 0, erase: 0 },
  network: { kind: "small", embedding: 128, widths: [32, 64, 128], blocks: [2, 2, 2] },
  // scale 24 and margin 0.25 suit small networks on few classes; the papers use 64 and 0.4 with embeddings of 512
  head: {
    ratio: 0.1,
    update: "sparse",
    margin: { kind: "cosface", scale: 24, margin: 0.25, gradient: "exact", beyondPi: "affine", filter: 0 },
  },
  optimizer: { kind: "sgd", rate: 0.1, momentum: 0.9, nesterov: true, decay: 5e-4, clip: 5 },
  schedule: { kind: "cosine", warmup: 20, power: 1, milestones: [0.5, 0.75] },
  batch: 128,
  accumulate: 1,
  steps: 1000,
  evaluateEvery: 250,
  checkpointEvery: 250,
  seed: 0,
  engine: "wasm",
};

const presets: Record<DatasetName, PartialConfiguration> = {
  builtin: {},
  omniglot: {
    dataset: { name: "omniglot", side: 32, rotations: true },
    augmentation: { rotation: 15, shear: 15, scale: 15, translation: 15 },
    steps: 1800,
  },
  glyphs: {
    dataset: { name: "glyphs", side: 24 },
    augmentation: { rotation: 5, shear: 5, scale: 10, translation: 8 },
    steps: 1500,
  },
};

/** The complete configuration: preset of the data set, then `given` over it. Throws a sentence that names the setting at fault. */
export function complete(given: PartialConfiguration): Configuration {
  const name = given.dataset?.name ?? "builtin";
  const preset = presets[name];
  if (preset === undefined) {
    throw new Error(`dataset "${name}" is not known; the data sets are ${Object.keys(presets).join(", ")}.`);
  }
  const { data, error } = configurationSchema.safeParse(overlay(overlay(base, preset), given));
  if (error) {
    const [issue] = error.issues;
    throw new Error(`configuration: ${issue.path.join(".") || "top level"}: ${issue.message}.`);
  }
  if (data.network.widths.length !== data.network.blocks.length) {
    throw new Error(
      `configuration: network.widths has ${data.network.widths.length} stages and network.blocks ${data.network.blocks.length}; they must agree.`,
    );
  }
  return data;
}

/** `over` laid over `under`, level by level; arrays and plain values replace. */
function overlay<T>(under: T, over: unknown): T {
  if (!isRecord(under) || !isRecord(over)) return (over === undefined ? under : over) as T;
  const result: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) result[key] = overlay(result[key], value);
  return result as T;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
