/** The file of a network's predictions: what is written is what is read; what is damaged is refused in a sentence. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { formatPredictions, parsePredictions } from "../../src/data/predictions.js";
import { property } from "../property.js";

const words = fc.oneof(fc.string({ unit: "binary" }), fc.array(fc.constantFrom(" ", "1", "0.5", "a", "\u2028")).map((parts) => parts.join(""))); // prettier-ignore
const paths = words.map((text) => text.replace(/[\r\n]/g, "").trim()).filter((text) => text !== "");
const classes = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const scores = fc.float({ noNaN: true, noDefaultInfinity: true }).map((score) => score + 0); // no −0: its digits are 0's
const rows = fc.uniqueArray(fc.record({ path: paths, truth: classes, predicted: classes, score: scores }), {
  selector: ({ path }) => path,
  minLength: 1,
  maxLength: 6,
});

describe("a predictions file", () => {
  property("reads back as it was written, to the bit", [rows], (all) => {
    const predictions = {
      paths: all.map(({ path }) => path),
      truth: Int32Array.from(all, ({ truth }) => truth),
      predicted: Int32Array.from(all, ({ predicted }) => predicted),
      scores: Float32Array.from(all, ({ score }) => score),
    };
    assert.deepEqual(parsePredictions(formatPredictions(predictions), "list"), predictions);
  });

  property("is read or refused with its name, whatever it holds", [words, fc.array(words)], (first, others) => {
    const text = [first, ...others].join("\n");
    try {
      const { paths: read, truth } = parsePredictions(text, "list");
      assert.equal(read.length, truth.length);
    } catch (error) {
      assert.match((error as Error).message, /^list: /);
    }
  });
});
