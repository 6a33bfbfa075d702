import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { constant, noGrad } from "../../src/autograd/index.js";
import { calibrate, type QualityNetwork } from "../../src/crfiqa/index.js";
import { training } from "../../src/nn/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { hashUniform } from "../../src/tensor/random.js";
import { buildBackbone } from "../../src/training/buildModel.js";
import { complete } from "../../src/training/configuration.js";
import { openQualityModel, saveQualityModel } from "../../src/training/qualityModel.node.js";
import { openSafetensors, writeSafetensors } from "../../src/training/safetensors.node.js";
import { scoreBatch } from "../../src/training/scoreImages.js";
import { temporaryFolder, tinySettings } from "../cli/pfc.js";

const side = 16;
const configuration = complete({ ...tinySettings, steps: 7, seed: "s", quality: { variant: "simultaneous" } });
const references = [0.5, -1, 2, 0.25];
let engine: Engine;
let folder: string;

before(async () => {
  engine = await openEngine("wasm");
  folder = await temporaryFolder();
});
after(async () => engine.close());

/** Noise of that many images, and their shape. */
function noise(count: number, channels: number): [Float32Array, [number, number, number, number]] {
  const size = channels * side * side;
  return [
    Float32Array.from({ length: count * size }, (_, i) => hashUniform([8, 9], 0, i)),
    [count, channels, side, side],
  ];
}

/** A network whose running statistics have seen images. */
function network(channels: number): QualityNetwork {
  const made = buildBackbone(engine, configuration, { channels, side }) as QualityNetwork;
  const [images, shape] = noise(8, channels);
  for (let step = 0; step < 20; step++) {
    engine.scope(() => noGrad(() => made.forward(constant(engine.tensor(images, shape)), training(step))));
  }
  return made;
}

interface Saved {
  readonly path: string;
  /** Of three images, by the network that was saved. */
  readonly scores: Float32Array;
}

async function saved(channels: 1 | 3): Promise<Saved> {
  const made = network(channels);
  await mkdir(join(folder, `run-${channels}`), { recursive: true });
  const path = join(folder, `run-${channels}`, "quality.safetensors");
  const format = { channels, side };
  await saveQualityModel(path, { engine, network: made, configuration, format, classes: 45, references });
  const scores = await scoreBatch({ engine, network: made }, ...noise(3, channels));
  made.dispose();
  return { path, scores };
}

type Values = Map<string, { shape: readonly number[]; data: Float32Array }>;

/** A copy of the file, changed in tensors or metadata. */
async function changed(
  path: string,
  change: (tensors: Values, metadata: Record<string, string>) => void,
): Promise<string> {
  const file = await openSafetensors(path);
  const tensors: Values = new Map();
  for (const [name, stored] of file.tensors) {
    tensors.set(name, { shape: stored.shape, data: Float32Array.from(await stored.read()) });
  }
  await file.close();
  const metadata = { ...file.metadata };
  change(tensors, metadata);
  const copy = join(folder, "changed.safetensors");
  const sources = [...tensors].map(([name, { shape, data }]) => ({ name, dtype: "F32" as const, shape, chunks: () => [data] })); // prettier-ignore
  await writeSafetensors(copy, sources, metadata);
  return copy;
}

/** A sentence that names the file; nothing stays in memory. */
async function refused(path: string, message: RegExp): Promise<void> {
  const { tensors } = engine.memory();
  await assert.rejects(openQualityModel(path, engine), (error: Error) => {
    assert.ok(error.message.startsWith(path), error.message);
    assert.match(error.message, /[^.]\.$/, "one full stop");
    assert.match(error.message, message);
    return true;
  });
  assert.equal(engine.memory().tensors, tensors);
}

