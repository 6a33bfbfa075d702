/** Damaged quality models: their description, names and shapes of tensors, bytes anywhere. One that is taken scores known images as the whole one. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe } from "node:test";
import fc from "fast-check";
import type { QualityNetwork } from "../../src/crfiqa/index.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { buildBackbone } from "../../src/training/buildModel.js";
import { complete } from "../../src/training/configuration.js";
import { openQualityModel, saveQualityModel, type QualityModel } from "../../src/training/qualityModel.node.js";
import { openSafetensors } from "../../src/training/safetensors.node.js";
import { scoreBatch } from "../../src/training/scoreImages.js";
import { tinySettings } from "../../test/cli/pfc.js";
import { mutant, mutants, type Mutant } from "../arbitraries/byteMutations.js";
import { jsonMutants, textMutants } from "../arbitraries/jsonMutations.js";
import { property } from "../property.js";
import { underFire } from "./underFire.js";

const folder = mkdtempSync(join(tmpdir(), "quality-fire-"));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, "quality.safetensors");

const engine = await openEngine("reference");
const configuration = complete({ ...tinySettings, quality: { variant: "simultaneous" } });
const format = { channels: 3, side: 8 };
const network = buildBackbone(engine, configuration, format) as QualityNetwork;
await saveQualityModel(path, { engine, network, configuration, format, classes: 2, references: [0, 1, 3] });
const { images, scores } = await knownImages();

async function knownImages(): Promise<{ readonly images: Float32Array; readonly scores: Float32Array }> {
  const file = await openSafetensors(path);
  const read = async (name: string) => Float32Array.from(await file.tensors.get(name)!.read());
  const known = { images: await read("check.images"), scores: await read("check.scores") };
  await file.close();
  return known;
}

const sound = Uint8Array.from(readFileSync(path));
const headerLength = Number(Buffer.from(sound.buffer).readBigUInt64LE(0));
const data = sound.subarray(8 + headerLength);

interface Header {
  readonly __metadata__: Readonly<Record<"format" | "model", string>>;
  readonly [name: string]: unknown;
}
const header = JSON.parse(Buffer.from(sound.subarray(8, 8 + headerLength)).toString()) as Header;
const metadata = header.__metadata__;

/** The file with another text for a header, its length put right. */
function withHeader(text: string): Mutant {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
  return mutant(Uint8Array.from(Buffer.concat([length, Buffer.from(text), data])), text.slice(0, 3000));
}

function damagedDescription(): fc.Arbitrary<Mutant> {
  return fc
    .oneof(
      { weight: 4, arbitrary: jsonMutants(JSON.parse(metadata.model)) },
      { weight: 1, arbitrary: textMutants(metadata.model) },
    )
    .map((model) => withHeader(JSON.stringify({ ...header, __metadata__: { ...metadata, model } })));
}

/** Of another network: a description that would take more memory than there is. */
function described(changes: object): Mutant {
  const about = JSON.parse(metadata.model) as { network: object };
  const model = JSON.stringify({ ...about, network: { ...about.network, ...changes } });
  return withHeader(JSON.stringify({ ...header, __metadata__: { ...metadata, model } }));
}

/** Of the self-check, and as much again where one of its own numbers was damaged by less. */
const TOLERANCE = 2e-3;

async function check({ network: opened, description }: QualityModel): Promise<void> {
  const { channels, side } = description.images;
  assert.deepEqual({ channels, side }, format);
  const found = await scoreBatch({ engine, network: opened }, images, [2, channels, side, side]);
  opened.dispose();
  found.forEach((score, i) => {
    const allowed = TOLERANCE * (1 + Math.abs(scores[i]));
    assert.ok(Math.abs(score - scores[i]) <= allowed, `image ${i} scored ${scores[i]}, and now ${score}`);
  });
}

async function fire({ bytes }: Mutant): Promise<void> {
  writeFileSync(path, bytes);
  const { tensors } = engine.memory();
  await underFire({ name: path, size: bytes.length }, () => openQualityModel(path, engine), check);
  assert.equal(engine.memory().tensors, tensors);
}

describe("quality models under fire", () => {
  property("a damaged description gives a whole model or is refused by name", [damagedDescription()], fire, {
    runs: 200,
    examples: [[described({ widths: [65_536, 65_536] })], [described({ kind: "iresnet200", embedding: 65_536 })]],
  });

  property("a damaged header gives a whole model or is refused by name", [jsonMutants(header).map(withHeader)], fire, {
    runs: 100,
  });

  property(
    "damaged bytes give a model that scores as it did or are refused by name",
    [mutants({ bytes: sound, fields: [{ name: "header length", offset: 0, length: 8 }] })],
    fire,
    { runs: 100 },
  );
});
