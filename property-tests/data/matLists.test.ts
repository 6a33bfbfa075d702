/** Lists from MATLAB files: what was written is read, in both byte orders, plain or compressed, among variables and fields of any size. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { inflate } from "../../src/data/mat/inflate.node.js";
import { readMatRecords } from "../../src/data/mat/readMat.js";
import { matFile, type MatVariable } from "../../test/data/mat/matFile.js";
import { property } from "../property.js";

// texts of every length, so that elements end at every place between two of their padding; of up to two letters they are small elements
const texts = fc.stringMatching(/^[a-zA-Z0-9_./]{0,13}$/);
const numbers = fc.oneof(fc.nat({ max: 255 }), fc.integer(), fc.double({ noNaN: true }).map((value) => value + 0)); // prettier-ignore
const boxes = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 5 });
const records = fc.array(fc.record({ path: texts, box: boxes, class: numbers }), { minLength: 1, maxLength: 6 });
/** Variables before and behind the list that is looked for. */
const others = fc.array(
  fc.tuple(fc.stringMatching(/^[a-z]{1,20}$/), fc.array(fc.nat({ max: 255 }), { minLength: 1, maxLength: 12 })),
  { maxLength: 3 },
);
const styles = fc.record({ order: fc.constantFrom("little" as const, "big" as const), compressed: fc.boolean() });

const WANTED = { variable: "Annotations", fields: { class: "number", path: "text" }, inflate } as const;
const named = (lists: readonly (readonly [string, readonly number[]])[]): MatVariable[] =>
  lists.map(([name, value]) => ({ name, value }));

describe("lists from MATLAB files", () => {
  property(
    "are the records that were written, with the fields that are asked for",
    [records, others, others, styles],
    (list, before, behind, style) => {
      const variables = [...named(before), { name: "Annotations", value: list }, ...named(behind)];
      const read = readMatRecords(matFile(variables, style), "list.mat", WANTED);
      assert.deepEqual(
        read.map((record) => ({ ...record })),
        list.map(({ path, class: label }) => ({ path, class: label })),
      );
    },
  );

  property(
    "are missed by their name, with the names of all that is there",
    [others.filter((lists) => lists.length > 0), styles],
    (lists, style) => {
      assert.throws(
        () => readMatRecords(matFile(named(lists), style), "list.mat", WANTED),
        new RegExp(`no variable "Annotations".*${lists.map(([name]) => `"${name}"`).join(", ")}`),
      );
    },
  );
});
