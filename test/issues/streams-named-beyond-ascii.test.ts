/**
 * Streams whose names differ only beyond the low eight bits of a character were one and the same: "A" and "Ł" (0x41 and 0x141),
 * "a" and "š". seedrandom reads no more of a character.
 */
import assert from "node:assert/strict";
import { it } from "node:test";
import seedrandom from "seedrandom";
import { stream } from "../../src/tensor/random.js";

it("texts that share the low bytes of their characters name different streams", () => {
  const names = ["A", "Ł", "\u0241", "\u4141", "\\u0141"];
  assert.equal(new Set(names.map((name) => stream("seed", name).uniform())).size, names.length);
});

it("names in ASCII name the streams that they always did: runs that were stopped go on as they began", () => {
  const [word] = stream(7, "negatives", 3, 0).key();
  assert.equal(word, seedrandom('[7,"negatives",3,0]').int32() >>> 0);
});
