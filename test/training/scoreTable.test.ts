import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RANGE_NOTE, scoresAsCsv, scoresAsJson } from "../../src/training/scoreTable.js";

describe("scores as CSV", () => {
  it("has a header, one line an image, and empty fields where there is no calibration", () => {
    const rows = [
      { image: "a.png", score: 1.25, minMax: 1, quantile: 0.975 },
      { image: "b.png", score: -0.1, quantile: 0 },
      { image: "c.png", score: 2e-7 },
    ];
    assert.equal(
      scoresAsCsv(rows),
      "image,score,minMax,quantile\r\na.png,1.25,1,0.975\r\nb.png,-0.1,,0\r\nc.png,2e-7,,\r\n",
    );
  });

  it("quotes names with commas, quotes and ends of lines, and no others", () => {
    const names = ["a,b", 'say "x"', "two\nlines", "two\rlines", "plain name;\t'=1+1", ""];
    const [, ...lines] = scoresAsCsv(names.map((image) => ({ image, score: 0 }))).split("\r\n");
    assert.deepEqual(lines, [
      '"a,b",0,,',
      '"say ""x""",0,,',
      '"two\nlines",0,,',
      '"two\rlines",0,,',
      "plain name;\t'=1+1,0,,",
      ",0,,",
      "",
    ]);
  });

  it("is the header alone without images", () => {
    assert.equal(scoresAsCsv([]), "image,score,minMax,quantile\r\n");
  });
});

describe("scores as JSON", () => {
  it("names the model, says how to read a score, and lists images and what was skipped", () => {
    const rows = [
      { image: "a.png", score: 1.25, minMax: 1, quantile: 0.975 },
      { image: 'b "x".png', score: -0.1 },
    ];
    const skipped = [{ name: "c.png", reason: "not an image" }];
    const text = scoresAsJson(rows, { model: "best.safetensors", skipped });
    assert.deepEqual(JSON.parse(text), { model: "best.safetensors", range: RANGE_NOTE, images: rows, skipped });
    assert.match(RANGE_NOTE, /Higher is better\. The range of a score is open/);
    assert.ok(text.endsWith("}\n"));
  });
});

describe("scores in a file", () => {
  it("are finite: CSV would hold a word, JSON null", () => {
    const about = { model: "m", skipped: [] };
    for (const value of [NaN, Infinity, -Infinity]) {
      const rows = [{ image: "a.png", score: value }];
      const sentence = new RegExp(`a score must be a finite number, but that of a.png is ${value}`);
      assert.throws(() => scoresAsCsv(rows), sentence);
      assert.throws(() => scoresAsJson(rows, about), sentence);
    }
    const calibrated = [{ image: "a.png", score: 1, quantile: NaN }];
    assert.throws(() => scoresAsCsv(calibrated), /a quantile must be a finite number, but that of a.png is NaN/);
  });
});
