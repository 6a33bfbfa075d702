/** Tables of scores: what is written is what is read, by a reader that follows RFC 4180 character by character. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { scoresAsCsv } from "../../src/training/scoreTable.js";
import { property } from "../property.js";

/** Records of a CSV text whose lines all end in CR LF. */
function records(text: string): string[][] {
  const all: string[][] = [];
  let record: string[] = [];
  let field = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    if (quoted && text.startsWith('""', i)) {
      field += '"';
      i++;
    } else if (text[i] === '"') quoted = !quoted;
    else if (quoted) field += text[i];
    else if (text[i] === ",") {
      record.push(field);
      field = "";
    } else if (text.startsWith("\r\n", i)) {
      all.push([...record, field]);
      [record, field] = [[], ""];
      i++;
    } else field += text[i];
  }
  assert.deepEqual([record, field, quoted], [[], "", false], "the last line has no end");
  return all;
}

const names = () =>
  fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(",", '"', "\n", "\r", "a", " ")).map((parts) => parts.join("")),
  );
const finite = () => fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0); // no −0: its digits are 0's
const calibrated = () => fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined });

describe("scores as CSV", () => {
  property(
    "are read as they were written: every name, and every number to the last bit",
    [fc.array(fc.record({ image: names(), score: finite(), minMax: calibrated(), quantile: calibrated() }))],
    (rows) => {
      const [header, ...lines] = records(scoresAsCsv(rows));
      assert.deepEqual(header, ["image", "score", "minMax", "quantile"]);
      const number = (text: string): number | undefined => (text === "" ? undefined : Number(text));
      const read = lines.map(([image, ...numbers]) => [image, ...numbers.map(number)]);
      assert.deepEqual(
        read,
        rows.map(({ image, score, minMax, quantile }) => [image, score, minMax, quantile]),
      );
    },
  );
});
