/** Damaged ground truth of Revisited Oxford: pickles with dictionaries, and lists that are shown again and again. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe } from "node:test";
import fc from "fast-check";
import { readRevisitedGroundTruth, type RevisitedGroundTruth } from "../../src/data/revisited/groundTruth.js";
import { mutants, type SampleFile } from "../arbitraries/byteMutations.js";
import { property } from "../property.js";
import { underFire } from "./underFire.js";

const NAME = "gnd_roxford5k.pkl";
const fixtures = new URL("../../test/data/revisited/fixtures/", import.meta.url);
const samples = [2, 3].map((protocol): SampleFile => ({
  bytes: new Uint8Array(readFileSync(new URL(`gnd-protocol${protocol}.pkl`, fixtures))),
  fields: [],
}));

async function fire(bytes: Uint8Array): Promise<void> {
  await underFire({ name: NAME, size: bytes.length }, () => readRevisitedGroundTruth(bytes, NAME), check);
}

function check({ images, queries }: RevisitedGroundTruth): void {
  for (const { easy, hard, junk } of queries) {
    for (const list of [easy, hard, junk]) assert.ok(list.every((image) => image >= 0 && image < images.length));
  }
}

/** One query's dictionary shown for all of them; its list has `length` entries, and so do the names. */
function shown(queries: number, length: number): Uint8Array {
  const key = (name: string): string => `U${String.fromCharCode(name.length)}${name}`;
  const list = `](${"K\0".repeat(length)}e`;
  const truth = `}(${key("easy")}${list}q\x01${key("hard")}h\x01${key("junk")}h\x01u`;
  const names = `](${key("n")}q\x02${"h\x02".repeat(queries - 1)}e`;
  const gnd = `](${truth}q\x03${"h\x03".repeat(queries - 1)}e`;
  return Uint8Array.from(
    Buffer.from(`\x80\x02}(${key("imlist")}${names}${key("qimlist")}${names}${key("gnd")}${gnd}u.`, "latin1"),
  );
}

describe("ground truth under fire", () => {
  property(
    "damaged bytes are read in full or refused by name",
    [fc.constantFrom(...samples).chain(mutants)],
    ({ bytes }) => fire(bytes),
    { runs: 400 },
  );

  property(
    "lists that are shown again and again take no more than the file does",
    [fc.integer({ min: 1, max: 8000 }), fc.integer({ min: 1, max: 8000 })],
    (queries, length) => fire(shown(queries, length)),
    { runs: 40 },
  );
});
