/** Damaged `.npy` files: bytes anywhere, the header as text with its length right or wrong, bytes of no kind. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { readNpy, type NpyArray } from "../../src/data/npy/npy.js";
import { npyFile, npyHeader, type NpyFile } from "../../test/data/npy/npyFile.js";
import { mutant, mutants, randomBytes, type Mutant, type SampleFile } from "../arbitraries/byteMutations.js";
import { textMutants } from "../arbitraries/jsonMutations.js";
import { property } from "../property.js";
import { underFire } from "./underFire.js";

const NAME = "features.npy";
const TYPES = ["<f2", ">f4", "<f8", "<i8", ">u8", "|b1", "<i4"];

function sampleOf(type: string, version: 1 | 2 | 3, fortran: boolean): SampleFile {
  const body = Uint8Array.from({ length: 6 * Number(type[2]) }, (_, i) =>
    i % Number(type[2]) < 4 ? (37 * i) % 256 : 0,
  );
  const bytes = npyFile({ header: npyHeader(type, "(2, 3)", fortran), body, version });
  return { bytes, fields: [{ name: "header length", offset: 8, length: version === 1 ? 2 : 4 }] };
}

const samples = TYPES.flatMap((type) => ([1, 2, 3] as const).map((version) => sampleOf(type, version, version === 2)));

async function fire({ bytes }: { readonly bytes: Uint8Array }): Promise<void> {
  await underFire(
    { name: NAME, size: bytes.length, saysByte: true },
    () => readNpy(bytes, NAME),
    (array) => checkArray(bytes.length, array),
  );
}

/** As many elements as the shape says, and no more than the file has bytes. */
function checkArray(size: number, { shape, dtype, data }: NpyArray): void {
  const count = shape.includes(0) ? 0 : shape.reduce((product, extent) => product * extent, 1);
  assert.equal(data.length, count);
  assert.ok(count * Number(dtype.slice(-1)) <= size);
  assert.ok(data.every((value) => typeof value === "number"));
}

const headers = fc.constantFrom(...TYPES).chain((type) => textMutants(npyHeader(type, "(2, 3)")));

describe(".npy under fire", () => {
  property(
    "damaged bytes are read in full or refused with the byte",
    [fc.constantFrom(...samples).chain(mutants)],
    fire,
    { runs: 400 },
  );

  property(
    "a damaged header is read in full or refused with the byte",
    [headers, fc.constantFrom(1, 2, 3)],
    (header, version) => fire(damaged({ header, body: new Uint8Array(48), version: version })),
    { runs: 400 },
  );

  property(
    "a shape of any size takes no memory that the file does not have",
    [fc.constantFrom(...TYPES), fc.array(fc.maxSafeNat(), { maxLength: 6 }), fc.boolean()],
    (type, shape, fortran) => {
      const tuple = `(${shape.map((extent) => `${extent},`).join(" ")})`;
      return fire(damaged({ header: npyHeader(type, tuple, fortran), body: new Uint8Array(8) }));
    },
    { runs: 100 },
  );

  property("bytes of no kind are refused with the byte", [randomBytes(samples[0].bytes.subarray(0, 40))], fire, {
    runs: 100,
  });
});

function damaged(file: NpyFile): Mutant {
  return mutant(npyFile(file), file.header.slice(0, 2000));
}
