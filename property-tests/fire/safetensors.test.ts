/** Damaged safetensors files: bytes anywhere, the JSON of the header (its length then right or wrong), bytes of no kind. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe } from "node:test";
import fc from "fast-check";
import { openSafetensors, type StoredTensor } from "../../src/training/safetensors.node.js";
import { mutant, mutants, randomBytes, type Mutant, type SampleFile } from "../arbitraries/byteMutations.js";
import { jsonMutants, textMutants } from "../arbitraries/jsonMutations.js";
import { property } from "../property.js";
import { underFire } from "./underFire.js";

const HEADER = {
  __metadata__: { format: "pt", step: "7" },
  weight: { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
  "block.0.bias": { dtype: "F64", shape: [2], data_offsets: [24, 40] },
  empty: { dtype: "F32", shape: [0, 4], data_offsets: [40, 40] },
  scalar: { dtype: "F32", shape: [], data_offsets: [40, 44] },
};
const DATA = new Uint8Array(44).fill(63);

/** Laid out from the format's description, not by the writer. */
function fileOf(header: string, length = Buffer.byteLength(header)): Uint8Array {
  const announced = Buffer.alloc(8);
  announced.writeBigUInt64LE(BigInt(length));
  return Uint8Array.from(Buffer.concat([announced, Buffer.from(header), DATA]));
}

const sample: SampleFile = {
  bytes: fileOf(JSON.stringify(HEADER)),
  fields: [{ name: "header length", offset: 0, length: 8 }],
};

const folder = mkdtempSync(join(tmpdir(), "safetensors-fire-"));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, "damaged.safetensors");

async function fire({ bytes }: Mutant): Promise<void> {
  writeFileSync(path, bytes);
  await underFire({ name: path, size: bytes.length, saysByte: true }, readAll, ([metadata, tensors, elements]) =>
    checkTensors(bytes.length, metadata, tensors, elements),
  );
}

type Read = [
  metadata: Readonly<Record<string, string>>,
  tensors: ReadonlyMap<string, StoredTensor>,
  elements: number[],
];

/** Opens the file and reads all tensors; gives how many elements of each came. */
async function readAll(): Promise<Read> {
  const file = await openSafetensors(path);
  try {
    const elements: number[] = [];
    for (const tensor of file.tensors.values()) elements.push((await tensor.read()).length);
    return [file.metadata, file.tensors, elements];
  } finally {
    await file.close();
  }
}

/** Names and metadata are text, elements are as many as the shape says, and no more bytes than the file has. */
function checkTensors(size: number, ...[metadata, tensors, elements]: Read): void {
  for (const [key, value] of Object.entries(metadata)) assert.ok(typeof key === "string" && typeof value === "string");
  let bytes = 8;
  for (const [index, [name, { dtype, shape }]] of [...tensors].entries()) {
    assert.equal(typeof name, "string");
    // === as 0 and -0 are the same number of elements
    assert.ok(elements[index] === shape.reduce((product, extent) => product * extent, 1));
    bytes += elements[index] * (dtype === "F32" ? 4 : 8);
  }
  assert.ok(bytes <= size);
}

const headers = fc.oneof(
  { weight: 4, arbitrary: jsonMutants(HEADER) },
  { weight: 1, arbitrary: textMutants(JSON.stringify(HEADER)) },
);

describe("safetensors under fire", () => {
  property("damaged bytes are read in full or refused with the byte", [mutants(sample)], fire, { runs: 200 });

  property(
    "a damaged header is read in full or refused with the byte",
    [headers.map((header) => mutant(fileOf(header), header.slice(0, 2000)))],
    fire,
    { runs: 300 },
  );

  property(
    "a header of another length than announced is read in full or refused with the byte",
    [
      fc
        .tuple(headers, fc.nat({ max: 400 }))
        .map(([header, length]) => mutant(fileOf(header, length), `announced ${length}`)),
    ],
    fire,
    { runs: 50 },
  );

  property("bytes of no kind are refused with the byte", [randomBytes(sample.bytes.subarray(0, 30))], fire, {
    runs: 50,
  });
});
