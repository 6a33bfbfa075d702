/**
 * The configuration of a run: data, validated once at the edge, complete and typed inside.
 *
 * `complete(partial)` starts from the preset of the data set, lays the given settings over it and checks the result; what comes
 * out is written to `config.json` and is all that a run depends on.
 */
import { z } from "zod";
import { DATA_SET_NAMES } from "../data/DataSet.js";
import { PUBLISHED_FLOOR, regressionWeight } from "../crfiqa/index.js";
import { ENGINE_NAMES, isGpu } from "../tensor/engineNames.js";
import { augmentation, augmentationDefaults } from "./augmentationSettings.js";
import { checkLocal, local, localDefaults } from "./localSettings.js";
import { explainIssue, shown } from "./explainIssue.js";
import { count, network } from "./networkSettings.js";

const fraction = z.number().min(0).max(1);

const dataset = z.strictObject({
  name: z.enum(DATA_SET_NAMES),
  /** Pixels of a side after resizing. */
  side: z.int().min(8).max(224),
  /** Every class turned by 90, 180 and 270 degrees counts as three further classes. */
  rotations: z.boolean(),
  /** Part of the training classes is held out for validation; false: train on all of them. */
  holdOut: z.boolean(),
  /** Built-in identities only: identities to train on, to test (and validate) on, and images of each. */
  identities: z.int().min(2),
  testIdentities: z.int().min(2),
  samples: z.int().min(2),
  /** Of sets of encoded images: the share of the classes for the test, where the files name no such part, and for validation (holdOut). */
  testShare: z.number().positive().max(0.9),
  /** Classes from a clustering in place of the true ones (`pfc cluster`). */
  pseudoLabels: z.strictObject({
    /** Its labels, one for each training image; empty: none. */
    file: z.string(),
    /** Of the file, so that a run goes on with the classes it began with; filled in when the run begins. */
    sha256: z.string(),
  }),
});

const margin = z.strictObject({
  /** none: the plain softmax of scaled cosines. madacos: scale and margin set themselves (CFCD). adacos: the scale does. curricular: harder wrong classes later. */
  kind: z.enum(["arcface", "cosface", "none", "madacos", "adacos", "curricular"]),
  /** Of margins that do not set it themselves. */
  scale: z.number().positive(),
  margin: z.number().min(0),
  /** ArcFace only. */
  gradient: z.enum(["exact", "straight-through"]),
  beyondPi: z.enum(["affine", "wrap"]),
  /** Cosines of wrong classes above this are set to 0; 0: off. */
  filter: fraction,
  /** Of madacos: see `MadaCosOptions`. */
  madacos: z.strictObject({
    /** Probability of the image with the median cosine; smaller is stricter. */
    alpha: z.number().gt(0).lt(1),
    /** An image on its center has the probability κ/(κ + 1). */
    kappa: z.number().positive(),
    minScale: z.number().positive(),
    /** null: none, as published. */
    maxScale: z.number().positive().nullable(),
    /** Whose wrong classes count. */
    others: z.enum(["of-median", "median", "mean"]),
    /** true: B of a sample of the classes counts as that of all, by ln(1/ratio). */
    correctSampling: z.boolean(),
  }),
});

const head = z.strictObject({
  /** Share of the class centers that a step samples, positives included. */
  ratio: fraction,
  /** Dimensions of the embedding that a step selects (Unicom); 0: all. */
  features: z.int().min(0),
  update: z.enum(["sparse", "dense"]),
  /** Standard deviation of the initial centers; the longer a center, the less a step turns it. */
  deviation: z.number().positive(),
  /** Of centers and momentum; float16 takes half the memory, on the engines wasm and reference. */
  storage: z.enum(["float32", "float16"]),
  /** fused: three passes over the table; formula: operation by operation, as one reads it. The same mathematics, other roundings. */
  path: z.enum(["fused", "formula"]),
  /** Of the fused path: false computes cosines anew in each pass, so that memory does not grow with the sample. */
  keepCosines: z.boolean(),
  margin,
});