describe("a quality model", () => {
  for (const [channels, order] of [
    [1, "grey"],
    [3, "RGB"],
  ] as const) {
    it(`of ${channels} channels comes back as it was: scores bit for bit, images, origin and calibration`, async () => {
      const { path, scores } = await saved(channels);
      const { description, network: opened } = await openQualityModel(path, engine);
      assert.deepEqual(await scoreBatch({ engine, network: opened }, ...noise(3, channels)), scores);
      opened.dispose();
      assert.equal(description.name, `run-${channels}`);
      assert.deepEqual(description.network, configuration.network);
      assert.deepEqual(description.images, { channels, side, order });
      const { trained, calibration } = description;
      assert.deepEqual(trained, {
        ...{ dataset: "builtin", classes: 45, steps: 7, seed: "s", variant: "simultaneous", form: "paper" },
      });
      assert.equal(calibrate(calibration.minMax, 0.5), 0.5); // (0.5 + 1)/(2 + 1)
      assert.ok(Math.abs(calibrate(calibration.quantile, 0.5) - 2 / 3) <= Number.EPSILON); // third of four
    });
  }

  it("scores the same on another engine, to what rounding is", async () => {
    const { path, scores } = await saved(3);
    const other = new ReferenceEngine("float32");
    const { network: opened } = await openQualityModel(path, other);
    const found = await scoreBatch({ engine: other, network: opened }, ...noise(3, 3));
    found.forEach((score, i) => assert.ok(Math.abs(score - scores[i]) <= 1e-4 * (1 + Math.abs(scores[i]))));
    opened.dispose();
    assert.equal(other.memory().tensors, 0);
  });

  it("written twice is the same bytes", async () => {
    const first = await readFile((await saved(1)).path);
    assert.ok(first.equals(await readFile((await saved(1)).path)));
  });
});

describe("the self-check of a quality model", () => {
  for (const [what, name, change] of [
    ["a mean of a batch norm", /running_mean$/, (values: Float32Array) => values.map((value) => value + 0.5)],
    ["a variance of a batch norm", /running_var$/, (values: Float32Array) => values.map((value) => 2 * value)],
    ["a weight of the unit", /qs\.weight$/, (values: Float32Array) => values.map((value) => -value)],
    ["the bias of the unit", /qs\.bias$/, (values: Float32Array) => values.map((value) => value + 0.1)],
    ["a weight that is none", /qs\.weight$/, (values: Float32Array) => values.map(() => NaN)],
    ["a stored score", /^check\.scores$/, (values: Float32Array) => values.map((value, i) => value + (i === 1 ? 0.1 : 0))], // prettier-ignore
    ["a stored score that is none", /^check\.scores$/, (values: Float32Array) => values.map(() => NaN)],
    ["the range of the known images", /^check\.images$/, (values: Float32Array) => values.map((value) => 2 * value - 1)], // prettier-ignore
  ] as const) {
    it(`finds ${what} that was changed`, async () => {
      const { path } = await saved(3);
      const copy = await changed(path, (tensors) => {
        const found = [...tensors.keys()].filter((key) => name.test(key)).pop()!;
        const tensor = tensors.get(found)!;
        tensors.set(found, { ...tensor, data: change(tensor.data) });
      });
      await refused(copy, /self-check failed: known image \d scored .* when the model was written, and scores .* on wasm/); // prettier-ignore
    });
  }

  it("finds red and blue exchanged in the first convolution", async () => {
    const { path } = await saved(3);
    const copy = await changed(path, (tensors) => {
      const [found, { shape, data }] = [...tensors].find(([, of]) => of.shape.length === 4 && of.shape[1] === 3)!;
      const kernel = shape[2] * shape[3];
      const swapped = data.map((_, i) => {
        const channel = Math.floor(i / kernel) % 3;
        return data[i + (2 - channel - channel) * kernel];
      });
      tensors.set(found, { shape, data: swapped });
    });
    await refused(copy, /self-check failed/);
  });

  it("does not pass for want of known images, nor on images of another format", async () => {
    const { path } = await saved(1);
    const missing = /known images of its self-check, or their scores, are missing/;
    await refused(await changed(path, (tensors) => tensors.delete("check.images")), missing);
    await refused(await changed(path, (tensors) => tensors.delete("check.scores")), missing);
    const none = await changed(path, (tensors) => {
      tensors.set("check.images", { shape: [0, 1, side, side], data: new Float32Array(0) });
      tensors.set("check.scores", { shape: [0], data: new Float32Array(0) });
    });
    await refused(none, missing);
    const smaller = await changed(path, (tensors) => {
      tensors.set("check.images", { shape: [2, 1, 8, 8], data: new Float32Array(128) });
    });
    await refused(smaller, missing);
  });
});

