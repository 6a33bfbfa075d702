import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatPredictions, parsePredictions } from "../../src/data/predictions.js";

const sample = {
  paths: ["a/1.jpg", "two words 7 8.jpg"],
  truth: Int32Array.of(3, 81312),
  predicted: Int32Array.of(3, 0),
  scores: Float32Array.of(0.3, -1e-7),
};

describe("a predictions file", () => {
  it("is a line an image: path, true class, predicted class, score", () => {
    assert.equal(formatPredictions(sample), "a/1.jpg 3 3 0.300000012\ntwo words 7 8.jpg 81312 0 -1.00000001e-7\n");
    assert.deepEqual(parsePredictions(formatPredictions(sample), "list"), sample);
  });
  it("may end its lines and begin as Windows does, and the last one not end at all", () => {
    const { paths, scores } = parsePredictions("a 0 1 0.5\r\nb 1 1 2", "list");
    assert.deepEqual([paths, [...scores]], [["a", "b"], [0.5, 2]]); // prettier-ignore
    assert.deepEqual(parsePredictions("\uFEFFa 0 1 -5E-1", "list"), parsePredictions("a 0 1 -.5", "list"));
  });
  it("is refused with the number of the line that is wrong", () => {
    const parse = (text: string) => () => parsePredictions(text, "list.txt");
    for (const line of [
      "b 1 0.5",
      "b 1 x 0.5",
      "b 1 -1 0.5",
      "b 1 1.5 0.5",
      "b 1 1 high",
      "b 1 1 1e99",
      "b 1 1 0x10",
      "",
      " b 1 1 1",
      "b 1 2147483648 0",
    ]) {
      assert.throws(parse(`a 0 1 0.5\n${line}\nc 0 0 1\n`), /^Error: list\.txt: a line is a path.*but line 2 is "/);
    }
    assert.throws(parse("a 0 1 1\nb 0 1 1\na 1 1 1"), /lines 1 and 3 are both of "a"\.$/);
    assert.throws(parse(""), /list\.txt: .* this one is empty/);
  });
  it("is not written where it could not be read", () => {
    const write = (change: object) => () => formatPredictions({ ...sample, ...change });
    for (const path of ["", "a\nb", " a", "a\t"])
      assert.throws(write({ paths: [path, "b"] }), /neither begins nor ends/);
    assert.throws(write({ paths: ["a", "a"] }), /lines 1 and 2 are both of "a"/);
    assert.throws(write({ truth: Int32Array.of(1) }), /one an image, given 2, 1, 2, 2\.$/);
    assert.throws(write({ scores: Float32Array.of(1, NaN) }), /finite score, but line 2/);
    assert.throws(write({ predicted: Int32Array.of(1, -1) }), /but line 2/);
  });
});
