/**
 * A quality model: all that is needed to score images, in one safetensors file.
 *
 * Backbone and unit (no centers, no optimizer), what images it takes, how raw scores map to [0, 1], where it comes from; and a self-check:
 * known images with the scores they had when the file was written. Opening the file scores them again, so that a model that lost its
 * statistics, its colour order or its range of pixels on the way is refused and not believed.
 *
 * Images are [C, S, S] with values in [0, 1]; colours are red, green, blue, in this order.
 */
import { basename, dirname, resolve } from "node:path";
import { z } from "zod";
import { fitCalibration, parseCalibration, QualityNetwork, type CalibrationKind } from "../crfiqa/index.js";
import type { Engine } from "../tensor/engine.js";
import { hashUniform, stream } from "../tensor/random.js";
import { formatShape, sameShape } from "../tensor/shape.js";
import { describeBackbone, type ImageFormat } from "./describeBackbone.js";
import { configurationSchema, type Configuration } from "./configuration.js";
import { explainIssue } from "./explainIssue.js";
import { openSafetensors, writeSafetensors, type SafetensorsFile, type TensorSource } from "./safetensors.node.js";
import { scoreBatch, type ScoreOptions } from "./scoreImages.js";

const FORMAT = "partial-fc/quality-1";
const PREFIX = "network.";
/** A score may differ from the stored one by this times 1 + |score|: a hundred times what engines differ by. */
const CHECK_TOLERANCE = 1e-3;

const calibrationOf = (kind: CalibrationKind) =>
  z
    .unknown()
    .transform(parseCalibration)
    .refine((calibration) => calibration.kind === kind, { error: `the calibration of kind ${kind}` });

const description = z.strictObject({
  /** Of the run it comes from. */
  name: z.string(),
  network: configurationSchema.shape.network,
  images: z
    .strictObject({
      channels: z.literal([1, 3]),
      side: z.int().min(1),
      /** "RGB", of three channels: red first; "grey", of one: luminance. Pixels lie in [0, 1]. */
      order: z.enum(["RGB", "grey"]),
    })
    .refine(({ channels, order }) => order === orderOf(channels), { path: ["order"], error: "that of its channels" }),
  trained: z.strictObject({
    dataset: z.string(),
    classes: z.int(),
    steps: z.int(),
    seed: z.union([z.int(), z.string()]),
    variant: z.string(),
    form: z.string(),
  }),
  calibration: z.strictObject({ minMax: calibrationOf("minMax"), quantile: calibrationOf("quantile") }),
});

export type QualityModelDescription = Readonly<z.infer<typeof description>>;

export interface QualityModel {
  readonly description: QualityModelDescription;
  readonly network: QualityNetwork;
}

export interface SavedModel {
  readonly engine: Engine;
  readonly network: QualityNetwork;
  readonly configuration: Configuration;
  readonly format: ImageFormat;
  readonly classes: number;
  /** Scores that calibration refers to: of images like those it will score. */
  readonly references: ArrayLike<number>;
}

/** Writes the model whole or not at all, named after the folder it is in. */
export async function saveQualityModel(path: string, model: SavedModel): Promise<void> {
  const { engine, network, configuration, format, classes, references } = model;
  const { dataset, steps, seed, quality } = configuration;
  const about: QualityModelDescription = {
    name: basename(dirname(resolve(path))),
    network: configuration.network,
    images: {
      channels: format.channels === 1 ? 1 : 3,
      side: format.side,
      order: orderOf(format.channels),
    },
    trained: { dataset: dataset.name, classes, steps, seed, variant: quality.variant, form: quality.form },
    calibration: {
      minMax: fitCalibration(references, "minMax"),
      quantile: fitCalibration(references, "quantile"),
    },
  };
  const images = knownImages(format);
  const shape = [
    images.length / (format.channels * format.side ** 2),
    format.channels,
    format.side,
    format.side,
  ] as const;
  const scores = await scoreBatch({ engine, network }, images, shape);
  const sources: TensorSource[] = [
    ...[...network.stateDictionary()].map(([name, tensor]): TensorSource => ({
      name: PREFIX + name,
      dtype: "F32",
      shape: tensor.shape,
      chunks: async function* () {
        yield Float32Array.from(await tensor.data());
      },
    })),
    { name: "check.images", dtype: "F32", shape, chunks: () => [images] },
    { name: "check.scores", dtype: "F32", shape: [shape[0]], chunks: () => [scores] },
  ];
  await writeSafetensors(path, sources, { format: FORMAT, model: JSON.stringify(about) });
}