const quality = z.strictObject({
  /** CR-FIQA beside the margin softmax; onTop: on the frozen network of the run `base`; ccsOnly: with CCS as the target; none: no quality. */
  variant: z.enum(["none", "simultaneous", "onTop", "ccsOnly"]),
  /** λ of the regression; where it is not given, the published 10 of scale 64 in proportion to the scale. */
  weight: z.number().positive(),
  /** paper: CCS / (NNCCS + 1 + 1e-9); raw: CCS / NNCCS, as the public script has it. */
  form: z.enum(["paper", "raw"]),
  /** The least NNCCS; null: none. */
  floor: z.number().min(-1).max(1).nullable(),
  /** β of the smooth L1. */
  beta: z.number().positive(),
  /** Learning rate of the unit, as a share of the backbone's. */
  unitRate: z.number().positive().max(1),
  /** Folder of the run whose backbone and centers the variant onTop takes, as they are there when it begins. */
  base: z.string(),
});

const optimizer = z.strictObject({
  kind: z.enum(["sgd", "adamw"]),
  rate: z.number().positive(),
  /** Of the class centers, in multiples of the rate; Unicom fine-tunes with 5 to 10. */
  centerRate: z.number().positive(),
  momentum: z.number().min(0).max(0.999),
  nesterov: z.boolean(),
  decay: z.number().min(0),
  /** Largest gradient norm of the backbone; 0: no clipping. */
  clip: z.number().min(0),
});

const schedule = z.strictObject({
  /** epoch-cosine moves once an epoch, as CFCD is trained; the others with every update. */
  kind: z.enum(["cosine", "epoch-cosine", "polynomial", "one-cycle", "multi-step", "constant"]),
  /** Updates over which the rate rises from zero (cosine and polynomial) or from a tenth (epoch-cosine: over the whole epochs that they are); fewer than the run has. */
  warmup: z.int().min(0),
  /** Of the polynomial schedule. */
  power: z.number().positive(),
  /** Of the one-cycle schedule: the share of the run over which the rate rises, and momentum (AdamW: beta1) falls from 0.95 to 0.85. */
  rising: fraction,
  /** Of the multi-step schedule: fractions of the run at which the rate is divided by ten. */
  milestones: z.array(fraction),
});

export const configurationSchema = z.strictObject({
  dataset,
  augmentation,
  network,
  head,
  quality,
  local,
  optimizer,
  schedule,
  /** Images of one forward pass, two at least as batch norm needs; an update sees batch · accumulate images. */
  batch: z.int().min(2),
  accumulate: count,
  /** Updates in all. */
  steps: count,
  /** Updates between two validations, and between two checkpoints. */
  evaluateEvery: count,
  checkpointEvery: count,
  seed: z.union([z.int(), z.string()], { error: "a whole number or text" }),
  engine: z.enum(ENGINE_NAMES),
  /** Of the wasm engine. fused: a · b + c rounded once, by relaxed SIMD, the faster one; separate: the same bits on every machine. */
  multiplyAdd: z.enum(["fused", "separate"]),
  /** Of the gpu engines: gigabytes (2^30 bytes) that centers and momentum may take on the device; larger ones stay with the host, which sends sampled rows. */
  residentGigabytes: z.number().min(0),
});

export type Configuration = z.infer<typeof configurationSchema>;
export type DatasetName = Configuration["dataset"]["name"];

/** Every level optional, for presets and for what a user gives. */
export type PartialConfiguration = {
  [K in keyof Configuration]?: Configuration[K] extends object ? DeepPartial<Configuration[K]> : Configuration[K];
};
type DeepPartial<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: DeepPartial<T[K]> } : T;