describe("a file that is no quality model", () => {
  /** The description, with something put in its place. */
  const described = (change: (about: Record<string, Record<string, unknown>>) => void) => async (): Promise<string> =>
    changed((await saved(1)).path, (_, metadata) => {
      const about = JSON.parse(metadata.model) as Record<string, Record<string, unknown>>;
      change(about);
      metadata.model = JSON.stringify(about);
    });
  const withMetadata = (metadata: Record<string, string | undefined>) => async (): Promise<string> =>
    changed((await saved(1)).path, (_, of) => {
      for (const [key, value] of Object.entries(metadata)) {
        if (value === undefined) delete of[key];
        else of[key] = value;
      }
    });

  for (const [what, make, message] of [
    ["another format", withMetadata({ format: "partial-fc/checkpoint-1" }), /no quality model \(format "partial-fc\/checkpoint-1", needed "partial-fc\/quality-1"\)/], // prettier-ignore
    ["no format", withMetadata({ format: undefined }), /no quality model \(format "none"/],
    ["no description", withMetadata({ model: undefined }), /damaged metadata: "model": it must be an object/],
    ["a description cut short", withMetadata({ model: '{"name":' }), /damaged metadata: "model": .*JSON/],
    ["a network that is not known", described((about) => (about.network.kind = "vit")), /network\.kind must be one of/],
    ["a network that has no shape", described((about) => (about.network.blocks = [1])), /damaged metadata: "model": iresnet: 2 widths and 1 block counts/], // prettier-ignore
    ["a network for other images", described((about) => (about.network.kind = "mobilefacenet")), /damaged metadata: "model": .*112/], // prettier-ignore
    ["another number of channels", described((about) => (about.images.channels = 2)), /images\.channels must be/],
    ["an order that its channels have not", described((about) => (about.images.order = "RGB")), /images\.order/],
    ["a field that is not known", described((about) => (about.images.range = 1)), /images has no "range"/],
    ["a damaged calibration", described((about) => (about.calibration.minMax = { kind: "minMax", lowest: 1, highest: 0, references: 1 })), /"model": calibration: needs ascending lowest and highest; given 1, 0/], // prettier-ignore
    ["no calibration", described((about) => (about.calibration.quantile = undefined as unknown)), /"model": calibration: needs an object; given nothing/], // prettier-ignore
    ["another embedding", described((about) => (about.network.embedding = 9)), /is damaged: .*\[8.*\[9/],
  ] as const) {
    it(`is refused in a sentence: ${what}`, async () => refused(await make(), message));
  }

  it("is refused in a sentence: a tensor missing, or one too many", async () => {
    const { path } = await saved(1);
    await refused(await changed(path, (tensors) => tensors.delete("network.qs.bias")), /is damaged: .*qs\.bias/);
    const more = await changed(path, (tensors) => tensors.set("network.more", { shape: [1], data: new Float32Array(1) })); // prettier-ignore
    await refused(more, /is damaged: .*more/);
  });

  it("is refused in a sentence: no safetensors file, and none at all", async () => {
    const letter = join(folder, "letter.safetensors");
    await writeFile(letter, "dear friend, this is no model");
    await refused(letter, /not a safetensors file/);
    await refused(join(folder, "nowhere.safetensors"), /cannot be opened/);
  });
});