/** Reads a model and repeats its self-check. @throws Error if the file is no quality model, damaged, or scores its known images otherwise. */
export async function openQualityModel(path: string, engine: Engine): Promise<QualityModel> {
  const file = await openSafetensors(path);
  try {
    const about = parseDescription(file, path);
    const network = describeNetwork(about, path);
    checkShapes(file, path, network);
    network.allocate(engine, 0);
    try {
      await loadNetwork(file, path, network);
      await checkScores(file, path, { engine, network, format: about.images });
    } catch (error) {
      network.dispose();
      throw error;
    }
    return { description: about, network };
  } finally {
    await file.close();
  }
}

function orderOf(channels: number): "RGB" | "grey" {
  return channels === 1 ? "grey" : "RGB";
}

/** A surface of noise and one of ramps that rise in another direction in each channel: no two channels are alike. */
function knownImages({ channels, side }: ImageFormat): Float32Array {
  const key = stream("quality model", "self-check").key();
  const pixels = channels * side * side;
  const images = new Float32Array(2 * pixels);
  for (let i = 0; i < pixels; i++) {
    images[i] = hashUniform(key, 0, i);
    const [channel, y, x] = [Math.floor(i / side ** 2), Math.floor(i / side) % side, i % side];
    images[pixels + i] = (((channel + 1) * x + (3 - channel) * y) % side) / side;
  }
  return images;
}

function parseDescription({ metadata }: SafetensorsFile, path: string): QualityModelDescription {
  if (metadata.format !== FORMAT) {
    throw new Error(
      `${path} is a safetensors file, but no quality model (format ${JSON.stringify(metadata.format ?? "none")}, needed "${FORMAT}"); ` +
        `a run that learns quality writes one, quality.safetensors, at its end.`,
    );
  }
  try {
    const value: unknown = JSON.parse(metadata.model ?? "null");
    const { data, error } = description.safeParse(value);
    if (error) throw new Error(explainIssue(error.issues[0], value));
    return data;
  } catch (error) {
    throw damagedDescription(path, error);
  }
}

/** Network and unit, without memory. */
function describeNetwork({ network, images }: QualityModelDescription, path: string): QualityNetwork {
  try {
    return new QualityNetwork(describeBackbone(network, images), network.embedding);
  } catch (error) {
    throw damagedDescription(path, error);
  }
}

function damagedDescription(path: string, cause: unknown): Error {
  const reason = (cause as Error).message.replace(/\.$/, "");
  return new Error(`${path}: damaged metadata: "model": ${reason}.`, { cause });
}

/** Before memory is taken for a network that was described: all of it is in the file. */
function checkShapes({ tensors }: SafetensorsFile, path: string, network: QualityNetwork): void {
  for (const { name, shape } of [...network.parameterShapes(), ...network.bufferShapes()]) {
    const stored = tensors.get(PREFIX + name);
    if (stored && sameShape(stored.shape, shape)) continue;
    throw new Error(
      `${path} is damaged: "${PREFIX}${name}" has shape ${stored ? formatShape(stored.shape) : "(missing)"}, but ` +
        `${formatShape(shape)} is needed.`,
    );
  }
}

async function loadNetwork({ tensors }: SafetensorsFile, path: string, network: QualityNetwork): Promise<void> {
  const values = new Map<string, { shape: readonly number[]; data: ArrayLike<number> }>();
  for (const [name, stored] of tensors) {
    if (name.startsWith(PREFIX)) {
      values.set(name.slice(PREFIX.length), { shape: stored.shape, data: await stored.read() });
    }
  }
  try {
    network.loadStateDictionary(values);
  } catch (error) {
    throw new Error(`${path} is damaged: ${(error as Error).message}`, { cause: error });
  }
}

async function checkScores(
  { tensors }: SafetensorsFile,
  path: string,
  { engine, network, format: { channels, side } }: ScoreOptions & { readonly format: ImageFormat },
): Promise<void> {
  const [images, known] = [tensors.get("check.images"), tensors.get("check.scores")];
  const [count = 0] = known?.shape ?? [];
  const shape = [count, channels, side, side] as const;
  if (count === 0 || !images || !known || !sameShape(known.shape, [count]) || !sameShape(images.shape, shape)) {
    throw new Error(`${path} is damaged: the known images of its self-check, or their scores, are missing.`);
  }
  const scores = await scoreBatch({ engine, network }, Float32Array.from(await images.read()), shape);
  (await known.read()).forEach((expected, i) => {
    if (Math.abs(scores[i] - expected) <= CHECK_TOLERANCE * (1 + Math.abs(expected))) return;
    throw new Error(
      `${path}: the self-check failed: known image ${i} scored ${expected.toPrecision(4)} when the model was written, and scores ` +
        `${scores[i].toPrecision(4)} on ${engine.name}; the file is damaged, or was changed.`,
    );
  });
}