/** Defaults shared by all data sets: a small IResNet, SGD with Nesterov momentum and cosine decay. */
const base: Configuration = {
  dataset: {
    name: "builtin",
    side: 28,
    rotations: false,
    holdOut: true,
    identities: 2000,
    testIdentities: 500,
    samples: 12,
    testShare: 0.1,
    pseudoLabels: { file: "", sha256: "" },
  },
  augmentation: augmentationDefaults,
  network: {
    kind: "small",
    embedding: 128,
    widths: [32, 64, 128],
    blocks: [1, 2, 2],
    stemStride: 1,
    dropout: 0,
    vit: { patch: 4, width: 96, depth: 4, heads: 4, dropPath: null, maskRate: null },
    resnet: { power: 3, learnPower: false, lastStride: 2 }, // CFCD, section 3.1: p = 3, fixed
  },
  // scale 24 and margin 0.25 suit small networks on few classes; the papers use 64 and 0.4 with embeddings of 512
  head: {
    ratio: 0.1,
    features: 0,
    update: "sparse",
    // 0.01, as published, makes centers so short that their first step overshoots; with few visits a class 0.04 learns sooner
    deviation: 0.04,
    storage: "float32",
    path: "fused",
    keepCosines: true,
    margin: {
      ...{ kind: "cosface", scale: 24, margin: 0.25, gradient: "exact", beyondPi: "affine", filter: 0 },
      // as published; a floor of 32 suits tens of thousands of classes, a lower one a few hundred
      madacos: {
        alpha: 0.02,
        kappa: 9_999_999,
        minScale: 32,
        maxScale: null,
        others: "of-median",
        correctSampling: false,
      },
    },
  },
  quality: {
    variant: "none",
    weight: regressionWeight(24),
    form: "paper",
    floor: PUBLISHED_FLOOR,
    beta: 0.5,
    unitRate: 0.03, // with 1, as published, recognition suffers: docs/results/cr-fiqa.md
    base: "",
  }, // form, floor and β: CR-FIQA's own
  local: localDefaults,
  optimizer: { kind: "sgd", rate: 0.1, centerRate: 1, momentum: 0.9, nesterov: true, decay: 5e-4, clip: 5 },
  schedule: { kind: "cosine", warmup: 50, power: 1, rising: 0.3, milestones: [0.5, 0.75] },
  batch: 128,
  accumulate: 1,
  steps: 1000,
  evaluateEvery: 250,
  checkpointEvery: 250,
  seed: 0,
  engine: "wasm",
  multiplyAdd: "fused",
  residentGigabytes: 4,
};

/** Photographs, few classes as a rule, so that all centers take part. */
const photographs = {
  augmentation: { rotation: 8, shear: 0, scale: 8, translation: 6, flip: 0.5 },
  network: { stemStride: 2 },
  head: { ratio: 1 },
  batch: 64,
  steps: 2000,
  evaluateEvery: 500,
  checkpointEvery: 500,
} satisfies PartialConfiguration;

// docs/results.md says how they were chosen; holdOut: true keeps part of the training classes for validation
const presets: Record<DatasetName, PartialConfiguration> = {
  builtin: {},
  omniglot: {
    dataset: { name: "omniglot", rotations: true, holdOut: false },
    augmentation: { rotation: 15, shear: 15, scale: 15, translation: 15 },
    steps: 4200,
    evaluateEvery: 500,
    checkpointEvery: 500,
  },
  glyphs: {
    dataset: { name: "glyphs", side: 24, holdOut: false },
    augmentation: { rotation: 5, shear: 5, scale: 10, translation: 8 },
    network: { widths: [16, 32, 64] },
    steps: 3000,
    evaluateEvery: 1000,
    checkpointEvery: 1000,
  },
  // Pictograms in colour on white, five drawings a class; a mirrored flag or arrow is another one.
  emoji: {
    dataset: { name: "emoji", side: 32, holdOut: false },
    augmentation: { background: 1 },
    head: { ratio: 1 }, // 1,423 classes: a sample would leave few negatives
    steps: 2000,
    evaluateEvery: 500,
    checkpointEvery: 500,
  },
  folder: { dataset: { name: "folder", side: 64, holdOut: false }, ...photographs },
  // Retrieval sets from scratch, at a size that a processor trains; published figures begin with a network that has seen millions of images.
  cub: { dataset: { name: "cub", side: 64, holdOut: false }, ...photographs },
  cars: { dataset: { name: "cars", side: 64, holdOut: false }, ...photographs },
  sop: { dataset: { name: "sop", side: 64, holdOut: false }, ...photographs, head: { ratio: 0.1 } }, // 11,318 classes
  inshop: { dataset: { name: "inshop", side: 64, holdOut: false }, ...photographs },
  // Aligned faces: margin, scale, mirroring and schedule as published, with a network that a processor trains in hours, not weeks.
  recordio: {
    dataset: { name: "recordio", side: 112, holdOut: false },
    augmentation: { rotation: 0, shear: 0, scale: 0, translation: 0, flip: 0.5 },
    network: { widths: [32, 64, 128, 256], blocks: [1, 2, 2, 1], stemStride: 2, embedding: 256 },
    head: { margin: { scale: 64, margin: 0.4 } },
    schedule: { kind: "polynomial", power: 2, warmup: 500 },
    steps: 20_000,
    evaluateEvery: 2000,
    checkpointEvery: 1000,
  },
};

/**
 * The complete configuration: preset of the data set, then `given` over it. A warm-up that is not given is shortened to fit a
 * short run. Throws a sentence that names the setting at fault.
 */
