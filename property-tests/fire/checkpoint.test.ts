/** Damaged checkpoints: their metadata (settings, progress, numbers of updates), the tensors' names and shapes, bytes anywhere. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe } from "node:test";
import fc from "fast-check";
import { openEngine } from "../../src/tensor/openEngine.js";
import { buildTrainee } from "../../src/training/buildModel.js";
import { loadCheckpoint, saveCheckpoint } from "../../src/training/checkpoint.node.js";
import { complete } from "../../src/training/configuration.js";
import { tinySettings } from "../../test/cli/pfc.js";
import { numberedSet } from "../../test/data/miniatures.js";
import { mutant, mutants, type Mutant } from "../arbitraries/byteMutations.js";
import { jsonMutants, textMutants } from "../arbitraries/jsonMutations.js";
import { property } from "../property.js";
import { underFire } from "./underFire.js";

const folder = mkdtempSync(join(tmpdir(), "checkpoint-fire-"));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, "last.safetensors");

const engine = await openEngine("reference");
const configuration = complete(tinySettings);
const trainee = buildTrainee(engine, configuration, numberedSet(8, 16), () => undefined);
await saveCheckpoint(path, trainee, { step: 3, best: 0.5 }, configuration);

const sound = Uint8Array.from(readFileSync(path));
const headerLength = Number(Buffer.from(sound.buffer).readBigUInt64LE(0));
const data = sound.subarray(8 + headerLength);

interface Header {
  readonly __metadata__: Readonly<Record<"format" | "configuration" | "progress" | "updates", string>>;
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

/** One of the texts in the metadata is damaged, which are JSON themselves. */
function damagedMetadata(): fc.Arbitrary<Mutant> {
  return fc
    .constantFrom("configuration" as const, "progress" as const, "updates" as const)
    .chain((key) =>
      fc
        .oneof(
          { weight: 4, arbitrary: jsonMutants(JSON.parse(metadata[key])) },
          { weight: 1, arbitrary: textMutants(metadata[key]) },
        )
        .map((text) => withHeader(JSON.stringify({ ...header, __metadata__: { ...metadata, [key]: text } }))),
    );
}

async function fire({ bytes }: Mutant): Promise<void> {
  writeFileSync(path, bytes);
  const load = () => loadCheckpoint(path, trainee, configuration);
  await underFire({ name: path, size: bytes.length }, load, ({ step, best, validationDue }) => {
    assert.ok(Number.isSafeInteger(step) && step >= 0);
    assert.ok(best === undefined || Number.isFinite(best));
    assert.ok(validationDue === undefined || validationDue === true);
  });
}

describe("checkpoints under fire", () => {
  property("damaged metadata give whole progress or are refused by name", [damagedMetadata()], fire, { runs: 200 });

  property("a damaged header gives whole progress or is refused by name", [jsonMutants(header).map(withHeader)], fire, {
    runs: 200,
  });

  property(
    "damaged bytes give whole progress or are refused by name",
    [mutants({ bytes: sound, fields: [{ name: "header length", offset: 0, length: 8 }] })],
    fire,
    { runs: 100 },
  );
});