export function complete(given: PartialConfiguration): Configuration {
  if (!isRecord(given)) {
    throw new Error(`configuration: an object of settings is needed, given ${shown(given)}.`);
  }
  const name = given.dataset?.name ?? "builtin";
  if (typeof name !== "string" || !Object.hasOwn(presets, name)) {
    throw new Error(`dataset ${shown(name)} is not known; the data sets are ${Object.keys(presets).join(", ")}.`);
  }
  const wanted = overlay(overlay(base, presets[name]), given);
  const { data, error } = configurationSchema.safeParse(wanted);
  if (error) throw new Error(`configuration: ${explainIssue(error.issues[0], wanted, base)}.`);
  const { network, schedule, steps, head, engine, quality } = data;
  if (network.widths.length !== network.blocks.length) {
    throw new Error(
      `configuration: network.widths has ${network.widths.length} stages and network.blocks ${network.blocks.length}; they must agree.`,
    );
  }
  if (isGpu(engine) && head.storage === "float16") {
    throw new Error(
      `configuration: head.storage float16 is kept by the engines wasm and reference only, but engine is ${engine}: ` +
        `GPU.js knows float32 alone; set head.storage to float32, or engine to wasm.`,
    );
  }
  const { kind: marginKind, madacos } = head.margin;
  if (marginKind === "curricular" && head.path === "fused") {
    throw new Error(
      `configuration: the margin curricular changes wrong classes too, which the path fused cannot: set head.path to formula; given fused.`,
    );
  }
  if ((marginKind === "madacos" || marginKind === "adacos") && isGpu(engine) && head.path === "fused") {
    throw new Error(
      `configuration: a margin that sets itself batch by batch needs, on a GPU engine, head.path formula; given fused on ${engine}.`,
    );
  }
  if (madacos.maxScale !== null && madacos.maxScale < madacos.minScale) {
    throw new Error(
      `configuration: head.margin.madacos has a largest scale below the smallest: ${madacos.maxScale} and ${madacos.minScale}.`,
    );
  }
  if (head.features > network.embedding) {
    throw new Error(
      `configuration: head.features are among the ${network.embedding} of network.embedding, 0 for all of them; given ${head.features}.`,
    );
  }
  if (network.dropout > 0 && !/^(small|iresnet\d+)$/.test(network.kind)) {
    throw new Error(
      `configuration: network.dropout is of the IResNets, ${network.kind} has none; given ${network.dropout}.`,
    );
  }
  if ((quality.variant === "onTop") !== (quality.base !== "")) {
    throw new Error(
      `configuration: quality.variant onTop trains on the run that quality.base (--base) names, and no other variant has one; given ` +
        `${quality.variant} and ${shown(quality.base)}.`,
    );
  }
  checkLocal(data.local, {
    ...{ network: network.kind, quality: quality.variant, engine, isGpu: isGpu(engine) },
    ...{ batch: data.batch, steps },
  });
  const warmup = given.schedule?.warmup ?? Math.min(schedule.warmup, steps - 1);
  if (warmup >= steps) {
    throw new Error(
      `configuration: the warm-up must end before the run does, but schedule.warmup is ${warmup} and steps is ${steps}.`,
    );
  }
  if (schedule.kind === "one-cycle" && steps < 2) {
    throw new Error(`configuration: a one-cycle schedule needs at least 2 steps, given ${steps}.`);
  }
  const weight = given.quality?.weight ?? regressionWeight(head.margin.scale);
  return { ...data, schedule: { ...schedule, warmup }, quality: { ...quality, weight } };
}

/** `["head.ratio", "0.1"], …`: every setting by its path, its value as JSON. */
export function listSettings(settings: object, path = ""): [path: string, value: string][] {
  return Object.entries(settings).flatMap(([key, value]: [string, unknown]): [string, string][] =>
    isRecord(value) ? listSettings(value, `${path}${key}.`) : [[path + key, JSON.stringify(value)]],
  );
}

/** `over` laid over `under`, level by level; arrays and plain values replace. */
export function overlay<T>(under: T, over: unknown): T {
  if (!isRecord(under) || !isRecord(over)) return (over === undefined ? under : over) as T;
  const result = new Map(Object.entries(under)); // in which "__proto__" is a key like any other
  for (const [key, value] of Object.entries(over)) result.set(key, overlay(result.get(key), value));
  return Object.fromEntries(result) as T;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
